/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/alert.h"
#include "alert/line.h"
#include "alert/sinks.h"
#include "alert/suppress.h"
#include "alert_kit.h"
#include "base/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *line_of(const struct nta_record *record, bool colour)
{
    static struct nta_buf buf;

    nta_buf_clear(&buf);
    nta_alert_line(&buf, record, colour);
    nta_buf_put_u8(&buf, 0);
    assert_false(buf.failed);
    return (const char *)buf.ptr;
}

static void a_visit_reads_well(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    assert_string_equal(line_of(&record, false),
                        "ALERT 10.0.0.5 (ann, laptop-7) visited bad.example "
                        "[list malware:17 \"bad.example\"] at 192.0.2.80:443 "
                        "Amsterdam, Netherlands (AS64500 Example) by sni");
}

/** The line and the summary of its repeats. */
static void assert_both_say(const struct nta_record *record, const char *word)
{
    struct nta_suppress *suppress = NULL;
    struct nta_alert_repeat repeat;
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};

    assert_non_null(strstr(line_of(record, false), word));
    assert_int_equal(nta_suppress_new(1, 0, &suppress), 0);
    assert_true(nta_suppress_pass(suppress, record, 0));
    assert_false(nta_suppress_pass(suppress, record, 0));
    assert_true(nta_suppress_due(suppress, 0, true, &repeat));
    nta_alert_repeat_line(&again, &repeat, false);
    nta_buf_put_u8(&again, 0);
    assert_non_null(strstr((const char *)again.ptr, word));
    nta_suppress_free(&suppress);
}

static void a_lookup_was_asked_for_and_a_resolver_visited(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.app = NTA_APP_LLMNR;
    record.asked = true;
    record.query_type = 1;
    assert_both_say(&record, " asked for bad.example");
    record.app = NTA_APP_DNS;
    assert_both_say(&record, " asked for bad.example");
    record.asked = false;
    record.query_type = 0;
    assert_both_say(&record, " visited bad.example");
}

static void the_place_of_a_resolver_is_not_shown_as_the_sites(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.peer.place.city = nta_span_of("Farville");
    assert_non_null(strstr(line_of(&record, false), "Farville"));
    record.app = NTA_APP_DNS;
    record.asked = true;
    assert_null(strstr(line_of(&record, false), "Farville"));
    assert_non_null(strstr(line_of(&record, false), " of the resolver "));
}

static void a_file_that_came_is_no_repeat_of_the_visit(void **state)
{
    struct nta_record record = kit_record();
    struct nta_suppress *suppress;

    (void)state;
    assert_int_equal(nta_suppress_new(1000, 0, &suppress), 0);
    assert_true(nta_suppress_pass(suppress, &record, 0));
    record.download = true;
    assert_true(nta_suppress_pass(suppress, &record, 0));
    assert_false(nta_suppress_pass(suppress, &record, 0));
    nta_suppress_free(&suppress);
}

static void a_download_names_its_file(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    record.download = true;
    record.file.name = nta_span_of("a.exe");
    record.url = nta_span_of("http://bad.example/a.exe");
    record.method = nta_span_of("GET");
    record.user.name = record.user.login = (struct nta_span){0};
    record.peer.place = (struct nta_place){.country_code = "NL"};
    record.match.category = nta_span_of("worms");
    assert_string_equal(line_of(&record, false),
                        "ALERT 10.0.0.5 downloaded a.exe from bad.example "
                        "(GET http://bad.example/a.exe) "
                        "[list malware:17 \"bad.example\", category worms] "
                        "at 192.0.2.80:443 NL by sni");
}

static void a_weak_match_says_so(void **state)
{
    struct nta_record record = kit_record();
    static const uint8_t peer[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};

    (void)state;
    record.match.weak = true;
    record.peer = (struct nta_record_side){.addr = nta_addr_v6(peer), .port = 80};
    record.site = nta_span_of("2001:db8::1");
    record.basis = NTA_BASIS_ADDRESS;
    assert_string_equal(line_of(&record, false),
                        "ALERT 10.0.0.5 (ann, laptop-7) visited 2001:db8::1 "
                        "[list malware:17 \"bad.example\"] at [2001:db8::1]:80 by address "
                        "(weak: other sites may share this address)");
}

static void colours_come_only_when_told(void **state)
{
    struct nta_record record = kit_record();

    (void)state;
    assert_null(strchr(line_of(&record, false), '\033'));
    assert_non_null(strchr(line_of(&record, true), '\033'));
}

static void hostile_names_are_harmless_in_lines(void **state)
{
    struct nta_record record = kit_hostile_record();
    const char *line = line_of(&record, false);

    (void)state;
    kit_assert_harmless(nta_span_of(line));
    assert_non_null(strstr(line, "\\x1b[2Jx\\x0d\\x0a\\x00\\xff\\xe2\\x80\\xae\"%n\\\\"));
}

/** All but the URL, in the order of the line. */
static void assert_all_but_url(const char *line)
{
    static const char *const parts[] = {
        "ALERT 10.0.0.5 (ann, laptop-7) visited bad.example (GET ",
        ") [list malware:17 \"bad.example\"] at 192.0.2.80:443 "
        "Amsterdam, Netherlands (AS64500 Example) by sni",
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++)
        assert_non_null(strstr(line, parts[i]));
}

static void a_long_url_is_shortened_and_all_else_stays(void **state)
{
    static char url[100000];
    struct nta_record record = kit_record();
    size_t others = 0;

    (void)state;
    memset(url, 'u', sizeof(url) - 1);
    record.method = nta_span_of("GET");
    for (size_t len = 500; len < sizeof(url); len += len < 1100 ? 1 : 20000) {
        record.url = (struct nta_span){(const uint8_t *)url, len};
        const char *line = line_of(&record, false);

        size_t whole;

        assert_all_but_url(line);
        if (len == 500)
            others = strlen(line) - len;
        whole = others + len;
        assert_int_equal(strlen(line), whole < NTA_ALERT_LINE_MAX ? whole : NTA_ALERT_LINE_MAX);
        assert_int_equal(strstr(line, "uuu...)") != NULL, whole > NTA_ALERT_LINE_MAX);
    }
}

static void no_cut_is_inside_an_escape_or_a_character(void **state)
{
    static const char *const units[] = {"\xff", "\\", "\xc3\xbc", "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80"};
    static char url[4000];
    struct nta_record record = kit_record();

    (void)state;
    record.method = nta_span_of("GET");
    for (size_t k = 0; k < NTA_N_ELEMENTS(units); k++) {
        for (size_t shift = 0; shift < 8; shift++) {
            size_t len = shift, n = strlen(units[k]);

            memset(url, 'u', shift);
            for (; len + n < sizeof(url); len += n)
                memcpy(url + len, units[k], n);
            record.url = (struct nta_span){(const uint8_t *)url, len};
            const char *line = line_of(&record, false);

            assert_all_but_url(line);
            assert_true(strlen(line) <= NTA_ALERT_LINE_MAX &&
                        strlen(line) > NTA_ALERT_LINE_MAX - 4);
            const char *from = strstr(line, "(GET ") + 5 + shift, *to = strstr(from, "...)");

            /* whole units only */
            assert_non_null(to);
            for (const char *at = from; at < to; at += k == 0 ? 4 : n == 1 ? 2 : n)
                assert_memory_equal(at,
                                    k == 0   ? "\\xff"
                                    : k == 1 ? "\\\\"
                                             : units[k],
                                    k == 0   ? 4
                                    : n == 1 ? 2
                                             : n);
        }
    }
}

static void the_longest_of_many_long_parts_are_shortened_alike(void **state)
{
    static char text[20000];
    struct nta_span all = {(const uint8_t *)text, sizeof(text)};
    struct nta_record record = kit_record();

    (void)state;
    memset(text, '\n', sizeof(text));
    record.download = record.match.weak = true;
    record.site = record.url = record.method = record.file.name = all;
    record.user.name = record.user.login = record.match.category = record.match.shared = all;
    record.peer.place.city = record.peer.place.country = record.peer.place.as_org = all;
    record.match.severity = 4;
    const char *line = line_of(&record, false);

    assert_true(strlen(line) <= NTA_ALERT_LINE_MAX);
    assert_non_null(strstr(line, "[list malware:17 \"bad.example\", category "));
    assert_non_null(strstr(line, "severity critical] at 192.0.2.80:443 "));
    assert_non_null(strstr(line, ", which many sites share)"));
    record.match.list = record.match.entry = all;
    assert_true(strlen(line_of(&record, false)) <= NTA_ALERT_LINE_MAX);
    assert_true(strlen(line_of(&record, true)) <= NTA_ALERT_LINE_MAX + 40); /* colours */
}

static void a_repeat_whose_site_is_cut_says_so(void **state)
{
    struct nta_record record = kit_record();
    struct nta_suppress *suppress = NULL;
    struct nta_alert_repeat repeat;
    uint8_t site[255];

    (void)state;
    memset(site, 0xff, sizeof(site));
    record.site = (struct nta_span){site, sizeof(site)};
    assert_int_equal(nta_suppress_new(1, 0, &suppress), 0);
    (void)nta_suppress_pass(suppress, &record, 0);
    (void)nta_suppress_pass(suppress, &record, 0);
    assert_true(nta_suppress_due(suppress, 0, true, &repeat));
    assert_string_equal(repeat.site + strlen(repeat.site) - 7, "\\xff...");
    nta_suppress_free(&suppress);
}

static void summaries_are_harmless_too(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf buf = {0};
    struct nta_record record = kit_hostile_record();
    struct nta_suppress *suppress = NULL;
    struct nta_alert_repeat repeat;

    (void)state;
    assert_int_equal(nta_suppress_new(1, 0, &suppress), 0);
    (void)nta_suppress_pass(suppress, &record, 0);
    (void)nta_suppress_pass(suppress, &record, 0);
    assert_true(nta_suppress_due(suppress, 0, true, &repeat));
    nta_alert_repeat_line(&buf, &repeat, false);
    nta_alert_repeat_json(&buf, &repeat);
    kit_assert_harmless(nta_buf_span(&buf));
    nta_buf_put_u8(&buf, 0);
    assert_non_null(strstr((const char *)buf.ptr, "1 more time, last at 2026-01-31T12:00:00"));
    assert_non_null(strstr((const char *)buf.ptr, "\"site\":\"\\\\x1b[2Jx\\\\x0d\\\\x0a\\\\x00"));
    nta_suppress_free(&suppress);
}

static bool has_field(const struct nta_alert_fields *fields, const char *text)
{
    for (size_t i = 0; i < fields->n; i++)
        if (fields->iov[i].iov_len == strlen(text) &&
            memcmp(fields->iov[i].iov_base, text, strlen(text)) == 0)
            return true;
    return false;
}

static bool has_name(const struct nta_alert_fields *fields, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < fields->n; i++) {
        const char *field = fields->iov[i].iov_base;

        if (fields->iov[i].iov_len > len && memcmp(field, name, len) == 0 && field[len] == '=')
            return true;
    }
    return false;
}

static void the_journal_gets_native_fields(void **state)
{
    struct nta_record record = kit_record();
    struct nta_alert_fields fields = {0};

    (void)state;
    record.url = nta_span_of("http://bad.example/a");
    record.match.category = nta_span_of("worms");
    record.down.bytes = 12345;
    nta_alert_fields_of(&fields, &record, "s-1-2", 0, nta_span_of("the line"));
    assert_true(has_field(&fields, "MESSAGE=the line"));
    assert_true(has_field(&fields, "MESSAGE_ID=5914e996ccd8463d9b08af1445efd3f2"));
    assert_true(has_field(&fields, "PRIORITY=4"));
    assert_true(has_field(&fields, "NTA_USER_IP=10.0.0.5"));
    assert_true(has_field(&fields, "NTA_USER_MAC=02:00:00:00:00:05"));
    assert_true(has_field(&fields, "NTA_SITE=bad.example"));
    assert_true(has_field(&fields, "NTA_PEER_IP=192.0.2.80"));
    assert_true(has_field(&fields, "NTA_LIST=malware"));
    assert_true(has_field(&fields, "NTA_LIST_LINE=17"));
    assert_true(has_field(&fields, "NTA_ENTRY=bad.example"));
    assert_true(has_field(&fields, "NTA_CATEGORY=worms"));
    assert_true(has_field(&fields, "NTA_COUNTRY=NL"));
    assert_true(has_field(&fields, "NTA_CITY=Amsterdam"));
    assert_true(has_field(&fields, "NTA_RECORD_ID=s-1-2"));
    assert_true(has_field(&fields, "NTA_APP=tls"));
    assert_true(has_field(&fields, "NTA_URL=http://bad.example/a"));
    assert_true(has_field(&fields, "NTA_BYTES=12345"));
    assert_true(has_field(&fields, "NTA_WEAK=0"));
    record = (struct nta_record){.event = NTA_RECORD_ALERT, .download = true};
    record.match.weak = true;
    nta_alert_fields_of(&fields, &record, "", 7, nta_span_of("hardly anything known"));
    assert_true(has_field(&fields, "NTA_USER_IP=::"));
    assert_true(has_field(&fields, "NTA_PEER_PORT=0"));
    assert_true(has_field(&fields, "NTA_WEAK=1"));
    assert_true(has_field(&fields, "NTA_DOWNLOAD=1"));
    assert_true(has_field(&fields, "NTA_STORED=no"));
    assert_false(has_name(&fields, "NTA_SITE")); /* what is not known is no empty field */
    assert_false(has_name(&fields, "NTA_LIST_LINE"));
    record = kit_hostile_record();
    nta_alert_fields_of(&fields, &record, "s-1-3", 0, nta_span_of("hostile"));
    for (size_t i = 0; i < fields.n; i++)
        kit_assert_harmless((struct nta_span){fields.iov[i].iov_base, fields.iov[i].iov_len});
    nta_alert_fields_done(&fields);
}

static void the_catalogue_explains_the_message_ids(void **state)
{
    NTA_AUTO_FILE FILE *file = fopen(NTA_TEST_SOURCE_DIR "/systemd/nta.catalog", "r");
    char text[8192] = "";

    (void)state;
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
    assert_non_null(strstr(text, "\n-- 5914e996ccd8463d9b08af1445efd3f2\nSubject: "));
    assert_non_null(strstr(text, "\n-- 5855ff6b3cc040d7ac6f5f1686d72508\nSubject: "));
    assert_non_null(strstr(text, "\n-- b1d2a8c65d0f4f0e9a7c3e5d41f6287b\nSubject: "));
    assert_non_null(strstr(text, "\n-- 4e7f30c9a2b64d6d8c15f0a93bd7e261\nSubject: "));
}

/* NOLINTBEGIN(concurrency-mt-unsafe): there is one thread */
static void the_journal_stream_is_known_by_its_inode(void **state)
{
    char text[64];
    struct stat st;

    (void)state;
    assert_int_equal(fstat(STDERR_FILENO, &st), 0);
    (void)snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
    assert_true(nta_alert_under_systemd());
    (void)snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + 1);
    assert_int_equal(setenv("JOURNAL_STREAM", text, 1), 0);
    assert_false(nta_alert_under_systemd());
    assert_int_equal(setenv("JOURNAL_STREAM", "nonsense", 1), 0);
    assert_false(nta_alert_under_systemd());
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    assert_false(nta_alert_under_systemd());
}

/* NOLINTEND(concurrency-mt-unsafe) */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_reads_well),
        cmocka_unit_test(a_lookup_was_asked_for_and_a_resolver_visited),
        cmocka_unit_test(the_place_of_a_resolver_is_not_shown_as_the_sites),
        cmocka_unit_test(a_file_that_came_is_no_repeat_of_the_visit),
        cmocka_unit_test(a_download_names_its_file),
        cmocka_unit_test(a_weak_match_says_so),
        cmocka_unit_test(colours_come_only_when_told),
        cmocka_unit_test(hostile_names_are_harmless_in_lines),
        cmocka_unit_test(a_long_url_is_shortened_and_all_else_stays),
        cmocka_unit_test(no_cut_is_inside_an_escape_or_a_character),
        cmocka_unit_test(the_longest_of_many_long_parts_are_shortened_alike),
        cmocka_unit_test(a_repeat_whose_site_is_cut_says_so),
        cmocka_unit_test(summaries_are_harmless_too),
        cmocka_unit_test(the_journal_gets_native_fields),
        cmocka_unit_test(the_catalogue_explains_the_message_ids),
        cmocka_unit_test(the_journal_stream_is_known_by_its_inode),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
