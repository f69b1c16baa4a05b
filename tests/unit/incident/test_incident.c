/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/detail.h"
#include "made.h"

static const struct nta_incident *at(size_t i)
{
    assert_true(i < settled());
    return nta_incidents_get(set, i);
}

static void take_at(uint8_t user, int64_t after_ns)
{
    const struct nta_record record = made(NTA_RECORD_ALERT, user, after_ns);

    take(&record);
}

static void a_pause_of_thirty_minutes_goes_on(void **state)
{
    (void)state;
    take_at(5, 0);
    take_at(5, 30 * MINUTE_NS);
    assert_int_equal(settled(), 1);
    take_at(5, 60 * MINUTE_NS + 1);
    assert_int_equal(settled(), 2);
}

static void a_pause_is_counted_from_the_end(void **state)
{
    struct nta_record record = made(NTA_RECORD_FLOW, 5, 0);

    (void)state;
    record.end_ns = BEGIN_NS + 2 * HOUR_NS;
    take(&record);
    take_at(5, 2 * HOUR_NS + 30 * MINUTE_NS);
    assert_int_equal(settled(), 1);
    assert_int_equal(at(0)->end_ns, BEGIN_NS + 2 * HOUR_NS + 30 * MINUTE_NS);
}

static void it_lasts_less_than_a_day(void **state)
{
    (void)state;
    for (int64_t i = 0; i <= 72; i++)
        take_at(5, i * 20 * MINUTE_NS);
    assert_int_equal(settled(), 2); /* the last one is 24 hours after the first */
    assert_int_equal(at(0)->n_records + at(1)->n_records, 73);
    assert_true(at(0)->continued != at(1)->continued);
}

static void order_of_arrival_does_not_matter(void **state)
{
    (void)state;
    take_at(5, 50 * MINUTE_NS);
    take_at(5, 0);
    assert_int_equal(settled(), 2);
    take_at(5, 25 * MINUTE_NS);
    assert_int_equal(settled(), 1);
}

static void users_and_sites_are_apart(void **state)
{
    struct nta_record record = made(NTA_RECORD_ALERT, 5, 0);

    (void)state;
    take(&record);
    record.site = nta_span_of("what.they.asked.for.bad.example");
    take(&record); /* a name below the entry is the same site */
    assert_int_equal(settled(), 1);
    record.user.addr.bytes[15] = 6;
    take(&record);
    record.match.entry = nta_span_of("worse.example");
    take(&record);
    record.network.kind = NTA_NETWORK_KIND_VNI;
    record.network.id = 7;
    take(&record);
    assert_int_equal(settled(), 4);
}

static void the_id_is_that_of_the_first_as_recorded(void **state)
{
    struct nta_record flow = made(NTA_RECORD_FLOW, 5, 0);
    const struct nta_record alert = made(NTA_RECORD_ALERT, 5, NTA_NS_PER_S);
    size_t n;

    (void)state;
    take_as(&flow, 2, 0); /* told later, though it began earlier */
    take_as(&alert, 1, 7);
    assert_string_equal(at(0)->id, "I-" SENSOR "-1-7");
    assert_ptr_equal(nta_incidents_find(set, "I-" SENSOR "-1-7", &n), at(0));
    assert_ptr_equal(nta_incidents_find(set, SENSOR "-2-0", &n), at(0)); /* any of its records */
    assert_ptr_equal(nta_incidents_find(set, "2-0", &n), at(0));
    assert_ptr_equal(nta_incidents_find(set, "0011-2-0", &n), at(0));
    assert_null(nta_incidents_find(set, "ff-2-0", &n));
    assert_null(nta_incidents_find(set, "3-0", &n));
    assert_null(nta_incidents_find(set, "no id", &n));
    assert_null(nta_incidents_find(set, "", &n));
    assert_int_equal(n, 0);
}

static void a_download_comes_before_any_number_of_lookups(void **state)
{
    const struct nta_record file = made_file(6, 0, "evil.exe", 1000);
    struct nta_record lookup = made(NTA_RECORD_LOOKUP, 5, 0);

    (void)state;
    lookup.act = NTA_ACT_ASKED;
    lookup.match.severity = 4;
    for (int i = 0; i < 1000; i++)
        take(&lookup);
    take(&file);
    take_at(7, 0);
    assert_int_equal(at(0)->act, NTA_ACT_DOWNLOADED);
    assert_int_equal(at(1)->act, NTA_ACT_CONTACTED);
    assert_int_equal(at(2)->act, NTA_ACT_ASKED);
    assert_int_equal(at(2)->n_records, 1000);
}

static void severity_and_bytes_decide_among_equals(void **state)
{
    struct nta_record small = made_file(5, 0, "a", 10), large = made_file(6, 0, "b", 20);
    struct nta_record severe = made_file(7, 0, "c", 1);

    (void)state;
    severe.match.severity = 3;
    take(&small);
    take(&large);
    take(&severe);
    assert_int_equal(at(0)->severity, 3);
    assert_int_equal(at(1)->down, 20);
    assert_int_equal(at(2)->down, 10);
}

static void eight_files_are_one_incident_with_eight_files(void **state)
{
    struct nta_incident_detail *detail = NULL;
    char name[32];

    (void)state;
    for (int i = 0; i < 8; i++) {
        (void)snprintf(name, sizeof(name), "file-%d.exe", i);
        const struct nta_record file = made_file(5, i * MINUTE_NS, name, 100 + (uint64_t)i);

        take(&file);
    }
    assert_int_equal(settled(), 1);
    assert_int_equal(at(0)->n_files, 8);
    assert_int_equal(nta_incident_detail_new(set, at(0), &detail), 0);
    assert_int_equal(detail->n_files, 8);
    assert_int_equal(detail->file_bytes, 8 * 100 + 28);
    assert_true(nta_span_is(detail->files[0].file.name, "file-7.exe")); /* the largest first */
    assert_int_equal(detail->n_names, 1);
    assert_int_equal(detail->n_entries, 1);
    nta_incident_detail_free(&detail);
}

static void requests_of_a_download_are_no_files_of_their_own(void **state)
{
    struct nta_record part = made_file(5, 0, "film.mkv", 50), whole = part, other = part;
    const uint64_t requests[] = {11, 12};

    (void)state;
    part.about = 11;
    take(&part);
    part.about = 12;
    take(&part);
    other.about = 13;
    take(&other);
    whole.event = NTA_RECORD_DOWNLOAD;
    whole.about = 11;
    whole.file.bytes = 100;
    whole.requests = requests;
    whole.n_requests = 2;
    take(&whole);
    assert_int_equal(at(0)->n_files, 2);
    assert_int_equal(at(0)->down, 150); /* requests count their bytes, the download does not */
}

static struct nta_record note(struct nta_record_log *log, int64_t after_ns, const char *incident,
                              uint8_t status, const char *text)
{
    *log = (struct nta_record_log){
        .incident = nta_span_of(incident), .status = status, .note = nta_span_of(text)};
    return (struct nta_record){
        .event = NTA_RECORD_NOTE, .time_ns = BEGIN_NS + after_ns, .log = log};
}

static void the_last_word_counts(void **state)
{
    struct nta_record_log logs[4];
    const struct nta_record notes[] = {
        note(&logs[0], 3 * HOUR_NS, "I-" SENSOR "-1-0", NTA_STATUS_CLOSED, "talked"),
        note(&logs[1], 2 * HOUR_NS, "I-" SENSOR "-1-1", NTA_STATUS_OPEN, "look"),
        note(&logs[2], 9 * HOUR_NS, "I-" SENSOR "-9-9", NTA_STATUS_FALSE, "another"),
        note(&logs[3], 9 * HOUR_NS, "nothing", NTA_STATUS_FALSE, "no id"),
    };

    (void)state;
    take_at(5, 0);
    take_at(5, MINUTE_NS);
    assert_int_equal(at(0)->status, NTA_STATUS_NEW);
    for (size_t i = 0; i < NTA_N_ELEMENTS(notes); i++)
        take_as(&notes[i], 50 + i, 0);
    assert_int_equal(at(0)->status, NTA_STATUS_CLOSED);
    assert_true(nta_span_is(at(0)->note, "talked"));
}

static void what_no_list_forbids_is_none(void **state)
{
    struct nta_record record = made(NTA_RECORD_FLOW, 5, 0);

    (void)state;
    record.match.list = (struct nta_span){0};
    take(&record);
    record = made(NTA_RECORD_CANARY, 5, 0);
    take(&record);
    assert_int_equal(settled(), 0);
}

static void packets_are_counted_by_themselves(void **state)
{
    const struct nta_record packets = made(NTA_RECORD_PACKETS, 5, 0);

    (void)state;
    take(&packets);
    take_at(5, 0);
    assert_int_equal(at(0)->n_packets, 1);
    assert_int_equal(at(0)->n_records, 1);
    assert_int_equal(at(0)->n_alerts, 1);
}

static void what_reaches_back_is_said(void **state)
{
    (void)state;
    take_at(5, 10 * MINUTE_NS);
    assert_int_equal(settled(), 1);
    assert_true(nta_incidents_reach_back(set, BEGIN_NS));
    assert_false(nta_incidents_reach_back(set, BEGIN_NS - HOUR_NS));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_pause_of_thirty_minutes_goes_on),
        TEST(a_pause_is_counted_from_the_end),
        TEST(it_lasts_less_than_a_day),
        TEST(order_of_arrival_does_not_matter),
        TEST(users_and_sites_are_apart),
        TEST(the_id_is_that_of_the_first_as_recorded),
        TEST(a_download_comes_before_any_number_of_lookups),
        TEST(severity_and_bytes_decide_among_equals),
        TEST(eight_files_are_one_incident_with_eight_files),
        TEST(requests_of_a_download_are_no_files_of_their_own),
        TEST(the_last_word_counts),
        TEST(what_no_list_forbids_is_none),
        TEST(packets_are_counted_by_themselves),
        TEST(what_reaches_back_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
