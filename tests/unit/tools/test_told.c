/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/counters.h"
#include "coverage/told.h"
#include "unit.h"

#define HOUR_NS (3600 * NTA_NS_PER_S)
#define NOW_NS  (INT64_C(1700000000) * NTA_NS_PER_S)

struct rig
{
    struct nta_trusted trusted;
    struct nta_trust trust;
    struct nta_findings *findings;
    struct nta_chain *chain;
    struct nta_told *told;
    struct nta_header header;
    uint64_t number;
};

static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.header = {.version = 2, .sealed_ns = NOW_NS}};
    memset(rig->header.sensor, 7, sizeof(rig->header.sensor));
    memset(rig->trusted.sensor, 7, sizeof(rig->trusted.sensor));
    rig->trust = (struct nta_trust){.all = &rig->trusted, .n = 1};
    rig->findings = nta_findings_new();
    rig->chain = nta_chain_new(&rig->trust, rig->findings);
    rig->told = nta_told_new();
    assert_true(rig->findings && rig->chain && rig->told);
}

static void rig_done(struct rig *rig)
{
    nta_chain_free(&rig->chain);
    nta_findings_free(&rig->findings);
    nta_told_free(&rig->told);
}

/** A batch of this record alone, sealed NOW_NS. */
static void take(struct rig *rig, const struct nta_record *record)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch;

    nta_batch_init(&batch);
    assert_int_equal(nta_batch_add(&batch, record), 0);
    rig->header.number = ++rig->number;
    rig->header.class = nta_record_class(record);
    rig->header.first_ns = batch.first_ns;
    rig->header.last_ns = batch.last_ns;
    assert_int_equal(nta_told_take(rig->told, &rig->header, &batch, rig->chain), 0);
}

static void start(struct rig *rig, size_t n_files)
{
    const struct nta_log_input input = {.name = nta_span_of("a.pcap")};
    const struct nta_record_log log = {.inputs = &input, .n_inputs = n_files};

    take(rig, &(struct nta_record){.event = NTA_RECORD_START, .time_ns = NOW_NS, .log = &log});
}

static void flow(struct rig *rig, int64_t begin_ns, int64_t end_ns)
{
    take(rig,
         &(struct nta_record){.event = NTA_RECORD_FLOW, .time_ns = begin_ns, .end_ns = end_ns});
}

static uint64_t n_dated(const struct rig *rig)
{
    return nta_findings_of_kind(rig->findings, NTA_FINDING_DATED);
}

static void records_that_are_sealed_late_are_told_of_live_sensors(void **state)
{
    const int64_t old_ns = NOW_NS - 25 * HOUR_NS;
    struct rig rig;

    (void)state;
    rig_init(&rig);
    flow(&rig, old_ns, old_ns); /* nobody knows yet what it is of */
    start(&rig, 1);
    flow(&rig, old_ns, old_ns);
    assert_int_equal(n_dated(&rig), 0);
    start(&rig, 0);
    flow(&rig, NOW_NS - 23 * HOUR_NS, NOW_NS - 23 * HOUR_NS);
    flow(&rig, NOW_NS - 100 * HOUR_NS, NOW_NS); /* a long one */
    take(&rig, &(struct nta_record){.event = NTA_RECORD_LEASE, .time_ns = old_ns});
    assert_int_equal(n_dated(&rig), 0);
    flow(&rig, old_ns, old_ns + HOUR_NS / 2);
    assert_int_equal(n_dated(&rig), 1);
    assert_int_equal(nta_findings_of(rig.findings, NTA_WRONG), 0);
    start(&rig, 1);
    flow(&rig, old_ns, old_ns);
    assert_int_equal(n_dated(&rig), 1);
    rig_done(&rig);
}

static void loss(struct rig *rig, enum nta_counter counter, uint64_t n, int64_t from_ns)
{
    const struct nta_record_loss losses[] = {
        {nta_span_of(nta_counter_infos[NTA_COUNTER_DROP_KERNEL].name), 99},
        {nta_span_of(nta_counter_infos[counter].name), n},
    };

    take(rig, &(struct nta_record){.event = NTA_RECORD_LOSS,
                                   .time_ns = from_ns,
                                   .end_ns = from_ns + HOUR_NS,
                                   .losses = losses,
                                   .n_losses = 2});
}

static void lost_records_are_summed_up_with_their_times(void **state)
{
    static const uint8_t other[NTA_SENSOR_ID_LEN] = {1};
    struct nta_told_loss sum;
    struct rig rig;

    (void)state;
    rig_init(&rig);
    assert_int_equal(nta_told_loss(rig.told, rig.header.sensor).n, 0);
    assert_int_equal(nta_told_loss(NULL, rig.header.sensor).n, 0);
    loss(&rig, NTA_COUNTER_DROP_RING, 5, NOW_NS - 9 * HOUR_NS); /* packets */
    assert_int_equal(nta_told_loss(rig.told, rig.header.sensor).n, 0);
    loss(&rig, NTA_COUNTER_RECORD_LOST, 5, NOW_NS - 4 * HOUR_NS);
    loss(&rig, NTA_COUNTER_RECORD_DROP, 7, NOW_NS - 6 * HOUR_NS);
    sum = nta_told_loss(rig.told, rig.header.sensor);
    assert_int_equal(sum.n, 12);
    assert_int_equal(sum.first_ns, NOW_NS - 6 * HOUR_NS);
    assert_int_equal(sum.last_ns, NOW_NS - 3 * HOUR_NS);
    assert_int_equal(nta_told_loss(rig.told, other).n, 0);
    rig_done(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_that_are_sealed_late_are_told_of_live_sensors),
        cmocka_unit_test(lost_records_are_summed_up_with_their_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
