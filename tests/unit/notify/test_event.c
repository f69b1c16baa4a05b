/* SPDX-License-Identifier: Apache-2.0 */
/* What a line of the log says, whichever of its three forms it has. */
#include "notify/event.h"
#include "unit.h"

#include <stdlib.h>

static struct nta_notify_event event;

static const char nta[] =
    "{\"id\":\"s-1-2\",\"time\":\"2026-11-30T10:00:00.000000000Z\",\"event\":\"alert\",\"user\":{"
    "\"ip\":\"10.0.0.5\",\"login\":\"ann\",\"department\":\"sales\"},\"site\":\"bad.example\","
    "\"via\":[\"other.example\",{\"site\":\"no\"}],\"match\":{\"list\":\"deny\",\"entry\":"
    "\"example\",\"severity\":\"high\",\"weak\":true},\"file\":{\"name\":\"x\\\\x0a.exe\","
    "\"bytes\":77},\"download\":true,\"act\":\"downloaded\"}";

static enum nta_parse take(const char *line)
{
    return nta_notify_event_json(&event, nta_span_of(line));
}

static void check_alert(void)
{
    assert_int_equal(event.kind, NTA_NOTIFY_ALERT);
    assert_int_equal(event.severity, NTA_NOTIFY_HIGH);
    assert_true(event.weak && event.download);
    assert_int_equal(event.bytes, 77);
    assert_string_equal(event.word[NTA_NOTIFY_USER], "10.0.0.5");
    assert_string_equal(event.word[NTA_NOTIFY_DEPARTMENT], "sales");
    assert_string_equal(event.word[NTA_NOTIFY_SITE], "bad.example");
    assert_string_equal(event.word[NTA_NOTIFY_ENTRY], "example");
    assert_string_equal(event.word[NTA_NOTIFY_FILE], "x\\x0a.exe");
    assert_string_equal(event.word[NTA_NOTIFY_RECORD], "s-1-2");
}

static void a_line_of_alert_json_is_an_alert(void **state)
{
    (void)state;
    assert_int_equal(take(nta), NTA_PARSE_OK);
    check_alert();
}

static void its_eve_form_too(void **state)
{
    char eve[2048];

    (void)state;
    (void)snprintf(eve, sizeof(eve),
                   "{\"timestamp\":\"x\",\"event_type\":\"alert\",\"alert\":{\"severity\":3},"
                   "\"dest_ip\":\"192.0.2.1\",\"nta\":%s}",
                   nta);
    assert_int_equal(take(eve), NTA_PARSE_OK);
    check_alert();
}

static void fields_of_the_journal_too(void **state)
{
    static const char *const fields[] = {("MESSAGE_ID=" NTA_NOTIFY_ID_ALERT),
                                         "NTA_USER_IP=10.0.0.5",
                                         "NTA_USER_DEPARTMENT=sales",
                                         "NTA_SITE=bad.example",
                                         "NTA_ENTRY=example",
                                         "NTA_FILE=x\\x0a.exe",
                                         "NTA_FILE_BYTES=77",
                                         "NTA_SEVERITY=high",
                                         "NTA_WEAK=1",
                                         "NTA_DOWNLOAD=1",
                                         "NTA_RECORD_ID=s-1-2",
                                         "NTA_SITE",
                                         "",
                                         "_PID=7"};

    (void)state;
    nta_notify_event_init(&event);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        nta_notify_event_field(&event, nta_span_of(fields[i]));
    check_alert();
}

static void a_number_that_no_book_can_have_is_none(void **state)
{
    (void)state;
    nta_notify_event_init(&event);
    nta_notify_event_field(&event, nta_span_of("NTA_FILE_BYTES=18446744073709551615"));
    assert_true(event.bytes <= INT64_MAX);
}

static void what_ntad_says_of_itself_has_a_severity(void **state)
{
    (void)state;
    nta_notify_event_init(&event);
    nta_notify_event_field(&event, nta_span_of("MESSAGE_ID=" NTA_NOTIFY_ID_BAD));
    assert_int_equal(event.kind, NTA_NOTIFY_BAD);
    assert_int_equal(event.severity, NTA_NOTIFY_HIGH);
    nta_notify_event_init(&event);
    nta_notify_event_field(&event, nta_span_of("MESSAGE_ID=" NTA_NOTIFY_ID_FOUND));
    assert_int_equal(event.kind, NTA_NOTIFY_WELL);
    assert_int_equal(event.severity, NTA_NOTIFY_LOW);
}

static void summaries_say_how_many(void **state)
{
    (void)state;
    assert_int_equal(take("{\"event\":\"alert-summary\",\"user\":{\"ip\":\"10.0.0.5\"},"
                          "\"repeats\":12}"),
                     NTA_PARSE_OK);
    assert_int_equal(event.kind, NTA_NOTIFY_REPEATS);
    assert_int_equal(event.n, 12);
    assert_int_equal(take("{\"event\":\"alert-summary\",\"not_logged\":9}"), NTA_PARSE_OK);
    assert_int_equal(event.kind, NTA_NOTIFY_CAPPED);
    assert_int_equal(event.n, 9);
}

static void what_is_no_alert_is_other_and_what_is_no_json_is_bad(void **state)
{
    (void)state;
    assert_int_equal(take("{\"event\":\"alert-stored\",\"about\":7}"), NTA_PARSE_OTHER);
    assert_int_equal(take("{}"), NTA_PARSE_OTHER);
    assert_int_equal(take("{\"event\":\"alert\""), NTA_PARSE_BAD);
    assert_int_equal(event.kind, NTA_NOTIFY_OTHER);
    assert_int_equal(take("ALERT 10.0.0.5"), NTA_PARSE_BAD);
}

static void each_shorter_line_is_bad(void **state)
{
    (void)state;
    for (size_t len = 1; len + 1 < sizeof(nta); len++) {
        uint8_t *copy = malloc(len);

        assert_non_null(copy);
        memcpy(copy, nta, len);
        assert_int_equal(nta_notify_event_json(&event, (struct nta_span){copy, len}),
                         NTA_PARSE_BAD);
        free(copy);
    }
}

static void a_text_too_long_is_cut_and_says_so(void **state)
{
    char text[2 * NTA_NOTIFY_WORD_SIZE];

    (void)state;
    memset(text, 'x', sizeof(text));
    nta_notify_event_init(&event);
    nta_notify_event_set(&event, NTA_NOTIFY_SITE,
                         (struct nta_span){(const uint8_t *)text, sizeof(text)});
    assert_true(strlen(event.word[NTA_NOTIFY_SITE]) < NTA_NOTIFY_WORD_SIZE);
    assert_non_null(strstr(event.word[NTA_NOTIFY_SITE], "xxx..."));
    nta_notify_event_set(&event, NTA_NOTIFY_SITE, nta_span_of("a\nb\x1b[1m"));
    assert_string_equal(event.word[NTA_NOTIFY_SITE], "a\\x0ab\\x1b[1m");
}

static void a_download_proves_more_than_a_lookup(void **state)
{
    unsigned weak, lookup, visit, download;

    (void)state;
    nta_notify_event_init(&event);
    event.weak = true;
    event.severity = NTA_NOTIFY_LOW;
    nta_notify_event_set(&event, NTA_NOTIFY_ACT, nta_span_of("asked"));
    weak = nta_notify_event_rank(&event);
    event.weak = false;
    lookup = nta_notify_event_rank(&event);
    nta_notify_event_set(&event, NTA_NOTIFY_ACT, nta_span_of("contacted"));
    visit = nta_notify_event_rank(&event);
    event.download = true;
    download = nta_notify_event_rank(&event);
    assert_true(weak < lookup && lookup < visit && visit < download);
    event.download = false;
    event.severity = NTA_NOTIFY_MEDIUM;
    assert_true(nta_notify_event_rank(&event) > download);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_of_alert_json_is_an_alert),
        cmocka_unit_test(its_eve_form_too),
        cmocka_unit_test(fields_of_the_journal_too),
        cmocka_unit_test(a_number_that_no_book_can_have_is_none),
        cmocka_unit_test(what_ntad_says_of_itself_has_a_severity),
        cmocka_unit_test(summaries_say_how_many),
        cmocka_unit_test(what_is_no_alert_is_other_and_what_is_no_json_is_bad),
        cmocka_unit_test(each_shorter_line_is_bad),
        cmocka_unit_test(a_text_too_long_is_cut_and_says_so),
        cmocka_unit_test(a_download_proves_more_than_a_lookup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
