/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The packets that prove an alert.
 *
 * While it is not yet known whether a connection is forbidden, its packets are copied into the worker's log
 * (pipeline/packetlog.h): all of them until the first verdict; afterwards, while more may be asked for on the same
 * connection, what the client says; nothing any more when nothing more will be judged.  A packet in which something
 * innocent was asked for is left out.  Most connections are decided by their fourth packet, and the log forgets them by
 * itself.
 *
 * An alert opens a *case*: what the log holds of the flow, from its first packet on, and what follows, up to 64 KiB, 30 s,
 * the flow's end, or the moment when the log needs the space; of an encrypted connection up to where only ciphertext
 * follows, which proves nothing but its length, and that stands in the flow's record.  Then the packets are taken out, credentials are redacted
 * (pipeline/redact.h), and they become one record.  It has the alert's `about` number, as all records of the
 * connection have that a list forbids.
 *
 * A question to DNS is proved by itself and its answer.  A user's repeats of the same list and site within
 * `alert.window` are not proved again.
 *
 * Bounds: the log (`record.packets`, shared out among workers), 64 cases a worker, the oldest of which is closed early.
 * Thread: one worker's.  Nothing is allocated for a packet.
 *
 * What came in fragments is kept put together, as raw IP.
 */

#include "base/buf.h"
#include "base/err.h"
#include "decode/packet.h"
#include "flow/flow.h"
#include "pipeline/conn.h"
#include "pipeline/packetlog.h"
#include "pipeline/redact.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_worker;

enum
{
    NTA_KEEP_CASES = 64,
    NTA_KEEP_PACKETS = NTA_REDACT_PIECES, ///< Of one case.
    NTA_KEEP_REPEATS = 1024,              ///< Slots that remember what was proved lately.

    /* a flow's mark: the place of its last packet in the log, and: */
    NTA_KEEP_NOTHING = 1 << 28, ///< None of its packets is kept any more.
    NTA_KEEP_ASKED = 1 << 29,   ///< Only what the client says is.
    NTA_KEEP_CASE = 1 << 30,    ///< All are: there is a case.
};

#define NTA_KEEP_FRESH (1U << 31) ///< The next packet is the first after a verdict.

/** An alert whose packets are still coming. */
struct nta_case
{
    struct nta_flow *flow; ///< NULL: a free slot.
    uint32_t first;        ///< Place of its first packet in the log; 0: none yet.
    uint32_t n_packets, n_bytes;
    int64_t due_wall_ns; ///< Closed then.
    enum nta_basis basis;
    struct nta_conn_hit hit;
    uint16_t site_len;
    char site[NTA_NAME_SIZE];
};

struct nta_keep
{
    struct nta_packetlog log;
    int64_t window_ns;
    const struct nta_flow *eased; ///< By the packet at work; only compared.
    size_t n_cases;
    uint32_t oldest; ///< Place of the oldest packet that a case needs; 0: none.
    struct nta_case cases[NTA_KEEP_CASES];

    struct
    {
        uint64_t hash;
        int64_t wall_ns;
    } proved[NTA_KEEP_REPEATS];

    /* space to make a record in */
    struct nta_redact redact;
    const struct nta_logged *packets[NTA_KEEP_PACKETS];
    struct nta_redact_piece pieces[NTA_KEEP_PACKETS], side[NTA_KEEP_PACKETS];
    bool from_client[NTA_KEEP_PACKETS];
    uint8_t frames[NTA_REDACT_BYTES];
    struct nta_buf section, comment;
    char hardware[72], os[160];
};

/** `bytes`: the log of this worker; 0: nothing is kept.  0, or negative errno with `err`. */
int nta_keep_new(size_t bytes, int64_t window_ns, struct nta_keep **ret_keep, struct nta_err *err);
/** Takes NULL too; what is kept is lost. */
void nta_keep_free(struct nta_keep **keep);

/** One packet of `flow`, after all it says was looked at.  `mark` is the flow's. */
void nta_keep_take(struct nta_worker *worker, struct nta_flow *flow,
                   const struct nta_packet *packet, const uint8_t *bytes);

/** What the connection asked for is not forbidden: from here on only what its client says is kept. */
void nta_keep_eased(struct nta_worker *worker, struct nta_flow *flow);

/** Nothing more of the connection will be judged. */
void nta_keep_quiet(struct nta_worker *worker, struct nta_flow *flow);

/** An alert of worker->flow, with the site it is about: the packets are to be kept. */
void nta_keep_alert(struct nta_worker *worker, const struct nta_record *alert,
                    const struct nta_conn_hit *hit);

/** What the alert is about is over (a question has its answer): its case is closed with this packet. */
void nta_keep_settled(struct nta_worker *worker, struct nta_flow *flow);

/** The flow ends: its case, if any, is closed now. */
void nta_keep_ended(struct nta_worker *worker, struct nta_flow *flow);

/** Time goes on: close cases that are due.  Once a block. */
void nta_keep_tick(struct nta_worker *worker, int64_t wall_ns);

/**
 * The number that links what is recorded of one connection: the same whoever makes it, below 2^52 so that every JSON
 * reader has space for it, never 0.
 */
uint64_t nta_keep_about(const struct nta_flow *flow);

/** True if this end's address and port are the larger ones: a direction that stays when sides are swapped. */
bool nta_keep_is_upper(const struct nta_addr *addr, uint16_t port, const struct nta_addr *other,
                       uint16_t other_port);

/* ---- evidence.c ---- */

/** Make the record of a case's packets, redacted. */
void nta_evidence_report(struct nta_worker *worker, struct nta_case *c);
