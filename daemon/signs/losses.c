/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/losses.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum
{
    /** What the traffic brings along: no fault of ours, whoever sends chooses it. */
    TRAFFIC = NTA_N_CAUSES
};

static const struct
{
    enum nta_counter counter;
    unsigned cause;
} rows[] = {
    {NTA_COUNTER_DROP_KERNEL, NTA_CAUSE_LOST_PACKETS},
    {NTA_COUNTER_DROP_INTERFACE, NTA_CAUSE_LOST_PACKETS},
    {NTA_COUNTER_DROP_RING, NTA_CAUSE_LOST_PACKETS},
    {NTA_COUNTER_DROP_HEARSAY, NTA_CAUSE_LOST_PACKETS},
    {NTA_COUNTER_DROP_OUTER, NTA_CAUSE_LOST_PACKETS},
    {NTA_COUNTER_FLOW_EVICTED, NTA_CAUSE_LOST_FLOWS},
    {NTA_COUNTER_STATE_LIMIT, NTA_CAUSE_LOST_STATE},
    {NTA_COUNTER_STREAM_ALL_LIMIT, NTA_CAUSE_LOST_STATE},
    {NTA_COUNTER_STREAM_COPY_LIMIT, NTA_CAUSE_LOST_STATE},
    {NTA_COUNTER_RECORD_DROP, NTA_CAUSE_LOST_RECORDS},
    {NTA_COUNTER_RECORD_LOST, NTA_CAUSE_LOST_RECORDS},
    {NTA_COUNTER_RECORD_FULL, NTA_CAUSE_LOST_RECORDS},
    {NTA_COUNTER_CUT_SNAPLEN, TRAFFIC}, /* as configured */
    {NTA_COUNTER_FILE_BROKEN, TRAFFIC},
    {NTA_COUNTER_DECODE_BAD, TRAFFIC},
    {NTA_COUNTER_DECODE_SHORT, TRAFFIC},
    {NTA_COUNTER_DECODE_DEPTH, TRAFFIC},
    {NTA_COUNTER_FRAGMENT_DROP, TRAFFIC}, /* most of them: the rest never came */
    {NTA_COUNTER_STREAM_GAP, TRAFFIC},
    {NTA_COUNTER_STREAM_GAP_BYTES, TRAFFIC},
    {NTA_COUNTER_STREAM_FLOW_LIMIT, TRAFFIC}, /* one connection's own; the others do not suffer */
};

static_assert(NTA_N_ELEMENTS(rows) <= NTA_LOSSES_ROWS, "each row has its buckets");

bool nta_losses_know(enum nta_counter which)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
        if (rows[i].counter == which)
            return true;
    return false;
}

/** Buckets of seconds that nobody looked in are empty. */
static void advance(struct nta_losses *losses, int64_t second)
{
    int64_t n = second - losses->second;

    if (n > NTA_LOSSES_SECONDS)
        n = NTA_LOSSES_SECONDS;
    for (int64_t k = 0; k < n; k++)
        for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
            losses->lost[i][(second - k) % NTA_LOSSES_SECONDS] = 0;
    if (n > 0)
        losses->second = second;
}

static uint64_t last_minute(const struct nta_losses *losses, size_t row)
{
    uint64_t sum = 0;

    for (size_t k = 0; k < NTA_LOSSES_SECONDS; k++)
        sum += losses->lost[row][k];
    return sum;
}

/** "12 packets (capture.drop.ring) in the last minute"; "" if nothing was lost. */
static void describe(const struct nta_losses *losses, unsigned cause, char *text, size_t size)
{
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        const struct nta_counter_info *info = &nta_counter_infos[rows[i].counter];
        uint64_t n = rows[i].cause == cause ? last_minute(losses, i) : 0;

        if (n > 0 && len < size)
            len += (size_t)snprintf(text + len, size - len, "%s%" PRIu64 " %s (%s)",
                                    len ? ", " : "", n, info->unit, info->name);
    }
    if (len > 0 && len < size)
        (void)snprintf(text + len, size - len, " in the last minute");
}

void nta_losses_take(struct nta_losses *losses, int64_t mono_ns,
                     uint64_t (*counted)(const void *owner, enum nta_counter which),
                     const void *owner, struct nta_health *health)
{
    char text[NTA_HEALTH_DETAIL_SIZE];

    if (!losses->started)
        losses->second = mono_ns / NTA_NS_PER_S;
    advance(losses, mono_ns / NTA_NS_PER_S);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        uint64_t n = counted(owner, rows[i].counter);

        if (losses->started && n > losses->seen[i])
            losses->lost[i][losses->second % NTA_LOSSES_SECONDS] += n - losses->seen[i];
        losses->seen[i] = n;
    }
    losses->started = true;
    for (unsigned cause = 0; cause < NTA_N_CAUSES; cause++) {
        bool ours = false;

        for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
            ours |= rows[i].cause == cause;
        if (!ours)
            continue;
        describe(losses, cause, text, sizeof(text));
        nta_health_set(health, (enum nta_cause)cause, text[0] ? text : NULL);
    }
}
