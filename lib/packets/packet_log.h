/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The packets that a worker saw lately, as they were captured: one circular log, in which each
 * packet names the one of its flow before it.  Whoever remembers the last one of a flow can walk
 * back to the first that is still here.
 *
 * A place in the log is a number of 28 bits that goes round; the packet behind it says whose it is,
 * so that an old number is not taken for a new one.  Bounds: one area, taken at init and used piece
 * by piece.  Thread: one worker.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "base/memory/area.h"
#include "flow/flow.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum
{
    NTA_LOG_PLACE_BITS = 28,
    NTA_LOG_PLACES = (1 << NTA_LOG_PLACE_BITS) - 1
};

/** One packet; its bytes follow it. */
struct nta_logged
{
    const struct nta_flow *flow; ///< Only compared: the flow may be gone.
    int64_t flow_wall_ns;        ///< When that flow began.
    int64_t wall_ns;
    uint32_t before; ///< Place of the flow's last one before this; 0: none.
    uint32_t total;  ///< The owner's: what this and the ones before it cost.
    uint32_t cap_len, wire_len;
    uint32_t payload_off, payload_len; ///< The transport's payload.
    uint32_t tcp_seq;
    uint8_t link; ///< Of struct nta_packet.
    bool is_tcp, is_syn;
    bool from_upper; ///< Of the two ends, the one with the larger address and port sent it.
};

struct nta_packet_log
{
    uint8_t *area;    ///< NULL: nothing is kept.
    uint64_t n_units; ///< Its size.
    uint64_t head;    ///< Where the next packet goes, never wrapped.
};

/** `bytes` of memory, at most 1 GiB; 0: nothing is kept.  0, or -ENOMEM with `err`. */
int nta_packet_log_init(struct nta_packet_log *log, size_t bytes, struct nta_err *err);
/** As much of it as `warm` has left is memory from now on: all of it is used, again and again. */
void nta_packet_log_warm(struct nta_packet_log *log, struct nta_warm *warm);
/** Give its memory back; it is then a log that keeps nothing. */
void nta_packet_log_done(struct nta_packet_log *log);

/** Keep `what` and its `cap_len` bytes; gives its place, or 0 if it is too long for the log. */
uint32_t nta_packet_log_put(struct nta_packet_log *log, const struct nta_logged *what,
                            const uint8_t *bytes);

/** The packet of `flow` at `place`, or NULL if it is gone.  Borrowed until the next put. */
const struct nta_logged *nta_packet_log_find(const struct nta_packet_log *log, uint32_t place,
                                             const struct nta_flow *flow);

/** How far behind the newest a place is, in units of the log. */
static inline uint32_t nta_packet_log_age(const struct nta_packet_log *log, uint32_t place)
{
    return (uint32_t)(log->head - place) & NTA_LOG_PLACES;
}

/** True if a put of `cap_len` bytes would take the space of what is at `place`. */
bool nta_packet_log_would_take(const struct nta_packet_log *log, uint32_t place, uint32_t cap_len);

/** The packet's `cap_len` bytes, right behind its head. */
static inline const uint8_t *nta_logged_bytes(const struct nta_logged *logged)
{
    return (const uint8_t *)(logged + 1);
}

/**
 * True if this end's address and port are the larger ones: a direction that stays when sides are
 * swapped.
 */
static inline bool nta_logged_is_upper(const struct nta_addr *addr, uint16_t port,
                                       const struct nta_addr *other, uint16_t other_port)
{
    int order = memcmp(addr->bytes, other->bytes, NTA_ADDR_LEN);

    return order ? order > 0 : port > other_port;
}
