/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/made_case.h"
#include "evidence/proof/times.h"

#define DAY_NS (86400 * NTA_NS_PER_S)

enum
{
    START = 2 ///< The head of the batch with the sensor's start.
};

static enum nta_case_state times_of(const struct made *made, struct nta_case_report *report)
{
    memset(report, 0, sizeof(*report));
    assert_int_equal(nta_case_prove_times(made->kase, report), 0);
    return report->steps[NTA_CASE_TIMES].state;
}

static void batches_in_a_row_hold(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    assert_int_equal(times_of(&made, &report), NTA_CASE_HOLDS);
    assert_int_equal(report.origin.n_read + report.origin.n_unproved, 0);
    assert_int_equal(report.origin.n, 2 * MADE_WANTED);
}

/** Whoever has the present key seals last week's incident today, and says that it was last week. */
static void a_batch_that_is_dated_back_is_told(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    made.sensor->heads[3].header.sealed_ns = made.sensor->heads[0].header.sealed_ns - DAY_NS;
    assert_int_equal(times_of(&made, &report), NTA_CASE_UNSEEN);
    assert_non_null(strstr(report.steps[NTA_CASE_TIMES].text, "dated back"));
}

/** Also if one between them is dated back with it. */
static void it_is_held_against_all_in_front_of_it(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    for (size_t i = 2; i < made.sensor->n_heads; i++)
        made.sensor->heads[i].header.sealed_ns -= DAY_NS - (int64_t)i;
    made.sensor->heads[2].header.number = 3;
    assert_int_equal(times_of(&made, &report), NTA_CASE_UNSEEN);
    made.sensor->heads[2].header.sealed_ns = INT64_MIN;
    assert_int_equal(times_of(&made, &report), NTA_CASE_UNSEEN);
}

/** A clock that is set by seconds is no more than its error. */
static void a_clock_may_be_set_by_its_error(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_header *header = &made.sensor->heads[3].header;
    struct nta_case_report report;

    (void)state;
    header->sealed_ns = made.sensor->heads[2].header.sealed_ns - 30 * NTA_NS_PER_S;
    header->clock = 30001;
    assert_int_equal(times_of(&made, &report), NTA_CASE_HOLDS);
    header->sealed_ns -= NTA_NS_PER_S;
    assert_int_equal(times_of(&made, &report), NTA_CASE_UNSEEN);
}

/** It was sealed today, and tells of last week. */
static void records_that_are_older_than_a_day_are_told(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    for (size_t i = 1; i < made.sensor->n_heads; i++)
        made.sensor->heads[i].header.sealed_ns += 2 * DAY_NS;
    assert_int_equal(times_of(&made, &report), NTA_CASE_UNSEEN);
    assert_non_null(strstr(report.steps[NTA_CASE_TIMES].text, "more than a day later"));
}

/** A start that names capture files stands in front of them. */
static void records_of_files_are_as_old_as_these(void **state)
{
    const struct nta_log_input input = {.name = nta_span_of("a.pcap")};
    const struct nta_record_log log = {.inputs = &input, .n_inputs = 1};
    const struct nta_record start = {
        .event = NTA_RECORD_START, .time_ns = MADE_NS + 2 * DAY_NS, .log = &log};
    const struct nta_record start_today = {
        .event = NTA_RECORD_START, .time_ns = MADE_NS, .log = &log};
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    for (size_t i = 1; i < made.sensor->n_heads; i++)
        made.sensor->heads[i].header.sealed_ns += 2 * DAY_NS;
    nta_batch_clear(&made.batch);
    assert_int_equal(nta_batch_add(&made.batch, &start), 0);
    made.sensor->heads[START].records[0].bytes = nta_batch_record(&made.batch, 0);
    assert_int_equal(times_of(&made, &report), NTA_CASE_NONE);
    assert_true(report.origin.n_read > 0);
    for (size_t i = 1; i < made.sensor->n_heads; i++) /* and also if they are of today */
        made.sensor->heads[i].header.sealed_ns -= 2 * DAY_NS;
    nta_batch_clear(&made.batch);
    assert_int_equal(nta_batch_add(&made.batch, &start_today), 0);
    made.sensor->heads[START].records[0].bytes = nta_batch_record(&made.batch, 0);
    assert_int_equal(times_of(&made, &report), NTA_CASE_NONE);
    assert_true(report.origin.n_read > 0);
}

/** Nobody says whether it was seen: that is not "seen". */
static void without_a_start_nothing_is_known_of_their_origin(void **state)
{
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    made.sensor->heads[START].n_records = 0;
    assert_int_equal(times_of(&made, &report), NTA_CASE_UNSEEN);
    assert_int_equal(report.origin.n_unproved, 2 * MADE_WANTED);
    assert_non_null(strstr(report.steps[NTA_CASE_TIMES].text, "of 4 of 4 records no start"));
}

/** Some were seen, and some read: it is said of how many. */
static void a_reading_is_of_the_records_behind_it_alone(void **state)
{
    const struct nta_log_input input = {.name = nta_span_of("a.pcap")};
    const struct nta_record_log log = {.inputs = &input, .n_inputs = 1};
    struct nta_record start = {.event = NTA_RECORD_START, .log = &log};
    NTA_AUTO(made_done) struct made made = made_new();
    struct nta_case_report report;

    (void)state;
    start.time_ns = made.sensor->heads[START].header.sealed_ns;
    nta_batch_clear(&made.batch);
    assert_int_equal(nta_batch_add(&made.batch, &start), 0);
    made.sensor->heads[0].records[0].bytes = nta_batch_record(&made.batch, 0);
    assert_int_equal(times_of(&made, &report), NTA_CASE_NONE);
    assert_int_equal(report.origin.n_read, MADE_WANTED);
    assert_non_null(strstr(report.steps[NTA_CASE_TIMES].text, "2 of 4 records are of capture"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_in_a_row_hold),
        cmocka_unit_test(a_batch_that_is_dated_back_is_told),
        cmocka_unit_test(it_is_held_against_all_in_front_of_it),
        cmocka_unit_test(a_clock_may_be_set_by_its_error),
        cmocka_unit_test(records_that_are_older_than_a_day_are_told),
        cmocka_unit_test(records_of_files_are_as_old_as_these),
        cmocka_unit_test(without_a_start_nothing_is_known_of_their_origin),
        cmocka_unit_test(a_reading_is_of_the_records_behind_it_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
