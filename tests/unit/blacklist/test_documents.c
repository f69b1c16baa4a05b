/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that are JSON: MISP, STIX, arrays. */
#include "blacklist/marks.h"
#include "lists.h"

#define B64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const struct nta_list_report *report_of(const struct nta_blacklist *set)
{
    return nta_blacklist_get_list(set, 0);
}

/** How often lines were passed over for a reason with these words. */
static uint64_t n_of(const struct nta_blacklist *set, const char *words)
{
    const struct nta_list_report *report = report_of(set);

    for (size_t i = 0; i < report->n_reasons; i++) {
        if (strstr(report->reasons[i].text, words))
            return report->reasons[i].n;
    }
    return 0;
}

static uint64_t n_entries(const struct nta_blacklist *set)
{
    return nta_list_report_entries(report_of(set));
}

/** A list that is refused, with these words. */
static void assert_refused(const char *text, const char *words)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    if (add_text(builder, text, false, NULL, &err) == 0 || !strstr(err.text, words))
        fail_msg("%s: %s", text, err.text);
}

/** A set of one text in which the signs ' stand for ". */
static struct nta_blacklist *set_said(const char *text)
{
    NTA_AUTO_FREE char *copy = strdup(text);

    assert_non_null(copy);
    for (char *c = copy; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    return set_of(copy, NULL);
}

/** An event with one attribute on each line from the second on. */
static struct nta_blacklist *event_of(const char *const (*rows)[2], size_t n)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_puts(&text, "{'Event':{'info':'x','Attribute':[");
    for (size_t i = 0; i < n; i++)
        nta_buf_printf(&text, "%s\n{'type':'%s','to_ids':true,'value':'%s'}", i ? "," : "",
                       rows[i][0], rows[i][1]);
    nta_buf_puts(&text, "]}}");
    nta_buf_put_u8(&text, 0);
    return set_said((const char *)text.ptr);
}

static void attributes_are_taken_by_their_type(void **state)
{
    static const char *const rows[][2] = {
        {"domain", "one.example"},
        {"hostname", "two.example"},
        {"ip-dst", "192.0.2.0/28"},
        {"ip-src", "2001:db8::7"},
        {"ip-dst|port", "192.0.2.66|8080"},
        {"ip-src|port", "2001:db8::8|443"},
        {"domain|ip", "three.example|198.51.100.3"},
        {"url", "http:\\/\\/u.example\\/a?b"},
        {"sha256", B64},
        {"comment", "x"},
        {"md5", "d41d8cd98f00b204e9800998ecf8427e"},
        {"x509-fingerprint-sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    };
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = event_of(rows, NTA_N_ELEMENTS(rows));

    (void)state;
    assert_string_equal(verdict(set, "x.one.example"), "one.example@2");
    assert_string_equal(verdict(set, "two.example"), "=two.example@3");
    assert_string_equal(verdict(set, "x.two.example"), "-");
    assert_string_equal(verdict_addr(set, "192.0.2.7"), "192.0.2.0/28@4");
    assert_string_equal(verdict_addr(set, "2001:db8::7"), "2001:db8::7@5");
    assert_string_equal(verdict_port(set, "192.0.2.66", 8080), "192.0.2.66:8080@6");
    assert_string_equal(verdict_port(set, "192.0.2.66", 80), "-");
    assert_string_equal(verdict_port(set, "2001:db8::8", 443), "[2001:db8::8]:443@7");
    assert_string_equal(verdict(set, "three.example"), "three.example@8");
    assert_string_equal(verdict_addr(set, "198.51.100.3"), "198.51.100.3@8");
    assert_string_equal(verdict_url(set, "u.example", "/a?b"), "u.example/a?b@9");
    assert_int_equal(report_of(set)->n_hashes, 1);
    assert_int_equal(report_of(set)->n_certificates, 1);
    assert_int_equal(n_of(set, "not compared"), 1);
    assert_int_equal(n_of(set, "MD5"), 1);
    assert_int_equal(report_of(set)->n_bad, 0);
    assert_int_equal(report_of(set)->lines, 13);
}

static void values_that_are_none_of_their_type_are_not_taken(void **state)
{
    static const char *const rows[][2] = {
        {"domain", "good.example"},
        {"domain", "192.0.2.300"},
        {"domain", "bad.example#x"},
        {"domain", ""},
        {"ip-dst", "bad.example"},
        {"ip-dst", "0.0.0.0/0"},
        {"ip-dst|port", "192.0.2.1|99999"},
        {"ip-dst|port", "192.0.2.1"},
        {"domain|ip", "bad.example|x"},
        {"domain|ip", "bad.example"},
        {"sha256", "0011"},
        {"filename|sha256", B64},
        {"domain", "com"},
        {"ip-dst|port", "192.0.2.1\\u0000|80"},
        {"domain", "a.example"},
        {"domain", "b.example"},
        {"domain", "c.example"},
        {"domain", "d.example"},
        {"domain", "e.example"},
        {"domain", "f.example"},
        {"domain", "g.example"},
        {"domain", "h.example"},
        {"domain", "i.example"},
    };
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = event_of(rows, NTA_N_ELEMENTS(rows));

    (void)state;
    assert_int_equal(n_entries(set), 10);
    assert_string_equal(verdict(set, "bad.example"), "-");
    assert_string_equal(verdict_port(set, "192.0.2.1", 80), "-");
}

static void what_narrows_an_attribute_is_obeyed(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_said(
        "{'response':[{'Event':{'Galaxy':[{'Attribute':[{'type':'domain','value':'a.example'}]}],"
        "'Attribute':[{'value':'yes.example','type':'domain','Tag':[{'type':'x','value':'y'}]},"
        "{'type':'domain','value':'b.example','to_ids':false},"
        "{'type':'domain','value':'c.example','to_ids':'0'},"
        "{'type':'domain','value':'d.example','deleted':true},"
        "{'type':'domain','value':'e.example','value':'yes.example'},"
        "{'type':'domain'},"
        "{'type':'domain','value':'also.example','to_ids':'1','deleted':'0'}],"
        "'ShadowAttribute':[{'type':'domain','value':'f.example'}],"
        "'RelatedEvent':[{'Event':{'Attribute':[{'type':'domain','value':'g.example'}]}}],"
        "'Object':[{'deleted':false,'Attribute':[{'type':'domain','value':'third.example'}]},"
        "{'deleted':true,'Attribute':[{'type':'domain','value':'h.example'}]}]}}]}");

    (void)state;
    assert_string_equal(verdict(set, "yes.example"), "yes.example@1");
    assert_string_equal(verdict(set, "also.example"), "also.example@1");
    assert_string_equal(verdict(set, "third.example"), "third.example@1");
    assert_int_equal(n_entries(set), 3);
    assert_int_equal(n_of(set, "to_ids"), 2);
    assert_int_equal(n_of(set, "deleted"), 2);
    assert_int_equal(n_of(set, "twice"), 1);
    assert_int_equal(n_of(set, "without type or value"), 1);
}

static void an_object_that_is_deleted_too_late_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"Event\":{\"Object\":[{\"Attribute\":[{\"type\":\"domain\",\"value\":"
                   "\"a.example\"}],\n\"deleted\":true}]}}",
                   ":2: an object that is deleted behind its attributes");
}

static void warning_lists_mean_what_their_type_says(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *host = set_said("{'list':['.a.example','b.example'],'type':'hostname'}");
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *exact =
        set_said("{'type':'string','name':'x','list':[\n'a.example','192.0.2.7']}");
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *cidr =
        set_said("{'list':['192.0.2.0/28','2001:db8::/40',17],'type':'cidr'}");
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *mixed =
        set_said("{'list':['x'],'type':'substring'}{'list':['y.example'],'type':'string'}"
                 "{'list':['z.example'],'type':'cidr','type':'string'}");

    (void)state;
    assert_string_equal(verdict(host, "x.a.example"), "a.example@1");
    assert_string_equal(verdict(host, "b.example"), "b.example@1");
    assert_string_equal(verdict(exact, "a.example"), "=a.example@2");
    assert_string_equal(verdict(exact, "x.a.example"), "-");
    assert_string_equal(verdict_addr(exact, "192.0.2.7"), "192.0.2.7@2");
    assert_int_equal(n_of(exact, "harmless"), 2);
    assert_string_equal(verdict_addr(cidr, "192.0.2.7"), "192.0.2.0/28@1");
    assert_string_equal(verdict_addr(cidr, "2001:db8::7"), "2001:db8::/40@1");
    assert_int_equal(n_entries(mixed), 1);
    assert_int_equal(n_of(mixed, "substring"), 1);
    assert_int_equal(n_of(mixed, "contradicts"), 1);
}

/** Values of a list around another document have no type: taken or reported, never lost. */
static void values_around_another_document_are_reported(void **state)
{
    static const char *const texts[] = {
        "[{'type':'string','list':['lost.example'],'response':{}},",
        "[{'type':'string','list':['lost.example'],'response':[{}]},",
        "[{'type':'string','list':['lost.example'],'response':[{'response':[{},{}]}]},",
        "[{'type':'string','response':{},'list':['lost.example']},",
        "[{'type':'string','response':[{'type':'hostname'}],'list':['lost.example']},",
        "[{'response':[{'type':'cidr'},{'type':'string'}],'list':['lost.example']},",
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        (void)snprintf(text, sizeof(text), "%s{'type':'string','list':['kept.example']}]",
                       texts[i]);
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_said(text);

        if (report_of(set)->n_bad != 1 || n_of(set, "contradicts") != 1)
            fail_msg("%s", text);
        assert_string_equal(verdict(set, "kept.example"), "=kept.example@1");
        assert_string_equal(verdict(set, "lost.example"), "-");
    }
    assert_refused("{\"list\":[\"a.example\"],\"type\":\"string\",\"response\":{}}", "not a list");
}

/** Values of warning lists are names and addresses, not patterns over them. */
static void values_of_warning_lists_have_no_wildcards(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *exact = set_said(
        "{'type':'string','list':['a.example','*secure-login*','*.b.example','198.51.*','=c*.d']}");
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *host =
        set_said("{'type':'hostname','list':['a.example','*secure-login*','ads*.example']}");

    (void)state;
    assert_string_equal(verdict(exact, "secure-login.example"), "-");
    assert_string_equal(verdict(exact, "x.b.example"), "-");
    assert_string_equal(verdict_addr(exact, "198.51.100.7"), "-");
    assert_int_equal(n_entries(exact), 1);
    assert_int_equal(n_of(exact, "a wildcard in a value"), 4);
    assert_int_equal(n_entries(host), 1);
    assert_int_equal(n_of(host, "a wildcard in a value"), 2);
}

static void an_array_of_texts_is_a_list(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = set_said("\xef\xbb\xbf[ 'a.example', '*.b.example',\n'" B64 "']");

    (void)state;
    assert_string_equal(verdict(set, "x.a.example"), "a.example@1");
    assert_string_equal(verdict(set, "b.example"), "-");
    assert_int_equal(report_of(set)->n_hashes, 1);
    assert_int_equal(report_of(set)->lines, 2);
}

static void each_text_of_an_array_is_a_line(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_said("['||a.example^','0.0.0.0 b.example','# c','','=c.example','b.example # d',\n"
                 "'@@||x.a.example^','192.0.2.1 - 192.0.2.9','d.example\\ne.example','none']");

    (void)state;
    assert_string_equal(verdict(set, "y.a.example"), "a.example@1");
    assert_string_equal(verdict(set, "x.a.example"), "-");
    assert_string_equal(verdict(set, "b.example"), "b.example@1");
    assert_string_equal(verdict(set, "c.example"), "=c.example@1");
    assert_string_equal(verdict_addr(set, "192.0.2.7"), "192.0.2.1-192.0.2.9@2");
    assert_string_equal(verdict(set, "d.example"), "-");
    assert_int_equal(n_of(set, "several lines"), 1);
    assert_int_equal(report_of(set)->n_taken, 6);
    assert_int_equal(report_of(set)->n_bad + report_of(set)->n_skipped, 2);
}

static void broken_documents_are_refused_whole(void **state)
{
    (void)state;
    assert_refused("[\"a.example\",\n\"b.example\"", ":2: JSON that is cut off");
    assert_refused("[\"a.example\",\n\n\"b.example\" \"c.example\"]", ":3: not JSON");
    assert_refused("{\"Event\":{}}", "without a single entry");
}

/* ---- STIX ---- */

/** A bundle with one indicator of this pattern, and one more that is taken. */
static struct nta_blacklist *bundle_of(const char *pattern, const char *more)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_puts(&text, "{\"type\":\"bundle\",\"objects\":[{\"type\":\"identity\",\"name\":\"x\"},"
                        "{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = "
                        "'sure.example']\"},\n{\"pattern\":");
    nta_text_json_shown(&text, nta_span_of(pattern));
    nta_buf_printf(&text, "%s,\"type\":\"indicator\"}]}", more);
    nta_buf_put_u8(&text, 0);
    return set_of((const char *)text.ptr, NULL);
}

static void patterns_of_alternatives_are_taken(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = bundle_of(
        "[domain-name:value = 'a.example' OR domain-name:value IN ('b.example', 'c.example')] OR "
        "([(ipv4-addr:value ISSUBSET '192.0.2.0/28' OR ipv6-addr:value = '2001:db8::7')] OR "
        "[url:value = 'http://u.example/it\\'s']) OR [file:hashes.'SHA-256' = '" B64 "'] OR "
        "[x509-certificate:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']",
        ",\"pattern_type\":\"stix\"");

    (void)state;
    assert_string_equal(verdict(set, "a.example"), "=a.example@2");
    assert_string_equal(verdict(set, "x.a.example"), "-");
    assert_string_equal(verdict(set, "b.example"), "=b.example@2");
    assert_string_equal(verdict(set, "c.example"), "=c.example@2");
    assert_string_equal(verdict_addr(set, "192.0.2.7"), "192.0.2.0/28@2");
    assert_string_equal(verdict_addr(set, "2001:db8::7"), "2001:db8::7@2");
    assert_string_equal(verdict_url(set, "u.example", "/it's"), "u.example/it's@2");
    assert_int_equal(report_of(set)->n_hashes, 1);
    assert_int_equal(report_of(set)->n_certificates, 1);
    assert_int_equal(n_entries(set), 9);
    assert_int_equal(n_of(set, "taken in part"), 0);
}

static void what_narrows_a_pattern_is_named(void **state)
{
    static const struct
    {
        const char *pattern, *reason;
    } rows[] = {
        {"[domain-name:value = 'a.example' AND url:value = 'http://a.example/']", "AND"},
        {"[domain-name:value = 'a.example' OR url:value = 'http://b.example/' AND "
         "file:name = 'x']",
         "AND"},
        {"[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']", "AND"},
        {"[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']",
         "FOLLOWEDBY"},
        {"[domain-name:value = 'a.example'] WITHIN 300 SECONDS", "for a time"},
        {"[domain-name:value = 'a.example'] REPEATS 5 TIMES", "for a time"},
        {"[domain-name:value = 'a.example'] START t'2026-01-01T00:00:00Z' STOP "
         "t'2026-01-02T00:00:00Z'",
         "for a time"},
        {"[NOT domain-name:value = 'a.example']", "NOT"},
        {"[domain-name:value NOT = 'a.example']", "NOT"},
        {"[domain-name:value NOT IN ('a.example', 'b.example')]", "NOT"},
        {"[domain-name:value NOT = 'a.example' OR domain-name:value = 'b.example']", "NOT"},
        {"[domain-name:value = 'b.example'] OR [file:size NOT > 12]", "NOT"},
        {"[domain-name:value NOT = 'a.example'", "broken"},
        {"[domain-name:value != 'a.example']", "not compared"},
        {"[domain-name:value LIKE '%.example']", "not compared"},
        {"[domain-name:value MATCHES '.*']", "not compared"},
        {"[ipv4-addr:value ISSUPERSET '192.0.2.0/24']", "not compared"},
        {"[domain-name:value ISSUBSET 'a.example']", "not compared"},
        {"[EXISTS domain-name:value]", "EXISTS"},
        {"[file:name = 'a.example']", "not compared"},
        {"[file:size >= 12]", "not compared"},
        {"[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", "not compared"},
        {"[network-traffic:x[*].y.'a]b' = 'a.example']", "not compared"},
        {"[domain-name:value = t'2026']", "broken"},
        {"[domain-name:value = 'a.example'", "broken"},
        {"domain-name:value = 'a.example'", "broken"},
        {"[domain-name:value 'a.example']", "broken"},
        {"[domain-name:value = 'a.example']]", "broken"},
        {"([domain-name:value = 'a.example']", "broken"},
        {"[domain-name:value = 'a.example'] OR", "broken"},
        {"[(domain-name:value = 'a.example']", "broken"},
        {"[domain-name:value IN ('a.example' 'b.example')]", "broken"},
        {"[domain-name:value = 'a.example] OR [x]", "broken"},
        {"[]", "broken"},
        {"", "nothing where a value should be"},
        {"[ipv4-addr:value = 'a.example']", "of its kind"},
        {"[domain-name:value = 'not a name']", "not a host name"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = bundle_of(rows[i].pattern, "");

        if (n_entries(set) != 1 || n_of(set, rows[i].reason) != 1)
            fail_msg("%s: %u entries, %s", rows[i].pattern, (unsigned)n_entries(set),
                     report_of(set)->n_reasons ? report_of(set)->reasons[0].text : "no reason");
    }
}

static void an_alternative_that_is_not_compared_narrows_nothing(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set = bundle_of(
        "[domain-name:value = 'a.example' OR file:name = 'x' OR ipv4-addr:value = 'none']", "");

    (void)state;
    assert_string_equal(verdict(set, "a.example"), "=a.example@2");
    assert_int_equal(n_of(set, "taken in part"), 1);
}

static void what_an_indicator_says_of_itself_is_obeyed(void **state)
{
    static const struct
    {
        const char *more, *reason;
    } rows[] = {
        {",\"revoked\":true", "revoked"},
        {",\"pattern_type\":\"snort\"", "another language"},
        {",\"pattern_type\":\"\"", "another language"},
        {",\"valid_until\":\"2020-01-01T00:00:00.000Z\"", "time is over"},
        {",\"valid_until\":\"\"", "time is over"},
        {",\"valid_from\":\"2999-01-01T00:00:00Z\"", "has not come"},
        {",\"indicator_types\":[\"unknown\",\"benign\"]", "benign"},
        {",\"labels\":[\"benign\"]", "benign"},
        {",\"pattern\":\"[domain-name:value = 'b.example']\"", "twice"},
    };

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        NTA_AUTO(nta_blacklist_free)
        struct nta_blacklist *set = bundle_of("[domain-name:value = 'a.example']", rows[i].more);

        if (n_entries(set) != 1 || n_of(set, rows[i].reason) != 1)
            fail_msg("%s", rows[i].more);
    }
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        bundle_of("[domain-name:value = 'a.example']",
                  ",\"revoked\":false,\"valid_from\":\"2020-01-01T00:00:00Z\",\"valid_until\":"
                  "\"2999-01-01T00:00:00Z\",\"indicator_types\":[\"malicious-activity\"]");

    assert_int_equal(n_entries(set), 2);
}

static void what_was_observed_is_no_indicator(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_said("{'type':'bundle','objects':[{'type':'domain-name','value':'a.example'},"
                 "{'type':'indicator','pattern':'[ipv4-addr:value = \\u0027192.0.2.7\\u0027]'}]}");

    (void)state;
    assert_string_equal(verdict(set, "a.example"), "-");
    assert_string_equal(verdict_addr(set, "192.0.2.7"), "192.0.2.7@1");
    assert_int_equal(n_of(set, "observed"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_taken_by_their_type),
        cmocka_unit_test(values_that_are_none_of_their_type_are_not_taken),
        cmocka_unit_test(what_narrows_an_attribute_is_obeyed),
        cmocka_unit_test(an_object_that_is_deleted_too_late_is_refused),
        cmocka_unit_test(warning_lists_mean_what_their_type_says),
        cmocka_unit_test(values_around_another_document_are_reported),
        cmocka_unit_test(values_of_warning_lists_have_no_wildcards),
        cmocka_unit_test(an_array_of_texts_is_a_list),
        cmocka_unit_test(each_text_of_an_array_is_a_line),
        cmocka_unit_test(broken_documents_are_refused_whole),
        cmocka_unit_test(patterns_of_alternatives_are_taken),
        cmocka_unit_test(what_narrows_a_pattern_is_named),
        cmocka_unit_test(an_alternative_that_is_not_compared_narrows_nothing),
        cmocka_unit_test(what_an_indicator_says_of_itself_is_obeyed),
        cmocka_unit_test(what_was_observed_is_no_indicator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
