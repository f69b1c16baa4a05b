/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "coverage/coverage.h"
#include "unit.h"

#include <inttypes.h>

static struct nta_coverage coverage;
static uint8_t sensor[NTA_COVERAGE_SENSOR];
static const char *unverified;

static void add(const struct nta_record *record, uint64_t stamp)
{
    assert_int_equal(nta_coverage_add(&coverage, sensor, record, stamp, unverified), 0);
}

static void policy(int64_t t, uint64_t stamp)
{
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .time_ns = t};

    add(&record, stamp);
}

static void event(enum nta_record_event which, int64_t t, uint64_t stamp)
{
    const struct nta_record record = {.event = which, .time_ns = t, .policy = stamp};

    add(&record, 0);
}

static void gap(enum nta_gap_reason reason, const char *interface, int64_t from, int64_t to)
{
    const struct nta_record_log log = {.reason = (uint8_t)reason,
                                       .interface = nta_span_of(interface),
                                       .from_ns = from,
                                       .to_ns = to};
    const struct nta_record record = {.event = NTA_RECORD_GAP, .time_ns = from, .log = &log};

    add(&record, 0);
}

static void loss(int64_t from, int64_t to, uint64_t n, uint64_t blind)
{
    const struct nta_record_loss losses[] = {{nta_span_of("capture.drop.ring"), n}};
    const struct nta_log_blind seconds[] = {{nta_span_of("eth0"), blind}};
    const struct nta_record_log log = {.blind = seconds, .n_blind = 1};
    const struct nta_record record = {
        .event = NTA_RECORD_LOSS,
        .time_ns = from,
        .end_ns = to,
        .losses = losses,
        .n_losses = n > 0,
        .log = blind ? &log : NULL,
    };

    add(&record, 0);
}

/** "watched 10-20 p1 lost 5/3 open", rows with commas between; begins anew. */
static void assert_rows(const char *expected)
{
    static const char *const kinds[] = {"watched", "read", "gap"};
    char text[512] = "";

    for (size_t i = 0; i < coverage.n; i++) {
        const struct nta_coverage_row *row = &coverage.rows[i];
        size_t len = strlen(text);

        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %" PRId64 "-%" PRId64,
                                i ? ", " : "", kinds[row->kind], row->from_ns, row->to_ns);
        if (row->policy)
            len += (size_t)snprintf(text + len, sizeof(text) - len, " p%" PRIu64, row->policy);
        if (row->kind == NTA_COVERAGE_GAP)
            len += (size_t)snprintf(text + len, sizeof(text) - len, " %s%s",
                                    nta_gap_reason_name(row->reason), row->interface);
        if (row->lost[NTA_COUNTER_DROP_RING])
            len += (size_t)snprintf(text + len, sizeof(text) - len, " lost %" PRIu64 "/%" PRIu64,
                                    row->lost[NTA_COUNTER_DROP_RING],
                                    row->n_blind ? row->blind[0].seconds : 0);
        (void)snprintf(text + len, sizeof(text) - len, "%s%s", row->is_open ? " open" : "",
                       row->unverified ? " by nobody" : "");
    }
    assert_string_equal(text, expected);
    nta_coverage_done(&coverage);
    memset(sensor, 0, sizeof(sensor));
    unverified = NULL;
}

static void a_run_has_its_losses_and_its_end(void **state)
{
    (void)state;
    policy(10, 1);
    event(NTA_RECORD_START, 11, 1);
    loss(11, 70, 5, 2);
    loss(70, 130, 1, 1);
    event(NTA_RECORD_STOP, 140, 1);
    loss(130, 139, 0, 0); /* the last one is told behind the stop */
    assert_rows("watched 11-140 p1 lost 6/3");
}

static void a_reload_begins_a_row_and_a_restart_does_not(void **state)
{
    (void)state;
    policy(10, 1);
    event(NTA_RECORD_START, 11, 1);
    policy(50, 2); /* a reload */
    loss(11, 70, 5, 0);
    policy(90, 3); /* and one, right before it is killed */
    policy(200, 4);
    gap(NTA_GAP_REASON_KILLED, NULL, 95, 200);
    event(NTA_RECORD_START, 200, 4);
    loss(200, 260, 0, 0);
    assert_rows("watched 11-50 p1, watched 50-90 p2 lost 5/0, watched 90-95 p3, gap 95-200 killed, "
                "watched 200-260 p4 open");
}

static void stopped_and_killed_are_gaps(void **state)
{
    (void)state;
    policy(10, 1);
    event(NTA_RECORD_START, 11, 1);
    event(NTA_RECORD_STOP, 20, 1);
    policy(30, 1);
    gap(NTA_GAP_REASON_STOPPED, NULL, 20, 30);
    event(NTA_RECORD_START, 30, 1);
    gap(NTA_GAP_REASON_INTERFACE, "eth1", 35, 40);
    assert_rows("watched 11-20 p1, gap 20-30 stopped, watched 30-40 p1 open, "
                "gap 35-40 interface goneeth1");
}

static void what_nothing_tells_of_is_not_watched(void **state)
{
    (void)state;
    policy(10, 1);
    event(NTA_RECORD_START, 11, 1);
    loss(11, 70, 0, 0);
    policy(500, 1); /* its state was lost, too */
    event(NTA_RECORD_START, 500, 1);
    assert_rows("watched 11-70 p1 open, gap 70-500 , watched 500-500 p1 open");
}

static void files_cover_the_times_of_their_records(void **state)
{
    const struct nta_log_input inputs[2] = {{.size = 1}, {.size = 2}};
    const struct nta_record_log read = {.inputs = inputs, .n_inputs = 2};
    const struct nta_record_log ended = {.from_ns = 3, .to_ns = 9};
    const struct nta_record start = {
        .event = NTA_RECORD_START, .time_ns = 900, .policy = 7, .log = &read};
    const struct nta_record stop = {
        .event = NTA_RECORD_STOP, .time_ns = 950, .policy = 7, .log = &ended};

    (void)state;
    policy(899, 7);
    add(&start, 0);
    add(&start, 0);
    loss(3, 9, 4, 0);
    add(&stop, 0);
    assert_int_equal(coverage.n, 1);
    assert_int_equal(coverage.rows[0].n_files, 4);
    assert_rows("read 3-9 p7 lost 4/0");
}

static void each_sensor_has_its_own_rows(void **state)
{
    (void)state;
    event(NTA_RECORD_START, 11, 1);
    sensor[0] = 1;
    event(NTA_RECORD_STOP, 12, 1); /* of another: nothing is open there */
    event(NTA_RECORD_START, 13, 2);
    loss(13, 20, 0, 0);
    assert_int_equal(coverage.rows[1].sensor[0], 1);
    assert_rows("watched 11-11 p1 open, watched 13-20 p2 open");
}

static void what_does_not_hold_marks_the_rows_that_it_made_or_changed(void **state)
{
    (void)state;
    policy(10, 1);
    event(NTA_RECORD_START, 11, 1);
    loss(11, 70, 0, 0);
    unverified = "signature";
    policy(80, 2);
    unverified = NULL;
    loss(80, 90, 0, 0); /* only now the policy is known to be a reload's */
    policy(95, 3);
    loss(95, 99, 0, 0);
    unverified = "signature";
    gap(NTA_GAP_REASON_INTERFACE, "eth1", 110, 120);
    assert_rows("watched 11-80 p1 by nobody, watched 80-95 p2 by nobody, "
                "watched 95-120 p3 open by nobody, gap 110-120 interface goneeth1 by nobody");
    event(NTA_RECORD_START, 11, 1);
    loss(11, 70, 0, 0);
    policy(80, 2);
    loss(80, 90, 0, 0);
    unverified = "signature";
    event(NTA_RECORD_STOP, 100, 2);
    assert_rows("watched 11-80 p1, watched 80-100 p2 by nobody");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_has_its_losses_and_its_end),
        cmocka_unit_test(a_reload_begins_a_row_and_a_restart_does_not),
        cmocka_unit_test(stopped_and_killed_are_gaps),
        cmocka_unit_test(what_nothing_tells_of_is_not_watched),
        cmocka_unit_test(files_cover_the_times_of_their_records),
        cmocka_unit_test(each_sensor_has_its_own_rows),
        cmocka_unit_test(what_does_not_hold_marks_the_rows_that_it_made_or_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
