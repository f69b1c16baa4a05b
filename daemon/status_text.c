/* SPDX-License-Identifier: Apache-2.0 */
/* What `nta status` shows: one screen for people. */
#include "status_text.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "memory.h"
#include "seen.h"

#include <inttypes.h>

enum
{
    HASH_SHOWN = 6 ///< Bytes of a list's hash.
};

/** "5 min", "3 h", "12 days". */
static void put_age(struct nta_buf *out, int64_t age_ns)
{
    const int64_t minutes = age_ns / (60 * NTA_NS_PER_S), hours = minutes / 60;

    if (hours < 2)
        nta_buf_printf(out, "%" PRId64 " min", minutes);
    else if (hours < 48)
        nta_buf_printf(out, "%" PRId64 " h", hours);
    else
        nta_buf_printf(out, "%" PRId64 " days", hours / 24);
}

/** How old a file is, and when it was fetched or found unchanged last. */
static void text_ages(struct nta_status_seen *status, const char *path)
{
    const struct nta_list_ages ages = nta_daemon_list_ages(path);

    nta_buf_puts(status->out, ", ");
    put_age(status->out, ages.changed_ns);
    nta_buf_puts(status->out, " old");
    if (ages.checked_ns < 0)
        return;
    nta_buf_puts(status->out, ", last fetched well ");
    put_age(status->out, ages.checked_ns);
    nta_buf_puts(status->out, " ago");
}

static void text_unknown(void *owner, const char *kind, uint32_t number, uint64_t n)
{
    struct nta_status_seen *status = owner;

    nta_buf_printf(status->out, "unknown    %s %u (0x%04x): %" PRIu64 " packets\n", kind, number,
                   number, n);
}

static void text_lists(struct nta_status_seen *status)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(status->policy->lists); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(status->policy->lists, i);

        if (list->internal)
            continue;
        nta_buf_puts(status->out, "list       ");
        nta_text_escape(status->out, nta_span_of(list->name));
        nta_buf_printf(status->out, ": %" PRIu64 " entries%s", nta_seen_entries(list),
                       list->allow ? " (allow)" : "");
        text_ages(status, list->path);
        nta_buf_puts(status->out, ", sha256 ");
        nta_buf_put_hex(status->out, list->sha256, HASH_SHOWN);
        nta_buf_puts(status->out, "...\n");
    }
    for (size_t i = 0; i < nta_geo_n_files(status->policy->geo); i++) {
        struct nta_geo_info info;
        char built[NTA_TIME_TEXT_SIZE];

        nta_geo_get_info(status->policy->geo, i, &info);
        nta_buf_puts(status->out, "geo        ");
        nta_text_escape(status->out, nta_span_of(info.path));
        nta_buf_puts(status->out, ": ");
        nta_text_escape(status->out, nta_span_of(info.type));
        nta_buf_printf(status->out, " of %.10s", nta_clock_text(info.built_wall_ns, built));
        text_ages(status, info.path);
        nta_buf_puts(status->out, "\n");
    }
}

/** What the capture does not see, and what could be done. */
static void text_sight(struct nta_status_seen *status)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentences = {0};
    size_t n = nta_seen_hints(status, &sentences);
    struct nta_span rest = nta_buf_span(&sentences);
    const struct nta_worst_second *worst_second = &status->state.worst_second;
    char when[NTA_TIME_TEXT_SIZE];

    if (worst_second->wall_ns)
        nta_buf_printf(status->out,
                       "worst      %.1f %% lost in the second before %s (%" PRIu64 " of %" PRIu64
                       " packets)\n",
                       100.0 * (double)worst_second->lost /
                           (double)(worst_second->lost + worst_second->seen),
                       nta_clock_text(worst_second->wall_ns, when), worst_second->lost,
                       worst_second->lost + worst_second->seen);
    for (; n > 0 && !sentences.failed; n--) {
        struct nta_span line = nta_span_take(&rest, '\n');

        nta_buf_printf(status->out, "hint       %.*s\n", (int)line.len, (const char *)line.ptr);
    }
}

/** "good", or a line for each thing that is not; then warnings. */
static void text_health(struct nta_status_seen *status)
{
    char since[NTA_TIME_TEXT_SIZE];

    if (nta_health_n_bad(status->health) == 0)
        nta_buf_puts(status->out, "state      good\n");
    for (int bad = 1; bad >= 0; bad--) {
        for (size_t i = 0; i < NTA_N_CAUSES; i++) {
            if (!status->health[i].on || nta_cause_infos[i].is_bad != bad)
                continue;
            nta_buf_puts(status->out, bad ? "state      BAD: " : "warning    ");
            nta_health_put(status->out, (enum nta_cause)i, &status->health[i]);
            nta_buf_printf(status->out, ", since %.19sZ\n",
                           nta_clock_text(status->health[i].since_wall_ns, since));
        }
    }
}

static void text_canary(struct nta_status_seen *status)
{
    const struct nta_canary *canary = &status->daemon->canary;
    char found[NTA_TIME_TEXT_SIZE];

    if (!canary->name[0])
        nta_buf_puts(status->out, "canary     off\n");
    else if (!canary->found_wall_ns)
        nta_buf_puts(status->out, "canary     not found yet\n");
    else
        nta_buf_printf(status->out, "canary     %s, last found %s\n",
                       canary->bad ? "NOT FOUND" : "found",
                       nta_clock_text(canary->found_wall_ns, found));
}

static void text_interfaces(struct nta_status_seen *status)
{
    char shown[64];

    for (size_t i = 0; i < status->n_sources; i++) {
        const struct nta_rate *rate = &status->daemon->rates[i];
        const struct nta_source_state *source = &rate->last;

        nta_buf_printf(status->out,
                       "interface  %s %s, %.0f packets/s, %.1f Mbit/s; %" PRIu64 " seen, %" PRIu64
                       " lost",
                       nta_text_escape_to(shown, sizeof(shown),
                                          nta_span_of(status->daemon->sources[i].interface)),
                       nta_seen_sight(source->sight), rate->packets_s, rate->bits_s / 1e6,
                       source->received, nta_rate_lost(source));
        if (source->blind_ns)
            nta_buf_printf(status->out, "; blind for %.1f s",
                           (double)source->blind_ns / NTA_NS_PER_S);
        nta_buf_puts(status->out, "\n");
    }
}

/** What was lost, by place; the places in the order of a packet's way. */
static void text_lost(struct nta_status_seen *status)
{
    bool any = false;
    char when[NTA_TIME_TEXT_SIZE];

    for (unsigned place = NTA_LOST_NONE + 1; place < NTA_N_LOSS_PLACES; place++) {
        for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
            const struct nta_counter_info *info = &nta_counter_infos[i];
            const struct nta_worst_loss *worst = &status->state.worst_losses[i];
            const uint64_t n = info->place == place ? nta_seen_counted(status, i) : 0;

            if (!n)
                continue;
            any = true;
            nta_buf_printf(status->out, "lost       %s: %" PRIu64 " %s (%s)",
                           nta_loss_place_infos[place].name, n, info->unit, info->name);
            if (worst->n)
                nta_buf_printf(status->out, ", most by %.19sZ: %" PRIu64,
                               nta_clock_text(worst->wall_ns, when), worst->n);
            nta_buf_puts(status->out, "\n");
        }
    }
    if (!any)
        nta_buf_puts(status->out, "lost       nothing\n");
}

static void text_alerts(struct nta_status_seen *status)
{
    const int64_t last_ns = status->daemon->alert_wall_ns;
    char when[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(status->out, "alerts     %" PRIu64 " raised",
                   nta_seen_counted(status, NTA_COUNTER_ALERTS));
    if (last_ns)
        nta_buf_printf(status->out, ", the last at %.19sZ", nta_clock_text(last_ns, when));
    nta_buf_puts(status->out, "\n");
}

static void text_memory(struct nta_status_seen *status)
{
    const struct nta_bounds *bounds = nta_pipeline_bounds(status->daemon->pipeline);

    nta_buf_printf(status->out, "flows      %" PRIu64 " of at most %" PRIu64 "\n",
                   nta_seen_flows(status), bounds->flows);
    nta_buf_printf(status->out, "memory     %" PRIu64 " MiB; ", status->memory_bytes >> 20);
    nta_memory_put_sum(status->out, bounds);
    nta_buf_puts(status->out, "\n");
    if (bounds->share >= 1)
        return;
    nta_buf_puts(status->out, "memory     smaller than configured: ");
    nta_memory_put_smaller(status->out, bounds);
    nta_buf_puts(status->out, "\n");
}

/** One user has one worker, so a hot one shows here. */
static void text_balance(struct nta_status_seen *status)
{
    const size_t n = status->state.n_workers;
    uint64_t sum = 0, most = 0;

    for (size_t i = 0; i < n; i++) {
        const uint64_t worked = nta_pipeline_worked(status->daemon->pipeline, i);

        sum += worked;
        most = worked > most ? worked : most;
    }
    if (n > 1 && sum > 0)
        nta_buf_printf(status->out, ", the busiest had %.0f %% of the packets",
                       100.0 * (double)most / (double)sum);
    nta_buf_puts(status->out, "\n");
}

void nta_status_text(struct nta_status_seen *status)
{
    const struct nta_daemon *daemon = status->daemon;
    char since[NTA_TIME_TEXT_SIZE], loaded[NTA_TIME_TEXT_SIZE];

    text_health(status);
    nta_buf_printf(status->out, "running    since %.19sZ, %zu worker%s",
                   nta_clock_text(daemon->started_wall_ns, since), status->state.n_workers,
                   status->state.n_workers == 1 ? "" : "s");
    text_balance(status);
    text_interfaces(status);
    text_lost(status);
    text_memory(status);
    nta_buf_printf(status->out, "policy     %" PRIu64 ", in force since %.19sZ\n",
                   status->policy->generation, nta_clock_text(daemon->policy_wall_ns, loaded));
    text_canary(status);
    text_lists(status);
    nta_buf_printf(status->out, "store      last batch %" PRIu64 "\n", status->state.last_batch);
    if (status->state.ships)
        nta_buf_printf(status->out,
                       "mysql      %s, oldest batch not shipped is %" PRId64 " s old\n",
                       status->state.connected ? "connected" : "NOT CONNECTED",
                       status->state.lag_ns / NTA_NS_PER_S);
    text_alerts(status);
    nta_pipeline_each_unknown(daemon->pipeline, text_unknown, status);
    text_sight(status);
}

void nta_status_counters(struct nta_status_seen *status)
{
    nta_status_text(status);
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        if (nta_seen_counted(status, i))
            nta_buf_printf(status->out, "%-26s %14" PRIu64 " %-9s %s\n", nta_counter_infos[i].name,
                           nta_seen_counted(status, i), nta_counter_infos[i].unit,
                           nta_counter_infos[i].help);
    }
}
