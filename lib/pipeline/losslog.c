/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/losslog.h"

#include "base/runtime/clock.h"
#include "base/runtime/log.h"

#include <string.h>

static_assert((int)NTA_N_COUNTERS <= (int)NTA_LOG_WORST,
              "a record has a worst second of each counter");

void nta_loss_log_init(struct nta_loss_log *log, const struct nta_loss_log_options *options,
                       int64_t wall_ns)
{
    *log = (struct nta_loss_log){
        .options = *options, .from_ns = wall_ns, .blind_mono_ns = nta_clock_mono_ns()};
    (void)pthread_mutex_init(&log->lock, NULL);
}

void nta_loss_log_done(struct nta_loss_log *log)
{
    (void)pthread_mutex_destroy(&log->lock);
}

/** Some seconds are over: in which interfaces was something not seen? */
static void count_blind_seconds(struct nta_loss_log *log)
{
    const struct nta_loss_log_options *options = &log->options;
    const int64_t mono_ns = nta_clock_mono_ns();
    const int64_t seconds = (mono_ns - log->blind_mono_ns) / NTA_NS_PER_S;

    if (seconds < 1)
        return;
    log->blind_mono_ns += seconds * NTA_NS_PER_S;
    for (size_t i = 0; i < options->n_sources; i++) {
        struct nta_missed missed;

        (void)options->missed(options->owner, i, mono_ns, &missed);
        nta_blind_add(&log->blind, i, (uint64_t)seconds, &missed);
    }
}

void nta_loss_log_second(struct nta_loss_log *log)
{
    const struct nta_loss_log_options *options = &log->options;
    const uint64_t ring = options->counted(options->owner, NTA_COUNTER_DROP_RING);
    const uint64_t lost = ring + options->counted(options->owner, NTA_COUNTER_DROP_KERNEL) +
                          options->counted(options->owner, NTA_COUNTER_DROP_INTERFACE);
    const uint64_t seen = options->counted(options->owner, NTA_COUNTER_RECEIVED) - ring;
    const int64_t wall_ns = nta_clock_wall_ns();

    (void)pthread_mutex_lock(&log->lock);
    const bool is_worst = nta_worst_second_take(&log->worst_second, wall_ns, lost, seen);
    const struct nta_worst_second worst = log->worst_second;

    nta_worst_losses_take(&log->worst_losses, wall_ns, options->counted, options->owner);
    nta_worst_losses_take(&log->worst_untold, wall_ns, options->counted, options->owner);
    count_blind_seconds(log);
    (void)pthread_mutex_unlock(&log->lock);
    if (is_worst)
        nta_log_notice("the worst second so far: %llu of %llu packets were lost",
                       (unsigned long long)worst.lost,
                       (unsigned long long)(worst.lost + worst.seen));
}

/**
 * The second in which most was lost for that reason.  The one that is not over counts as far as it
 * has gone, so that there is one for each loss; files have no seconds.
 */
static void gather_worst(const struct nta_loss_log *log, unsigned counter, uint64_t all,
                         struct nta_losses_told *losses)
{
    const struct nta_worst_losses *untold = &log->worst_untold;
    struct nta_worst_loss worst = untold->worst[counter];

    if (log->options.n_sources == 0)
        return;
    if (all - untold->all[counter] > worst.n)
        worst = (struct nta_worst_loss){all - untold->all[counter], losses->to_ns};
    losses->worst[losses->n_worst++] = (struct nta_log_worst){
        nta_span_of(nta_counter_infos[counter].name), worst.n, worst.wall_ns};
}

/** What has not been told; `ret_all` are the totals now, and may be those that were told. */
static void gather(const struct nta_loss_log *log, int64_t wall_ns,
                   uint64_t ret_all[NTA_N_COUNTERS], struct nta_losses_told *losses)
{
    const struct nta_loss_log_options *options = &log->options;
    struct nta_missed missed;

    losses->from_ns = log->from_ns ? log->from_ns : wall_ns;
    losses->to_ns = wall_ns;
    losses->n_losses = losses->n_worst = losses->n_blind = 0;
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        if (nta_counter_infos[i].place == NTA_LOST_NONE)
            continue;
        const uint64_t all = options->counted(options->owner, (enum nta_counter)i);

        if (all > log->told[i]) {
            losses->losses[losses->n_losses++] = (struct nta_record_loss){
                nta_span_of(nta_counter_infos[i].name), all - log->told[i]};
            gather_worst(log, i, all, losses);
        }
        ret_all[i] = all;
    }
    for (size_t i = 0; i < options->n_sources && i < NTA_BLIND_SOURCES; i++)
        if (log->blind.seconds[i])
            losses->blind[losses->n_blind++] = (struct nta_log_blind){
                nta_span_of(options->missed(options->owner, i, log->blind_mono_ns, &missed)),
                log->blind.seconds[i]};
}

void nta_loss_log_take(struct nta_loss_log *log, int64_t wall_ns,
                       struct nta_losses_told *ret_losses)
{
    (void)pthread_mutex_lock(&log->lock);
    gather(log, wall_ns, log->told, ret_losses);
    for (size_t i = 0; i < log->options.n_sources; i++)
        (void)nta_blind_take(&log->blind, i);
    memset(log->worst_untold.worst, 0, sizeof(log->worst_untold.worst));
    memcpy(log->worst_untold.all, log->told, sizeof(log->told));
    log->from_ns = wall_ns;
    (void)pthread_mutex_unlock(&log->lock);
}

void nta_loss_log_peek(struct nta_loss_log *log, int64_t wall_ns,
                       struct nta_losses_told *ret_losses)
{
    uint64_t all[NTA_N_COUNTERS];

    (void)pthread_mutex_lock(&log->lock);
    gather(log, wall_ns, all, ret_losses);
    (void)pthread_mutex_unlock(&log->lock);
}

void nta_loss_log_get_worst(struct nta_loss_log *log, struct nta_worst_second *ret_second,
                            struct nta_worst_loss ret_losses[NTA_N_COUNTERS])
{
    (void)pthread_mutex_lock(&log->lock);
    *ret_second = log->worst_second;
    memcpy(ret_losses, log->worst_losses.worst, sizeof(log->worst_losses.worst));
    (void)pthread_mutex_unlock(&log->lock);
}

void nta_losses_record(const struct nta_losses_told *losses, struct nta_record_log *ret_log,
                       struct nta_record *ret_record)
{
    *ret_log = (struct nta_record_log){.blind = losses->blind,
                                       .n_blind = losses->n_blind,
                                       .worst = losses->worst,
                                       .n_worst = losses->n_worst};
    *ret_record = (struct nta_record){
        .event = NTA_RECORD_LOSS,
        .time_ns = losses->from_ns,
        .end_ns = losses->to_ns,
        .losses = losses->losses,
        .n_losses = losses->n_losses,
        .log = losses->n_blind + losses->n_worst ? ret_log : NULL,
    };
}
