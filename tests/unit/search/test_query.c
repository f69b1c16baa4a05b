/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each filter takes what it should and nothing else; words that mean nothing are refused with a
 * sentence.
 */
#include "base/text.h"
#include "names.h"
#include "record/grade.h"
#include "record/names.h"
#include "search/query.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

static struct nta_record sample(void)
{
    struct nta_record record = {
        .event = NTA_RECORD_REQUEST,
        .time_ns = 1000,
        .end_ns = 2000,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, 5}),
                 .has_mac = true,
                 .mac = {2, 0, 0, 0, 0, 5},
                 .name = nta_span_of("Laptop-7"),
                 .login = nta_span_of("ann")},
        .app = NTA_APP_HTTP,
        .site = nta_span_of("www.Bad.example"),
        .basis = NTA_BASIS_URL,
        .file = {.type = nta_span_of("video/mp4; codecs=x")},
        .up = {.bytes = 100},
        .down = {.bytes = 5000},
        .match = {.list = nta_span_of("Malware"), .category = nta_span_of("evil")},
        .download = true,
        .seen = NTA_SEEN_ANSWERED,
    };

    memcpy(record.peer.place.country_code, "NL", 3);
    return record;
}

typedef int set_fn(struct nta_query *query, const char *text, struct nta_err *err);

static bool has(set_fn *set, const char *word, const struct nta_record *record)
{
    struct nta_query query = {0};
    struct nta_err err = {0};

    if (set(&query, word, &err) != 0)
        fail_msg("\"%s\": %s", word, err.text);
    bool is_in = nta_query_has(&query, record);

    nta_query_done(&query);
    return is_in;
}

static void refused(set_fn *set, const char *word)
{
    struct nta_query query = {0};
    struct nta_err err = {0};

    if (set(&query, word, &err) != -EINVAL || !err.text[0] || strchr(err.text, '\033'))
        fail_msg("\"%s\" should be refused with a sentence", word);
    nta_query_done(&query);
}

static void users_are_found_by_address_network_mac_name_and_login(void **state)
{
    struct nta_record record = sample();
    static const char *const in[] = {
        "10.0.0.5", "10.0.0.0/24", "10.0.0.0/8", "02:00:00:00:00:05", "laptop-7",
        "LAPTOP-7", "ann",         "Ann",        "02-00-00-00-00-05"};
    static const char *const out[] = {"10.0.0.6", "10.0.1.0/24", "02:00:00:00:00:06", "ann2", "an"};

    (void)state;
    for (size_t i = 0; i < sizeof(in) / sizeof(in[0]); i++)
        assert_true(has(nta_query_user, in[i], &record));
    for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++)
        assert_false(has(nta_query_user, out[i], &record));
    refused(nta_query_user, "");
    refused(nta_query_user, "10.0.0.0/33");
    refused(nta_query_user, "10.0.0.1/24");
}

static void sites_have_their_subdomains(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_true(has(nta_query_site, "bad.example", &record));
    assert_true(has(nta_query_site, "BAD.example.", &record));
    assert_true(has(nta_query_site, "*.bad.example", &record));
    assert_true(has(nta_query_site, "www.bad.example", &record));
    assert_true(has(nta_query_site, "example", &record));
    assert_false(has(nta_query_site, "ad.example", &record));
    assert_false(has(nta_query_site, "w.bad.example", &record));
    assert_false(has(nta_query_site, "x.www.bad.example", &record));
    refused(nta_query_site, "");
    record.site = (struct nta_span){0};
    assert_false(has(nta_query_site, "example", &record));
}

static void names_are_asked_for_as_they_are_recorded(void **state)
{
    struct nta_record record = sample();

    (void)state;
    record.site = nta_span_of("xn--p8saaa544wbabb.bad.example");
    assert_true(has(nta_query_site, "xn--p8saaa544wbabb.bad.example", &record));
    record.site = nta_span_of("xn--mnchen-3ya.example");
    assert_true(has(nta_query_site, "m\xc3\xbcnchen.example", &record));
    assert_true(has(nta_query_site, "M\xc3\x9cNCHEN.example", &record));
}

static void a_site_without_tokens_is_looked_for_everywhere(void **state)
{
    static const struct
    {
        const char *site;
        bool has_tokens;
    } cases[] = {{"com", false},        {"prod.dc2", false}, {"x.office1", false},
                 {"bad.example", true}, {"192.0.2.7", true}, {"2001:db8::7", true}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct nta_query query = {0};
        struct nta_err err = {0};

        assert_int_equal(nta_query_site(&query, cases[i].site, &err), 0);
        assert_int_equal(nta_query_has_tokens(&query), cases[i].has_tokens);
        nta_query_done(&query);
    }
}

static void an_ipv6_network_has_no_ipv4_addresses(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_false(has(nta_query_user, "::/0", &record));
    assert_true(has(nta_query_user, "::ffff:10.0.0.0/104", &record));
    assert_true(has(nta_query_user, "0.0.0.0/0", &record));
    record.user.addr = nta_addr_v6((const uint8_t[16]){0x20, 1, 0xd, 0xb8});
    assert_true(has(nta_query_user, "::/0", &record));
    assert_false(has(nta_query_user, "0.0.0.0/0", &record));
}

static void words_of_the_match_and_place(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_true(has(nta_query_list, "malware", &record));
    assert_false(has(nta_query_list, "malwar", &record));
    assert_true(has(nta_query_category, "EVIL", &record));
    assert_false(has(nta_query_category, "good", &record));
    assert_true(has(nta_query_country, "nl", &record));
    assert_false(has(nta_query_country, "BE", &record));
    refused(nta_query_country, "Belgium");
    assert_true(has(nta_query_app, "http", &record));
    assert_false(has(nta_query_app, "tls", &record));
    refused(nta_query_app, "\033[31mhttpx");
}

static void types_are_found_whole_or_by_part(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_true(has(nta_query_type, "video/mp4", &record));
    assert_true(has(nta_query_type, "video", &record));
    assert_true(has(nta_query_type, "MP4", &record));
    assert_false(has(nta_query_type, "mp", &record));
    assert_false(has(nta_query_type, "video/", &record));
    record.file.type = (struct nta_span){0};
    assert_false(has(nta_query_type, "video", &record));
}

static void grades_events_and_bytes(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_true(has(nta_query_grade, "strong", &record));
    assert_true(has(nta_query_grade, "weak,Strong", &record));
    assert_true(has(nta_query_grade, "likely+", &record));
    assert_false(has(nta_query_grade, "likely", &record));
    refused(nta_query_grade, "strongest");
    refused(nta_query_grade, "strong,");
    assert_true(has(nta_query_event, "request", &record));
    assert_true(has(nta_query_event, "alert,request", &record));
    assert_false(has(nta_query_event, "alert", &record));
    refused(nta_query_event, "requests");
    assert_true(has(nta_query_bytes, "5099", &record));
    assert_true(has(nta_query_bytes, "4k", &record));
    assert_false(has(nta_query_bytes, "5100", &record));
    assert_false(has(nta_query_bytes, "10MiB", &record));
    refused(nta_query_bytes, "0");
    refused(nta_query_bytes, "-1");
    refused(nta_query_bytes, "10X");
    refused(nta_query_bytes, "99999999999999T");
}

static void windows_take_what_began_or_was_going_on(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_true(nta_query_has(&(struct nta_query){.since_ns = 1500}, &record));
    assert_true(nta_query_has(&(struct nta_query){.since_ns = 2000}, &record));
    assert_false(nta_query_has(&(struct nta_query){.since_ns = 2001}, &record));
    assert_false(nta_query_has(&(struct nta_query){.since_ns = 1500, .begun = true}, &record));
    assert_true(nta_query_has(&(struct nta_query){.since_ns = 1000, .begun = true}, &record));
    assert_true(nta_query_has(&(struct nta_query){.until_ns = 1001}, &record));
    assert_false(nta_query_has(&(struct nta_query){.until_ns = 1000}, &record));
}

static void grade_is_basis_less_what_speaks_against_it(void **state)
{
    struct nta_record record = sample();

    (void)state;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_STRONG);
    record.seen = NTA_SEEN_CLAIMED;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.seen = 0; /* nobody looked */
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.seen = NTA_SEEN_ANSWERED;
    record.doubts = 1U | 1U << NTA_DOUBT_SHARED;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_STRONG);
    record.doubts = 1U | 1U << NTA_DOUBT_PREFETCH;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.doubts = 0;
    record.disagrees = NTA_AGREES_DNS;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.disagrees = NTA_AGREES_OVERLAP; /* and nobody looked which of both it was */
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.doubts = 1U | 1U << NTA_DOUBT_DECOY; /* is not counted twice */
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.doubts = 1U;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_STRONG);
    record.match.weak = true;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_WEAK);
    record = (struct nta_record){.basis = NTA_BASIS_DNS};
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.hidden = true;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record.disagrees = NTA_AGREES_CERT;
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_WEAK);
    record = (struct nta_record){.basis = NTA_BASIS_SNI, .hidden = true};
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_LIKELY);
    record = (struct nta_record){.basis = NTA_BASIS_ADDRESS};
    assert_int_equal(nta_record_grade(&record), NTA_GRADE_WEAK);
}

static void canaries_are_for_those_who_name_them(void **state)
{
    struct nta_record record = sample();
    const struct nta_query any = {0};

    (void)state;
    assert_true(nta_query_has(&any, &record));
    record.event = NTA_RECORD_CANARY;
    assert_false(nta_query_has(&any, &record));
    assert_true(has(nta_query_event, "canary", &record));
    assert_false(has(nta_query_event, "flow", &record));
}

/** The number whose bit a word sets. */
static int event_of(const char *word)
{
    struct nta_query words = {0};
    struct nta_err err;

    assert_int_equal(nta_query_event(&words, word, &err), 0);
    return __builtin_ctz(words.events);
}

static int grade_of(const char *word)
{
    struct nta_query words = {0};
    struct nta_err err;

    assert_int_equal(nta_query_grade(&words, word, &err), 0);
    return __builtin_ctz(words.grades);
}

static int app_of(const char *word)
{
    struct nta_query words = {0};
    struct nta_err err;

    assert_int_equal(nta_query_app(&words, word, &err), 0);
    return words.app;
}

static void who_pseudonyms_are_is_no_event_to_ask_for(void **state)
{
    struct nta_query query = {0};
    const struct nta_record opening = {.event = NTA_RECORD_PSEUDONYM};
    struct nta_err err;

    (void)state;
    assert_int_equal(nta_query_event(&query, "pseudonym", &err), -EINVAL);
    assert_null(strstr(err.text, "note pseudonym"));
    assert_false(nta_query_has(&query, &opening));
    query.events = 1U << NTA_RECORD_PSEUDONYM;
    assert_true(nta_query_has(&query, &opening));
    assert_int_equal(nta_query_classes(&query), 1U << NTA_CLASS_WHO | 1U << NTA_CLASS_EVIDENCE);
}

static void a_pseudonym_is_a_user(void **state)
{
    struct nta_query query = {0};
    struct nta_record record = {.event = NTA_RECORD_FLOW};
    struct nta_err err;

    (void)state;
    record.user.device = nta_span_of("p-0123456789abcdef");
    assert_int_equal(nta_query_user(&query, "P-0123456789abcdef", &err), 0);
    assert_true(nta_query_has(&query, &record));
    record.user.device = nta_span_of("p-0123456789abcdee");
    assert_false(nta_query_has(&query, &record));
    nta_query_done(&query);
}

static void each_word_of_a_filter_gives_the_number_of_its_name(void **state)
{
    (void)state;
    for (int event = NTA_RECORD_FLOW; event <= NTA_RECORD_NOTE; event++)
        assert_int_equal(event_of(nta_record_event_name((enum nta_record_event)event)), event);
    NAMES_ARE_REVERSIBLE(nta_grade_name, grade_of, NTA_GRADE_WEAK, NTA_GRADE_STRONG + 1);
    for (unsigned app = 1; app < NTA_APPS_SIZE; app++)
        if (nta_record_app(app)[0])
            assert_int_equal(app_of(nta_record_app(app)), app);
}

static unsigned classes_of(const struct nta_query *query)
{
    return nta_query_classes(query);
}

static void only_classes_that_can_have_an_answer_are_opened(void **state)
{
    const unsigned evidence = 1U << NTA_CLASS_EVIDENCE, traffic = 1U << NTA_CLASS_TRAFFIC;
    const unsigned who = 1U << NTA_CLASS_WHO, log = 1U << NTA_CLASS_LOG;

    (void)state;
    assert_int_equal(classes_of(&(struct nta_query){.user = NULL}), evidence | traffic | who | log);
    assert_int_equal(classes_of(&(struct nta_query){.site = (char[]){"a.example"}}),
                     evidence | traffic | who);
    assert_int_equal(classes_of(&(struct nta_query){.events = 1U << NTA_RECORD_ALERT}), evidence);
    assert_int_equal(classes_of(&(struct nta_query){.events = 1U << NTA_RECORD_FLOW}),
                     evidence | traffic);
    assert_int_equal(classes_of(&(struct nta_query){.events = 1U << NTA_RECORD_LEASE}),
                     evidence | who);
    assert_int_equal(
        classes_of(&(struct nta_query){.events = 1U << NTA_RECORD_FLOW, .matched = true}),
        evidence);
    assert_int_equal(classes_of(&(struct nta_query){.events = 1U << NTA_RECORD_CANARY,
                                                    .list = (char[]){"canary"}}),
                     log);
    assert_int_equal(
        classes_of(&(struct nta_query){.events = 1U << NTA_RECORD_POLICY | 1U << NTA_RECORD_LOSS}),
        log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_pseudonyms_are_is_no_event_to_ask_for),
        cmocka_unit_test(a_pseudonym_is_a_user),
        cmocka_unit_test(each_word_of_a_filter_gives_the_number_of_its_name),
        cmocka_unit_test(users_are_found_by_address_network_mac_name_and_login),
        cmocka_unit_test(sites_have_their_subdomains),
        cmocka_unit_test(names_are_asked_for_as_they_are_recorded),
        cmocka_unit_test(a_site_without_tokens_is_looked_for_everywhere),
        cmocka_unit_test(an_ipv6_network_has_no_ipv4_addresses),
        cmocka_unit_test(words_of_the_match_and_place),
        cmocka_unit_test(types_are_found_whole_or_by_part),
        cmocka_unit_test(grades_events_and_bytes),
        cmocka_unit_test(canaries_are_for_those_who_name_them),
        cmocka_unit_test(only_classes_that_can_have_an_answer_are_opened),
        cmocka_unit_test(windows_take_what_began_or_was_going_on),
        cmocka_unit_test(grade_is_basis_less_what_speaks_against_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
