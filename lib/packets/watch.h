/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The packets that prove an alert.
 *
 * While it is not yet known whether a connection is forbidden, its packets are copied into the
 * worker's log (packets/packet_log.h): all of them until the first verdict; afterwards, while more
 * may be asked for on the same connection, what the client says; nothing any more when nothing more
 * will be judged.  A packet in which something innocent was asked for is left out.  Most
 * connections are decided by their fourth packet, and the log forgets them by itself.
 *
 * An alert opens a *case*: what the log holds of the flow, from its first packet on, and what
 * follows, up to 64 KiB, 30 s, the flow's end, or the moment when the log needs the space; of an
 * encrypted connection up to where only ciphertext follows, which proves nothing but its length,
 * and that stands in the flow's record.  Then the owner is called, who takes the packets out
 * (packets/section.h).
 *
 * A question to DNS is proved by itself and its answer.  A user's repeats of the same list and site
 * within `alert.window` are not proved again, unless the packets prove more than those before.
 *
 * What a connection speaks, and what an alert says, is the owner's knowledge: he keeps it beside a
 * case, by its number.
 *
 * Bounds: the log (`record.packets`, shared out among workers), 64 cases a worker, the oldest of
 * which is closed early, and what 4,096 alerts proved.  Thread: one worker's.  Nothing is allocated
 * for a packet.
 *
 * What came in fragments is kept put together, as raw IP.
 */

#include "base/err.h"
#include "decode/packet.h"
#include "flow/flow.h"
#include "packets/packet_log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_WATCH_CASES = 64,
    NTA_WATCH_PACKETS = 1024, ///< Of one case.
    /* what is remembered of what was proved lately: in a set the oldest goes first */
    NTA_WATCH_REPEAT_SETS = 512,
    NTA_WATCH_REPEAT_WAYS = 8,

    /* a flow's mark: the place of its last packet in the log, and: */
    NTA_WATCH_NOTHING = 1 << 28, ///< None of its packets is kept any more.
    NTA_WATCH_ASKED = 1 << 29,   ///< Only what the client says is.
    NTA_WATCH_CASE = 1 << 30,    ///< All are: there is a case.
};

#define NTA_WATCH_FRESH (1U << 31) ///< The next packet is the first after a verdict.

/** An alert whose packets are still coming. */
struct nta_case
{
    struct nta_flow *flow; ///< NULL: a free slot.
    uint32_t first;        ///< Place of its first packet in the log; 0: none yet.
    uint32_t n_packets, n_bytes;
    int64_t due_wall_ns; ///< Closed then.
};

/** What was proved, and when; all zero: nothing. */
struct nta_proved
{
    uint64_t hash;
    int64_t wall_ns;
    unsigned strength; ///< How much of it was.
};

struct nta_watch_options
{
    size_t bytes;      ///< The log of this worker; 0: nothing is kept.
    int64_t window_ns; ///< Repeats within are not proved again.
    /**
     * No more packets come: those that there are can be taken out, in the call.  `owner` is passed
     * back.
     */
    void (*closed)(void *owner, const struct nta_case *c);
    void *owner;
};

struct nta_watch
{
    struct nta_packet_log log;
    struct nta_watch_options options;
    const struct nta_flow *eased; ///< By the packet at work; only compared.
    size_t n_cases;
    uint32_t oldest; ///< Place of the oldest packet that a case needs; 0: none.
    struct nta_case cases[NTA_WATCH_CASES];

    struct nta_proved proved[NTA_WATCH_REPEAT_SETS][NTA_WATCH_REPEAT_WAYS];
};

/** 0, or negative errno with `err`. */
int nta_watch_new(const struct nta_watch_options *options, struct nta_watch **ret_watch,
                  struct nta_err *err);
/** What packets are kept in, as far as `warm` has left, is memory from now on. */
void nta_watch_warm(struct nta_watch *watch, struct nta_warm *warm);
/** Takes NULL too, and clears; cases that are open are not closed, only gone. */
void nta_watch_free(struct nta_watch **watch);

/** Might the next packet of this flow be kept?  Asked of every packet. */
static inline bool nta_watch_wants(const struct nta_watch *watch, struct nta_flow *flow)
{
    return watch->log.area && !(*nta_flow_mark(flow) & NTA_WATCH_NOTHING);
}

/**
 * One packet of `flow`, after all it says was looked at.  `is_lookup`: each is asked and answered
 * in a packet of its own, and the one with a forbidden name opens the case.
 */
void nta_watch_take(struct nta_watch *watch, struct nta_flow *flow, const struct nta_packet *packet,
                    const uint8_t *bytes, bool is_lookup);

/**
 * What the connection asked for is not forbidden: from here on only what its client says is kept.
 */
void nta_watch_eased(struct nta_watch *watch, struct nta_flow *flow);

/** Nothing more of the connection will be judged.  `is_encrypted`: what follows proves nothing. */
void nta_watch_quiet(struct nta_watch *watch, struct nta_flow *flow, bool is_encrypted);

/**
 * An alert of `flow`: the packets are to be kept.  `what` is a hash of what they are to prove,
 * `strength` how much they prove of it.  Gives the case; NULL: there is one already, as much was
 * proved a short while ago, or nothing is kept.
 */
const struct nta_case *nta_watch_alert(struct nta_watch *watch, struct nta_flow *flow,
                                       int64_t wall_ns, uint64_t what, unsigned strength);

/** From 0, below NTA_WATCH_CASES; free again after `closed`. */
static inline size_t nta_watch_number(const struct nta_watch *watch, const struct nta_case *c)
{
    return (size_t)(c - watch->cases);
}

/**
 * What the alert is about is over (a question has its answer): its case is closed with this packet.
 */
void nta_watch_settled(struct nta_watch *watch, struct nta_flow *flow);

/** The flow ends: its case, if any, is closed now. */
void nta_watch_ended(struct nta_watch *watch, struct nta_flow *flow);

/** Time goes on: close cases that are due.  Once a block. */
void nta_watch_tick(struct nta_watch *watch, int64_t wall_ns);
