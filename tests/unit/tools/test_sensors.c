/* SPDX-License-Identifier: Apache-2.0 */

/* What headers and a sensor's own records say of how it is. */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "sensors/sensor_rows.h"
#include "sensors/sensors_show.h"
#include "unit.h"

#include <stdlib.h>

#define MIN     (60 * NTA_NS_PER_S)
#define HOUR    (60 * MIN)
#define NOW     (INT64_C(20000) * 24 * HOUR)
#define ASKED   (NOW - 24 * HOUR)
#define N_GATES 3
#define GATE(i) (scene->trust.all[i].sensor)

struct scene
{
    struct nta_trust trust;
    struct nta_findings *findings;
    struct nta_sensor_rows rows;
    struct nta_err err;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    assert_non_null(scene);
    for (unsigned i = 0; i < N_GATES; i++) {
        struct nta_trusted trusted = {.public_key = {(uint8_t)(i + 1)}};

        (void)snprintf(trusted.name, sizeof(trusted.name), "gate-%u", i);
        assert_int_equal(nta_trust_add(&scene->trust, &trusted, &scene->err), 0);
    }
    scene->findings = nta_findings_new();
    assert_non_null(scene->findings);
    assert_int_equal(nta_sensor_rows_init(&scene->rows, &scene->trust, ASKED, NOW), 0);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    nta_sensor_rows_done(&scene->rows);
    nta_trust_done(&scene->trust);
    nta_findings_free(&scene->findings);
    free(scene);
    return 0;
}

static struct nta_header header_of(const struct scene *scene, size_t gate, uint64_t number,
                                   int64_t sealed_ns)
{
    struct nta_header header = {.version = 2, .number = number, .sealed_ns = sealed_ns};

    memcpy(header.sensor, GATE(gate), sizeof(header.sensor));
    return header;
}

/** A batch, and in it a record of this event. */
static void come(struct scene *scene, size_t gate, uint64_t number, enum nta_record_event event,
                 int64_t time_ns, const struct nta_record_log *log)
{
    const struct nta_header header = header_of(scene, gate, number, time_ns);
    const struct nta_record record = {
        .event = event, .time_ns = time_ns, .end_ns = time_ns, .log = log};

    nta_sensor_rows_header(&scene->rows, &header);
    assert_int_equal(nta_sensor_rows_record(&scene->rows, &header, &record), 0);
}

static enum nta_sensor_state state_of(struct scene *scene, size_t gate)
{
    return nta_sensor_state(&scene->rows.all[gate], NOW);
}

static void who_seals_is_ok_and_who_does_not_is_silent(void **state)
{
    struct scene *scene = *state;

    for (size_t gate = 0; gate < 2; gate++) {
        const int64_t last_ns = gate ? NOW - 20 * MIN : NOW - 30 * NTA_NS_PER_S;

        come(scene, gate, 1, NTA_RECORD_START, NOW - 48 * HOUR, NULL);
        come(scene, gate, 2, NTA_RECORD_LOSS, last_ns, NULL);
    }
    nta_sensor_rows_end(&scene->rows, scene->findings);
    assert_int_equal(state_of(scene, 0), NTA_SENSOR_OK);
    assert_int_equal(state_of(scene, 1), NTA_SENSOR_SILENT);
    assert_int_equal(state_of(scene, 2), NTA_SENSOR_NONE);
    assert_true(scene->rows.all[0].is_told);
    assert_int_equal(scene->rows.all[0].of_ns, 24 * HOUR);
    assert_int_equal(scene->rows.all[0].unseen_ns, 0);
    assert_int_equal(scene->rows.all[1].unseen_ns, 20 * MIN); /* nobody knows that it watched */
    assert_false(scene->rows.all[2].is_told);
}

static void a_gap_and_seconds_with_losses_are_time_not_seen(void **state)
{
    const struct nta_log_blind blind[] = {{.interface = {.len = 0}, .seconds = 3},
                                          {.interface = {.len = 0}, .seconds = 7}};
    const struct nta_record_log gap = {
        .from_ns = NOW - 5 * HOUR, .to_ns = NOW - 3 * HOUR, .reason = NTA_GAP_REASON_KILLED};
    const struct nta_record_log losses = {.blind = blind, .n_blind = 2};
    struct scene *scene = *state;

    come(scene, 0, 1, NTA_RECORD_START, NOW - 10 * HOUR, NULL);
    come(scene, 0, 2, NTA_RECORD_GAP, NOW - 3 * HOUR, &gap);
    come(scene, 0, 3, NTA_RECORD_START, NOW - 3 * HOUR, NULL);
    come(scene, 0, 4, NTA_RECORD_LOSS, NOW - MIN, &losses);
    nta_sensor_rows_end(&scene->rows, scene->findings);
    assert_int_equal(state_of(scene, 0), NTA_SENSOR_OK);
    assert_int_equal(scene->rows.all[0].of_ns, 10 * HOUR); /* nobody expected it before */
    assert_int_equal(scene->rows.all[0].unseen_ns, 2 * HOUR);
    assert_int_equal(scene->rows.all[0].lossy_s, 7); /* of two interfaces the longer one */
}

static void who_said_that_it_stops_is_not_missed(void **state)
{
    struct scene *scene = *state;

    come(scene, 0, 1, NTA_RECORD_START, NOW - 10 * HOUR, NULL);
    come(scene, 0, 2, NTA_RECORD_STOP, NOW - 6 * HOUR, NULL);
    nta_sensor_rows_end(&scene->rows, scene->findings);
    assert_int_equal(state_of(scene, 0), NTA_SENSOR_STOPPED);
    assert_int_equal(scene->rows.all[0].unseen_ns, 6 * HOUR);
}

/** A gap that was told while it watched does not hide that it stopped, and is time not seen. */
static void a_gap_while_it_watched_is_time_not_seen(void **state)
{
    const struct nta_record_log gap = {
        .from_ns = NOW - 9 * HOUR, .to_ns = NOW - 8 * HOUR, .reason = NTA_GAP_REASON_DOWN};
    const struct nta_record_log other = {.from_ns = NOW - 9 * HOUR + 30 * MIN,
                                         .to_ns = NOW - 7 * HOUR,
                                         .interface = nta_span_of("eth1"),
                                         .reason = NTA_GAP_REASON_DOWN};
    struct scene *scene = *state;

    for (size_t gate = 0; gate < 2; gate++) {
        come(scene, gate, 1, NTA_RECORD_START, NOW - 10 * HOUR, NULL);
        come(scene, gate, 2, NTA_RECORD_GAP, NOW - 8 * HOUR, &gap);
        come(scene, gate, 3, NTA_RECORD_GAP, NOW - 7 * HOUR, &other);
        if (gate == 0)
            come(scene, gate, 4, NTA_RECORD_STOP, NOW - 6 * HOUR, NULL);
        else
            come(scene, gate, 4, NTA_RECORD_LOSS, NOW - MIN, NULL);
    }
    nta_sensor_rows_end(&scene->rows, scene->findings);
    assert_int_equal(state_of(scene, 0), NTA_SENSOR_STOPPED);
    assert_int_equal(scene->rows.all[0].unseen_ns, 8 * HOUR); /* 2 of gaps, 6 since the stop */
    assert_int_equal(state_of(scene, 1), NTA_SENSOR_OK);
    assert_int_equal(scene->rows.all[1].unseen_ns, 2 * HOUR);
}

static void what_waits_for_mysql_is_counted_and_has_an_age(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct scene *scene = *state;
    struct nta_sensor_row *row = &scene->rows.all[1];

    row->has_backlog = true;
    row->sent = 2;
    for (uint64_t number = 1; number <= 5; number++) {
        const struct nta_header header =
            header_of(scene, 1, number, NOW - (int64_t)(30 - 5 * number) * MIN);

        nta_sensor_rows_header(&scene->rows, &header);
    }
    nta_sensor_rows_end(&scene->rows, scene->findings);
    assert_int_equal(row->last, 5);
    assert_int_equal(row->n_unsent, 3);
    assert_int_equal(NOW - row->unsent_ns, 15 * MIN);
    assert_int_equal(state_of(scene, 1), NTA_SENSOR_BEHIND);
    nta_sensors_put_json(&out, &scene->rows);
    nta_buf_put_u8(&out, 0);
    assert_non_null(strstr((char *)out.ptr,
                           "\"name\":\"gate-1\",\"state\":\"behind\",\"batches\":5,"
                           "\"batch\":5,"));
    assert_non_null(strstr((char *)out.ptr, "\"backlog\":3,\"backlog_s\":900}"));
}

static void what_does_not_hold_comes_before_everything(void **state)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct scene *scene = *state;
    const struct nta_finding_at there = {.sensor = GATE(1), .number = 1};

    for (size_t gate = 0; gate < N_GATES; gate++)
        come(scene, gate, 1, NTA_RECORD_START, NOW - MIN, NULL);
    nta_findings_add(scene->findings, NTA_FINDING_LOST, &there, NULL); /* is no fault */
    nta_findings_add(scene->findings, NTA_FINDING_BODY, &there, NULL);
    nta_sensor_rows_end(&scene->rows, scene->findings);
    assert_int_equal(state_of(scene, 0), NTA_SENSOR_OK);
    assert_int_equal(state_of(scene, 1), NTA_SENSOR_WRONG);
    nta_sensors_put_table(&out, &scene->rows, false);
    nta_buf_put_u8(&out, 0);
    const char *first = strchr((char *)out.ptr, '\n');

    assert_non_null(first);
    assert_int_equal(strncmp(first + 1, "gate-1 ", 7), 0);
    for (const char *line = (char *)out.ptr, *end; (end = strchr(line, '\n')); line = end + 1)
        assert_true(end - line <= 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(who_seals_is_ok_and_who_does_not_is_silent),
        TEST(a_gap_and_seconds_with_losses_are_time_not_seen),
        TEST(who_said_that_it_stops_is_not_missed),
        TEST(a_gap_while_it_watched_is_time_not_seen),
        TEST(what_waits_for_mysql_is_counted_and_has_an_age),
        TEST(what_does_not_hold_comes_before_everything),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
