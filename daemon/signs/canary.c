/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/canary.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum
{
    TRIES = 3 ///< Within the patience.
};

int nta_canary_init(struct nta_canary *canary, int64_t every_ns, int64_t wait_ns)
{
    uint64_t random[2];

    if (every_ns == 0)
        return 0;
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return -EIO;
    canary->every_ns = every_ns;
    canary->wait_ns = wait_ns;
    (void)snprintf(canary->name, sizeof(canary->name),
                   "%016" PRIx64 "%016" PRIx64 ".canary.nta.invalid", random[0], random[1]);
    return 0;
}

void nta_canary_found(void *owner, struct nta_span site)
{
    struct nta_canary *canary = owner;
    char text[NTA_NAME_SIZE], kind;
    unsigned source, worker;
    uint64_t ticket;

    if (site.len >= sizeof(text))
        return;
    memcpy(text, site.ptr, site.len);
    text[site.len] = '\0';
    if (sscanf(text, "%c-%u-%u-%" SCNu64 ".", &kind, &source, &worker, &ticket) != 4 || // NOLINT
        source >= NTA_CANARY_SOURCES || worker >= 64 ||
        ticket < atomic_load_explicit(&canary->first_ticket, memory_order_acquire))
        return;
    atomic_fetch_or_explicit(&canary->found[source][kind == 't'], UINT64_C(1) << worker,
                             memory_order_release);
}

/** How many are missing; says which in `missing`, as far as there is space. */
static size_t count_missing(struct nta_canary *canary)
{
    static const char *const kinds[NTA_CANARY_KINDS] = {"DNS", "TLS"};
    size_t n = 0, len = 0;

    canary->missing[0] = '\0';
    for (size_t s = 0; s < canary->n_sources; s++) {
        for (size_t w = 0; w < canary->n_workers * NTA_CANARY_KINDS; w++) {
            size_t kind = w % NTA_CANARY_KINDS, worker = w / NTA_CANARY_KINDS;

            if (atomic_load_explicit(&canary->found[s][kind], memory_order_acquire) >> worker & 1)
                continue;
            n++;
            if (len < sizeof(canary->missing))
                len += (size_t)snprintf(canary->missing + len, sizeof(canary->missing) - len,
                                        "%sworker %zu by %s from interface %zu", len ? ", " : "",
                                        worker + 1, kinds[kind], s + 1);
        }
    }
    return n;
}

static void start_round(struct nta_canary *canary, int64_t mono_ns)
{
    atomic_store_explicit(&canary->first_ticket, canary->ticket + 1, memory_order_release);
    for (size_t s = 0; s < NTA_CANARY_SOURCES; s++) {
        for (size_t kind = 0; kind < NTA_CANARY_KINDS; kind++)
            atomic_store_explicit(&canary->found[s][kind], 0, memory_order_relaxed);
    }
    canary->asking = true;
    canary->asked_mono_ns = mono_ns;
}

static enum nta_canary_change ask(struct nta_canary *canary, int64_t mono_ns)
{
    canary->ticket++;
    canary->again_mono_ns = mono_ns + canary->wait_ns / TRIES;
    return NTA_CANARY_ASK;
}

static enum nta_canary_change end_round(struct nta_canary *canary, int64_t mono_ns, bool bad)
{
    bool was_bad = canary->bad;

    canary->asking = false;
    canary->n_rounds++;
    canary->bad = bad;
    /* while it is bad, ask on: whoever mends it wants to know */
    canary->next_mono_ns = bad ? mono_ns : canary->asked_mono_ns + canary->every_ns;
    if (bad)
        return was_bad ? NTA_CANARY_STILL : NTA_CANARY_LOST;
    return was_bad ? NTA_CANARY_BACK : NTA_CANARY_SAME;
}

uint64_t nta_canary_begin(struct nta_canary *canary)
{
    canary->wanted = true;
    return canary->n_rounds + 1 + canary->asking;
}

enum nta_canary_change nta_canary_tick(struct nta_canary *canary, int64_t mono_ns, int64_t wall_ns)
{
    if (!canary->name[0] || (!canary->asking && !canary->wanted && mono_ns < canary->next_mono_ns))
        return NTA_CANARY_SAME;
    if (!canary->asking) {
        canary->wanted = false;
        start_round(canary, mono_ns);
        return ask(canary, mono_ns);
    }
    if (count_missing(canary) == 0) {
        canary->found_wall_ns = wall_ns;
        return end_round(canary, mono_ns, false);
    }
    if (mono_ns - canary->asked_mono_ns >= canary->wait_ns)
        return end_round(canary, mono_ns, true);
    return mono_ns >= canary->again_mono_ns ? ask(canary, mono_ns) : NTA_CANARY_SAME;
}
