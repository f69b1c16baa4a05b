/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/set.h"
#include "lists.h"

#include <errno.h>

/** A set of one list, and what was said of it; `text` has many lines. */
static struct nta_blacklist *load(const char *text, struct nta_buf *complaints)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(add_text(builder, text, false, complaints, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    return set;
}

static void a_wildcard_stands_for_any_bytes_or_none(void **state)
{
    static const struct
    {
        const char *pattern, *name, *verdict;
    } rows[] = {
        {"ads*.example", "ads.example", "ads*.example@1"},
        {"ads*.example", "ads1.example", "ads*.example@1"},
        {"ads*.example", "ads.in.example", "ads*.example@1"},
        {"ads*.example", "www.ads7.example", "ads*.example@1"},
        {"ads*.example", "wads7.example", "-"},
        {"ads*.example", "ads7.example.net", "-"},
        {"ads*.example", "ad.example", "-"},
        {"=ads*.example", "ads1.example", "=ads*.example@1"},
        {"=ads*.example", "www.ads1.example", "-"},
        {"*.ads*.example", "www.ads1.example", "*.ads*.example@1"},
        {"*.ads*.example", "ads1.example", "-"},
        {"*ads.example", "badads.example", "*ads.example@1"},
        {"*ads.example", "x.badads.example", "*ads.example@1"},
        {"*track*", "thetracker.net", "*track*@1"},
        {"*track*", "track", "*track*@1"},
        {"*track*", "trac.k", "-"},
        {"AD**Server*.Example", "adserver1.example", "ad*server*.example@1"},
        {"abc*abc*abc.example", "abcabcabc.example", "abc*abc*abc.example@1"},
        {"abc*abc*abc.example", "abcabc.example", "-"}, /* no byte is used twice */
        {"*abab*ab", "abab", "-"},
        {"*abab*ab", "ababab", "*abab*ab@1"},
        {"||ads*.example^", "x.ads1.example", "ads*.example@1"},
        {"||ads.", "ads.foreign.example", "ads.*@1"},
        {"||ads.", "x.ads.foreign.example", "ads.*@1"},
        {"||ads.", "myads.foreign.example", "-"},
        {"||track.shop7.", "x.track.shop7.de", "track.shop7.*@1"},
        {"||good.shop7.com.", "good.shop7.com", "good.shop7.com@1"}, /* the root's dot */
        {"address=/ex*ample.example/0.0.0.0", "exxample.example", "ex*ample.example@1"},
        {"address=/*sample.example/#", "xsample.example", "*sample.example@1"},
        {".ads*.example", "ads1.example", "ads*.example@1"},
        {"*a*b*c*d*e*f*gist*h", "abcdefgisth", "*a*b*c*d*e*f*gist*h@1"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of(rows[i].pattern, NULL);

        if (strcmp(verdict(set, rows[i].name), rows[i].verdict) != 0)
            fail_msg("%s, %s: %s", rows[i].pattern, rows[i].name, verdict(set, rows[i].name));
    }
}

static void addresses_that_begin_so_are_networks(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("10.1.*\n172.*.*.*\n||104.154.\n||198.51.100.*^\n", NULL);

    (void)state;
    assert_string_equal(verdict_addr(set, "104.154.7.9"), "104.154.0.0/16@3");
    assert_string_equal(verdict_addr(set, "104.155.7.9"), "-");
    assert_string_equal(verdict_addr(set, "10.1.2.3"), "10.1.0.0/16@1");
    assert_string_equal(verdict_addr(set, "172.1.2.3"), "172.0.0.0/8@2");
    assert_string_equal(verdict_addr(set, "198.51.100.3"), "198.51.100.0/24@4");
}

static void the_one_with_more_letters_decides(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("ads*.example\nshop.example\n*longword*\n||hard*.example^$important\n",
               "good.ads1.example\ngood*.shop.example\nlong.example\nlongword.example\n"
               "hard*.example\n@@||ads-ok*.example^\n");

    (void)state;
    assert_string_equal(verdict(set, "ads1.example"), "ads*.example@1");
    assert_string_equal(verdict(set, "x.good.ads1.example"), "-");
    assert_string_equal(verdict(set, "ads-ok2.example"), "-");
    assert_string_equal(verdict(set, "bad.shop.example"), "shop.example@2");
    assert_string_equal(verdict(set, "good2.shop.example"), "-");
    assert_string_equal(verdict(set, "longword.example.net"), "*longword*@3");
    assert_string_equal(verdict(set, "longword.example"), "-");
    assert_string_equal(verdict(set, "hard7.example"), "hard*.example@4");
}

static bool collect(void *owner, const struct nta_hit *hit, bool allow)
{
    struct nta_buf *text = owner;

    nta_buf_printf(text, "%s%.*s ", allow ? "+" : "", (int)hit->entry.len,
                   (const char *)hit->entry.ptr);
    return true;
}

static void all_that_cover_a_name_are_shown_in_order(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "example\nads1.example\n*ds1*\nads*.example\n*ads1*\n*.example.net\n", "*example*\n");
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    (void)state;
    nta_blacklist_each_name(set, "ads1.example", 12, collect, &text);
    nta_buf_put(&text, "", 1);
    assert_string_equal((const char *)text.ptr,
                        "ads1.example ads*.example +*example* *ads1* *ds1* ");
}

static void what_a_rule_takes_back_is_gone(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of(
        "||ads*.example^\n||ads*.example^$badfilter\n||bad*.example^\n||bad*.example^\n", NULL);

    (void)state;
    assert_string_equal(verdict(set, "ads1.example"), "-");
    assert_string_equal(verdict(set, "bad1.example"), "bad*.example@3");
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_duplicates, 1);
}

static void what_would_cover_everybody_is_refused(void **state)
{
    static const char *const lines[] = {"*",
                                        "*.*",
                                        "ad*.com",
                                        "www.*",
                                        "*.com*",
                                        "*.co.uk*",
                                        "a*.co.uk",
                                        "a*b*c*d*e*fg",
                                        "*ab*",
                                        "||www.*.com^",
                                        "||tk^",
                                        "||xn--p1ai^",
                                        "*a*a*a*a*a*a*a*a*example",
                                        "*info",
                                        "info*",
                                        "*.info*",
                                        "*online",
                                        "*xyz",
                                        "*edu",
                                        "*arpa",
                                        "*.gov.*",
                                        "||gov.",
                                        "*.asso.*",
                                        "*.gov.uk*",
                                        "*gov*.uk",
                                        "*gov.uk",
                                        "xn--*",
                                        "*.xn-*",
                                        "*xn--p1ai",
                                        "||*.info*^",
                                        "||co.uk^"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};

        (void)snprintf(text, sizeof(text), "ok.example\n%s\n", lines[i]);
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = load(text, &complaints);

        nta_buf_put(&complaints, "", 1);
        if (nta_blacklist_get_list(set, 0)->n_skipped != 1 || complaints.len < 2)
            fail_msg("%s is taken", lines[i]);
        if (lines[i][0] == '|' && !strstr((const char *)complaints.ptr, "key force"))
            fail_msg("%s: no advice: %s", lines[i], (const char *)complaints.ptr);
    }
}

/** Letters that are a top-level domain in another place than its own. */
static void letters_of_a_suffix_say_something_before_another(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("info*.com\nonline.*\n*info.example\nxn--abc*\n*info7*\n*123*\n*casino*\n", NULL);

    (void)state;
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_taken, 7);
    assert_string_equal(verdict(set, "info9.com"), "info*.com@1");
    assert_string_equal(verdict(set, "online.bank.example"), "online.*@2");
    assert_string_equal(verdict(set, "a-casino.example"), "*casino*@7");
    assert_string_equal(verdict(set, "a123.example"), "*123*@6");
}

/** No name consists of numbers, and addresses are compared with networks only. */
static void a_wildcard_inside_an_address_is_passed_over(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        load("ok.example\n192.0.*.5\n192.0.2.1*\n192.0.2.*0-192.0.2.99\n=192.0.*.5\n*.0.2.5*\n"
             "198.51.100.*\n||192.168.*.7^\n||192.0.2.1*^\n",
             NULL);

    (void)state;
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_taken, 2);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 7);
    assert_string_equal(nta_blacklist_get_list(set, 0)->reasons[0].text,
                        "a wildcard in an address other than at its end (192.0.*)");
    assert_int_equal(nta_blacklist_get_list(set, 0)->reasons[0].n, 7);
    assert_string_equal(verdict_addr(set, "198.51.100.7"), "198.51.100.0/24@7");
}

static void what_is_no_name_is_passed_over(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = load(
        "ok.example\nfoo*bar:80\nfo$o*bar\nfoo..*bar\n||bad.example/ads/*\nf\xc3\xbc*bar\n", NULL);

    (void)state;
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_taken, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 5);
}

static void nine_that_have_nothing_else_share_no_three_bytes(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = load(
        "a*fuu*\nb*fuu*\nc*fuu*\nd*fuu*\ne*fuu*\nf*fuu*\ng*fuu*\nh*fuu*\ni*fuu*\n", &complaints);

    (void)state;
    nta_buf_put(&complaints, "", 1);
    assert_non_null(strstr((const char *)complaints.ptr, ":9: wildcards with no three"));
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 8);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 1);
    assert_string_equal(verdict(set, "hxfuux"), "h*fuu*@8");
    assert_string_equal(verdict(set, "ixfuux"), "-");
}

/** A set of lists that forbid; the last one allows if that is said. */
static struct nta_blacklist *lists_of(const char *const *texts, size_t n, bool last_allows,
                                      struct nta_buf *complaints)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    for (size_t i = 0; i < n; i++) {
        if (add_text(builder, texts[i], last_allows && i + 1 == n, complaints, &err) < 0)
            fail_msg("%s", err.text);
    }
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    nta_buf_put(complaints, "", 1);
    return set;
}

/** What is said again, in the same list or in another one, takes no space. */
static void equal_ones_count_once(void **state)
{
    static const char *const texts[] = {"*ads*\n*ads*\n*ads*\n*ads*\n*ads*\n*ads*\n*ads*\n*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\n",
                                        "*ads*\na*ads*\nb*ads*\nok*ads*\n"};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = lists_of(texts, NTA_N_ELEMENTS(texts), true, &complaints);

    (void)state;
    assert_string_equal((const char *)complaints.ptr, "");
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_duplicates, 7);
    for (size_t i = 1; i + 1 < NTA_N_ELEMENTS(texts); i++) {
        assert_int_equal(nta_blacklist_get_list(set, i)->n_taken, 1);
        assert_int_equal(nta_blacklist_get_list(set, i)->n_skipped, 0);
    }
    assert_int_equal(nta_blacklist_get_list(set, 9)->n_domains, 4);
    assert_int_equal(nta_blacklist_get_list(set, 9)->n_skipped, 0);
}

/** Lists that forbid cannot take what an exception hangs on. */
static void exceptions_are_not_crowded_out(void **state)
{
    static const char word[] = "trackgood";
    const char *texts[] = {NULL, "*trackgood*\n"};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};

    (void)state;
    for (size_t at = 0; at + 3 <= sizeof(word) - 1; at++) {
        for (unsigned i = 0; i < 8; i++)
            nta_buf_printf(&text, "*%.3s*%c*\n", word + at, 'a' + (int)i);
    }
    nta_buf_put(&text, "*good*\n", sizeof("*good*\n"));
    texts[0] = (const char *)text.ptr;
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = lists_of(texts, 2, true, &complaints);

    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 56);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 1);
    assert_int_equal(nta_blacklist_get_list(set, 1)->n_domains, 1);
    assert_string_equal(verdict(set, "goodxa.example"), "*goo*a*@41");
    assert_string_equal(verdict(set, "trackgood-a.example"), "-");
}

/** A list for which no space is left is a list. */
static void a_list_is_not_refused_for_what_others_take(void **state)
{
    static const char *const texts[] = {
        "a*foo*\nb*foo*\nc*foo*\nd*foo*\ne*foo*\nf*foo*\ng*foo*\nh*foo*\n", "i*foo*\n",
        "j*foo*bar\n"};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = lists_of(texts, NTA_N_ELEMENTS(texts), false, &complaints);
    const struct nta_list_report *report = nta_blacklist_get_list(set, 1);

    (void)state;
    assert_int_equal(report->n_taken, 0);
    assert_int_equal(report->n_skipped, 1);
    assert_non_null(strstr(report->reasons[0].text, "fewer than 8 others"));
    assert_non_null(strstr((const char *)complaints.ptr, "fewer than 8 others"));
    assert_string_equal(verdict(set, "jxfooxbar"), "j*foo*bar@1"); /* has others that are free */
}

/** The i-th made-up name, of letters that are all over the alphabet. */
static const char *made_up(unsigned i, char buf[16])
{
    unsigned scrambled = i * 40503U % (1U << 24);

    for (size_t k = 0; k < 8; k++, scrambled = (scrambled ^ 0x5bd1U) * 31U)
        buf[k] = "abcdefghijklmnopqrstuvwxyz0123456789"[scrambled / 7 % 36];
    buf[8] = '\0';
    return buf;
}

/** More patterns than there may be; each that is in is found at its line. */
static void more_than_a_hundred_thousand_are_passed_over(void **state)
{
    enum
    {
        N = NTA_PATTERNS_MAX + 5
    };

    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char name[64], expected[80], word[16];

    (void)state;
    for (unsigned i = 0; i < N; i++)
        nta_buf_printf(&text, "%s*.d%u.example\n", made_up(i, word), i);
    nta_buf_put(&text, "", 1);
    const char *const texts[] = {(const char *)text.ptr, "late*.example\n", "ok*.example\n"};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = lists_of(texts, NTA_N_ELEMENTS(texts), true, &complaints);
    const struct nta_list_report *report = nta_blacklist_get_list(set, 0);

    assert_int_equal(nta_blacklist_get_list(set, 1)->n_skipped, 1);
    assert_int_equal(nta_blacklist_get_list(set, 2)->n_domains, 1);
    assert_int_equal(report->n_domains, NTA_PATTERNS_MAX);
    assert_int_equal(report->n_skipped, 5);
    assert_string_equal(report->reasons[0].text, "more than 100,000 names with wildcards");
    for (unsigned i = 0; i < NTA_PATTERNS_MAX; i += 97) {
        (void)snprintf(name, sizeof(name), "%s-x.d%u.example", made_up(i, word), i);
        (void)snprintf(expected, sizeof(expected), "%s*.d%u.example@%u", word, i, i + 1);
        assert_string_equal(verdict(set, name), expected);
    }
}

static void the_table_comes_back_from_its_bytes(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_of("ads*.example\n*track*\n=x*yes\n", "ads-ok*.example\n");
    struct nta_patterns copy = {0}, broken = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};

    (void)state;
    nta_patterns_put(&set->patterns, &bytes);
    assert_int_equal(nta_patterns_read(&copy, nta_buf_span(&bytes)), 0);
    assert_int_equal(copy.n_patterns, 4);
    assert_int_equal(nta_patterns_decide(&copy, "ads1.example", 12)->value & NTA_VALUE_LINE_MAX, 1);
    assert_int_equal(nta_patterns_decide(&copy, "xtracky", 7)->value & NTA_VALUE_LINE_MAX, 2);
    assert_true(nta_patterns_decide(&copy, "ads-ok1.example", 15)->value & NTA_VALUE_ALLOW);
    nta_patterns_done(&copy);
    for (size_t n = 1; n < bytes.len; n++) { /* cut anywhere: refused, or some of them */
        int r = nta_patterns_read(&broken, nta_span_first(nta_buf_span(&bytes), n));

        assert_true(r == -EBADMSG || broken.n_patterns < 4);
        nta_patterns_done(&broken);
    }
}

/** One text with all values that keep it apart: hung once for each kind, and so it is read. */
static void equal_texts_come_back_from_their_bytes(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("||ads*.example^\n||ads*.example^$important\n", "ads*.example\n");
    struct nta_patterns copy = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    const struct nta_pattern *found[4];

    (void)state;
    nta_patterns_put(&set->patterns, &bytes);
    assert_int_equal(nta_patterns_read(&copy, nta_buf_span(&bytes)), 0);
    nta_patterns_put(&copy, &again);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
    assert_int_equal(nta_patterns_find(&copy, "ads1.example", 12, found, 4), 3);
    assert_int_equal(found[0]->value & NTA_VALUE_LINE_MAX, 2);
    assert_true(found[1]->value & NTA_VALUE_ALLOW);
    nta_patterns_done(&copy);
    bytes.ptr[bytes.len - 12 - 2]++; /* the last one hangs elsewhere than its text does */
    bytes.ptr[bytes.len - 12 - 6] &= 0x3f;
    assert_int_equal(nta_patterns_read(&copy, nta_buf_span(&bytes)), -EBADMSG);
    nta_patterns_done(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wildcard_stands_for_any_bytes_or_none),
        cmocka_unit_test(addresses_that_begin_so_are_networks),
        cmocka_unit_test(the_one_with_more_letters_decides),
        cmocka_unit_test(all_that_cover_a_name_are_shown_in_order),
        cmocka_unit_test(what_a_rule_takes_back_is_gone),
        cmocka_unit_test(what_would_cover_everybody_is_refused),
        cmocka_unit_test(letters_of_a_suffix_say_something_before_another),
        cmocka_unit_test(a_wildcard_inside_an_address_is_passed_over),
        cmocka_unit_test(what_is_no_name_is_passed_over),
        cmocka_unit_test(nine_that_have_nothing_else_share_no_three_bytes),
        cmocka_unit_test(equal_ones_count_once),
        cmocka_unit_test(exceptions_are_not_crowded_out),
        cmocka_unit_test(a_list_is_not_refused_for_what_others_take),
        cmocka_unit_test(more_than_a_hundred_thousand_are_passed_over),
        cmocka_unit_test(the_table_comes_back_from_its_bytes),
        cmocka_unit_test(equal_texts_come_back_from_their_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
