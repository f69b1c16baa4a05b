/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "pipeline/losslog.h"
#include "unit.h"

static uint64_t totals[NTA_N_COUNTERS];
static struct nta_missed all_missed;

static uint64_t counted(const void *owner, enum nta_counter which)
{
    (void)owner;
    return totals[which];
}

static const char *missed(const void *owner, size_t i, int64_t mono_ns,
                          struct nta_missed *ret_missed)
{
    (void)owner;
    (void)mono_ns;
    assert_int_equal(i, 0);
    *ret_missed = all_missed;
    return "eth0";
}

static void begin(struct nta_loss_log *log, int64_t wall_ns)
{
    const struct nta_loss_log_options options = {
        .counted = counted, .missed = missed, .n_sources = 1};

    memset(totals, 0, sizeof(totals));
    all_missed = (struct nta_missed){0};
    nta_loss_log_init(log, &options, wall_ns);
}

static void what_is_looked_at_stays_untold(void **state)
{
    struct nta_loss_log log;
    struct nta_losses_told told;

    (void)state;
    begin(&log, 100);
    totals[NTA_COUNTER_DROP_KERNEL] = 7;
    totals[NTA_COUNTER_RECEIVED] = 9000; /* no loss */
    for (int i = 0; i < 3; i++) {
        nta_loss_log_peek(&log, 200, &told);
        assert_int_equal(told.n_losses, 1);
        assert_int_equal(told.losses[0].n, 7);
        assert_int_equal(told.from_ns, 100);
        assert_int_equal(told.to_ns, 200);
    }
    nta_loss_log_take(&log, 300, &told);
    assert_int_equal(told.losses[0].n, 7);
    nta_loss_log_peek(&log, 400, &told);
    assert_int_equal(told.n_losses, 0);
    assert_int_equal(told.from_ns, 300);
    totals[NTA_COUNTER_DROP_KERNEL] = 9;
    nta_loss_log_take(&log, 500, &told);
    assert_int_equal(told.n_losses, 1);
    assert_int_equal(told.losses[0].n, 2);
    nta_loss_log_done(&log);
}

static void of_files_it_begins_with_the_first_record(void **state)
{
    struct nta_loss_log log;
    struct nta_losses_told told;

    (void)state;
    begin(&log, 0);
    nta_loss_log_take(&log, 300, &told);
    assert_int_equal(told.from_ns, 300);
    assert_int_equal(told.n_losses + told.n_blind, 0);
    nta_loss_log_done(&log);
}

static void blind_seconds_are_told_once(void **state)
{
    struct nta_loss_log log;
    struct nta_losses_told told;
    struct nta_record_log part;
    struct nta_record record;

    (void)state;
    begin(&log, 100);
    log.blind_mono_ns -= 3 * NTA_NS_PER_S; /* three seconds are over */
    all_missed.blind_ns = 5;
    nta_loss_log_second(&log);
    nta_loss_log_peek(&log, 200, &told);
    assert_int_equal(told.n_blind, 1);
    assert_int_equal(told.blind[0].seconds, 3);
    nta_loss_log_take(&log, 200, &told);
    nta_losses_record(&told, &part, &record);
    assert_int_equal(record.event, NTA_RECORD_LOSS);
    assert_int_equal(record.time_ns, 100);
    assert_int_equal(record.end_ns, 200);
    assert_int_equal(record.n_losses, 0);
    assert_int_equal(record.log->n_blind, 1);
    assert_memory_equal(record.log->blind[0].interface.ptr, "eth0", 4);
    nta_loss_log_take(&log, 300, &told);
    nta_losses_record(&told, &part, &record);
    assert_null(record.log);
    nta_loss_log_done(&log);
}

static void the_worst_second_is_kept(void **state)
{
    struct nta_loss_log log;
    struct nta_worst_second second;
    struct nta_worst_loss losses[NTA_N_COUNTERS];

    (void)state;
    begin(&log, 100);
    for (uint64_t lost = 10; lost <= 30; lost += 10) {
        totals[NTA_COUNTER_RECEIVED] += 1000;
        totals[NTA_COUNTER_DROP_KERNEL] += lost == 20 ? 500 : lost;
        nta_loss_log_second(&log);
    }
    nta_loss_log_get_worst(&log, &second, losses);
    assert_int_equal(second.lost, 500);
    assert_int_equal(second.seen, 1000);
    assert_int_equal(losses[NTA_COUNTER_DROP_KERNEL].n, 500);
    assert_int_equal(losses[NTA_COUNTER_RECEIVED].n, 0);
    nta_loss_log_done(&log);
}

/** Of the minute, not of the run; and of the second that is not over yet. */
static void a_record_has_the_worst_second_of_each_loss(void **state)
{
    struct nta_loss_log log;
    struct nta_losses_told told;
    struct nta_record_log part;
    struct nta_record record;

    (void)state;
    begin(&log, 100);
    for (uint64_t lost = 10; lost <= 30; lost += 10) {
        totals[NTA_COUNTER_DROP_KERNEL] += lost == 20 ? 500 : lost;
        nta_loss_log_second(&log);
    }
    totals[NTA_COUNTER_RECORD_DROP] = 3;
    for (int i = 0; i < 2; i++) { /* to look changes nothing */
        nta_loss_log_peek(&log, 200, &told);
        assert_int_equal(told.n_worst, 2);
        assert_memory_equal(told.worst[0].reason.ptr, "capture.drop.kernel", 19);
        assert_int_equal(told.worst[0].n, 500);
        assert_true(told.worst[0].end_ns > 200);
        assert_int_equal(told.worst[1].n, 3);
        assert_int_equal(told.worst[1].end_ns, 200);
    }
    nta_loss_log_take(&log, 200, &told);
    nta_losses_record(&told, &part, &record);
    assert_int_equal(record.log->n_worst, record.n_losses);
    assert_int_equal(record.log->worst[0].n, 500);
    totals[NTA_COUNTER_DROP_KERNEL] += 7; /* the next minute is another one */
    nta_loss_log_second(&log);
    nta_loss_log_take(&log, 300, &told);
    assert_int_equal(told.n_worst, 1);
    assert_int_equal(told.worst[0].n, 7);
    nta_loss_log_take(&log, 400, &told);
    nta_losses_record(&told, &part, &record);
    assert_null(record.log);
    nta_loss_log_done(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_looked_at_stays_untold),
        cmocka_unit_test(of_files_it_begins_with_the_first_record),
        cmocka_unit_test(blind_seconds_are_told_once),
        cmocka_unit_test(the_worst_second_is_kept),
        cmocka_unit_test(a_record_has_the_worst_second_of_each_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
