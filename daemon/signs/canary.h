/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The canary: is what must be found found?  (part of ntad.h)
 *
 * Once in a while main asks each capture thread for made-up visits to a name that this process drew
 * at its start, two for each worker (capture/canary.h).  They are found by an entry that each
 * policy has, become records of their own kind that are stored as all are, and come to the alerter,
 * which tells nta_canary_found().  What has not come within the patience is missing: the status
 * turns bad, the log says so under a MESSAGE_ID of its own, and, if wanted, systemd's watchdog is
 * triggered; not so if a known cause explains it (the store cannot be written, say), which a
 * restart would not mend, and which would end what waits in memory.  Lost ones are asked for again
 * before that, since single packets may get lost.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "blacklist/blacklist.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_CANARY_SOURCES = 64,
    NTA_CANARY_KINDS = 2 ///< By DNS, by TLS.
};

enum nta_canary_change
{
    NTA_CANARY_SAME,
    NTA_CANARY_ASK,   ///< Ask the pipeline with `ticket` now.
    NTA_CANARY_LOST,  ///< Turned bad; `missing` says what.
    NTA_CANARY_STILL, ///< Bad for one more round.
    NTA_CANARY_BACK   ///< Turned good again.
};

struct nta_canary
{
    char name[NTA_NAME_SIZE]; ///< Empty: there is none.
    int64_t every_ns, wait_ns;
    size_t n_sources, n_workers;
    /** Of the round; those of the round before say nothing any more. */
    _Atomic uint64_t first_ticket;
    _Atomic uint64_t found[NTA_CANARY_SOURCES][NTA_CANARY_KINDS]; ///< A bit for each worker.
    uint64_t ticket;
    uint64_t n_rounds; ///< That are over.
    bool asking, bad;
    bool wanted;     ///< One more, at once.
    const char *why; ///< While bad: a cause that is known, and explains it; NULL: none.
    int64_t asked_mono_ns, again_mono_ns, next_mono_ns;
    int64_t found_wall_ns; ///< When the last round was complete; 0: none yet.
    char missing[256];
};

/** Draw a name.  0, or negative errno. */
int nta_canary_init(struct nta_canary *canary, int64_t every_ns, int64_t wait_ns);

/** Alerter's thread (struct nta_alert_options): a site below the name was found. */
void nta_canary_found(void *owner, struct nta_span site);

/** A round that begins from now on, and its number; nta_canary_tick() does the rest. */
uint64_t nta_canary_begin(struct nta_canary *canary);

/** Main, each second or so. */
enum nta_canary_change nta_canary_tick(struct nta_canary *canary, int64_t mono_ns, int64_t wall_ns);
