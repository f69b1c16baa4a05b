/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: copies of the first bytes of streams, so that it is known what was said
 * where two segments say different things of the same numbers (second.h).
 *
 * They lie one behind the other in one area for all flows of a table, in the order in which they
 * came; the newest take the place of the oldest.  A flow knows its newest copy, each copy the one
 * before it of the same flow.  A copy is named by its place, which counts on and on: what lies
 * there now is asked whether it is still the one.
 */

#include "base/runtime/counters.h"
#include "flow/keep/piece.h"

#include <stddef.h>

enum
{
    NTA_FLOW_COPIES_BYTES = 4 << 20,  ///< Of one table, if not told otherwise.
    NTA_FLOW_COPIES_REACH = 16 << 10, ///< Of each direction, the first bytes.
    /** Of a flow, that are looked at for one packet: some more than it takes to keep those. */
    NTA_FLOW_COPIES_MAX = 96,
};

enum nta_flow_copy_kind
{
    NTA_FLOW_COPY_SHOWN, ///< The owner was shown these.
    NTA_FLOW_COPY_ASIDE, ///< Its receiver may not have taken them: not shown so far.
    NTA_FLOW_COPY_OTHER, ///< Other bytes than those that were shown.
    NTA_FLOW_COPY_GONE,  ///< Of no use any more.
};

/** What stands before the bytes of a copy. */
struct nta_flow_copy
{
    uint32_t place;
    uint32_t units;  ///< Its length in the area.
    uint32_t flow;   ///< Number of the flow.
    uint32_t before; ///< Place of the flow's copy before it; 0: none.
    uint32_t seq;
    uint32_t len;
    uint32_t ack;      ///< Of the segment.
    uint32_t look;     ///< OTHER: thought of in that look at the flow's copies;
    uint32_t asked;    ///< so many bytes were asked about,
    uint32_t asked_at; ///< when that was the stream's next number,
    uint8_t kind;      ///< enum nta_flow_copy_kind.
    uint8_t stream;    ///< Index in the entry.
    uint8_t ttl;       ///< Of the packet; 0: not known.
    uint8_t n_tries;
    uint8_t asked_as; ///< as being that likely (enum nta_flow_likely).
    bool has_ack;
    bool is_joined;   ///< Of more than one segment.
    bool is_done;     ///< OTHER: nothing more will be asked.
    bool is_unlikely; ///< OTHER: its receiver hardly took it.
};

struct nta_flow_copies
{
    uint8_t *area;    ///< Owned.
    uint32_t *newest; ///< Owned; of each flow, by its number: a place; 0: none.
    size_t n_flows;
    struct nta_counters *counters; ///< Borrows.
    uint32_t n_units;              ///< A power of two.
    uint32_t head, tail;           ///< Places: behind the newest copy, and of the oldest.
    uint32_t n_looks;              ///< At copies, by who asks about them.
};

/**
 * Space for `bytes` (rounded down to a power of two) of flows up to number `n_flows`; NULL: there
 * is none.  `counters` are borrowed.
 */
struct nta_flow_copies *nta_flow_copies_new(size_t bytes, size_t n_flows,
                                            struct nta_counters *counters);
/** Give it back; takes NULL. */
void nta_flow_copies_free(struct nta_flow_copies *copies);

/** A flow begins under that number: it has none. */
void nta_flow_copies_begin(struct nta_flow_copies *copies, uint32_t flow);

/**
 * Copy what lies within reach of `first`, the stream's first number, of the piece's captured bytes;
 * for SHOWN behind the newest copy, if they follow it and there is room.  NULL: none does.  The
 * copy is there until others need its place, which the next call may.
 */
struct nta_flow_copy *nta_flow_copies_add(struct nta_flow_copies *copies, uint32_t flow,
                                          uint8_t stream, uint32_t first,
                                          struct nta_flow_piece piece,
                                          enum nta_flow_copy_kind kind);

/** The flow's newest copy; NULL: none. */
struct nta_flow_copy *nta_flow_copies_newest(const struct nta_flow_copies *copies, uint32_t flow);

/** The flow's copy before that one; NULL: none that is still there. */
struct nta_flow_copy *nta_flow_copies_before(const struct nta_flow_copies *copies,
                                             const struct nta_flow_copy *copy);

/** The copy's bytes. */
static inline const uint8_t *nta_flow_copy_bytes(const struct nta_flow_copy *copy)
{
    return (const uint8_t *)(copy + 1);
}

/** Behind its last number. */
static inline uint32_t nta_flow_copy_end(const struct nta_flow_copy *copy)
{
    return copy->seq + copy->len;
}
