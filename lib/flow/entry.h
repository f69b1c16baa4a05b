/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: what a flow and a table are made of.  No other module includes this.
 *
 * A segment's way: flows.c finds the flow (find.c) or opens it (table.c), tcp.c reads flags and
 * numbers, second.c keeps two readings apart, stream.c puts the bytes in order and shows them,
 * segments.c keeps what is early, and holding.c takes from memory.c what both need.
 *
 * Flows, segments and blocks are named by index, never by pointer, and 0 is none, so that a zeroed
 * object is empty.
 */

#include "flow/keep/list.h"
#include "flow/keep/memory.h"
#include "flow/keep/numbers.h"
#include "flow/keep/seq.h"
#include "flow/owner.h"

#include <assert.h>

/** Lists of flows by time-out, in last-seen order; ties at eviction go to the first here. */
enum nta_flow_timeout
{
    NTA_FLOW_TIMEOUT_CLOSED,  ///< TCP, ended, or datagrams that rest; kept for late packets.
    NTA_FLOW_TIMEOUT_HALF,    ///< TCP, no bytes came so far, and one side alone.
    NTA_FLOW_TIMEOUT_OPENING, ///< TCP, one side has spoken.
    NTA_FLOW_TIMEOUT_OTHER,   ///< UDP and the rest.
    NTA_FLOW_TIMEOUT_TCP,     ///< TCP, both sides have spoken.
    NTA_FLOW_TIMEOUT_QUIET,   ///< Likewise, but not lately: what it was so far is told.
    NTA_N_FLOW_TIMEOUTS
};

/** One direction of a TCP connection.  All numbers are sequence numbers of that direction. */
struct nta_flow_stream
{
    uint32_t next_seq;   ///< The first byte not yet passed on, skipped or given up.
    uint32_t isn;        ///< Of the SYN; mid-stream: the number before the first byte seen.
    uint32_t acked;      ///< The other side has everything before this.
    uint32_t fin_seq;    ///< With `fin`, or an edge: first number behind the last byte.
    uint64_t skip;       ///< From next_seq on, this many bytes need not be shown.
    uint32_t kept_block; ///< Bytes the owner left; kept_len > 0 means that skip is 0.
    uint32_t kept_off;   ///< Where they start in the block.
    uint32_t kept_len;
    uint32_t early;           ///< First of the segments that wait for earlier ones.
    uint32_t early_since;     ///< Clock (nta_flow_ticks()) when the first of them came.
    unsigned n_early : 7;     ///< Segments in that list.
    unsigned n_waiting : 4;   ///< Packets that came early since; saturates.
    unsigned n_outside : 4;   ///< Packets in a row that fit nowhere near.
    unsigned ttl : 8;         ///< Of its first packets; 0: not known.
    bool started : 1;         ///< next_seq is known.
    bool syn : 1, fin : 1;    ///< isn is a real one; fin_seq is known.
    bool stopped : 1;         ///< Counted, not shown.
    bool refused : 1;         ///< What its receiver did not acknowledge did not come to it.
    bool again : 1;           ///< Stopped until the receiver has acknowledged all of it.
    bool sums : 1, keyed : 1; ///< Its sender's checksums are right; it signs segments.
    bool second : 1;          ///< There are copies of its bytes that were not shown.
};

struct nta_flow_entry
{
    struct nta_flow shown; ///< First, so that the owner's pointer is ours.
    uint64_t seen_ns;      ///< The table's clock at the last packet.
    uint64_t reported_ns;  ///< And when `active_timeout` was last due.
    uint32_t fingerprint;  ///< Low half of the flow hash.

    union
    {
        uint32_t held_bytes; ///< TCP: stream bytes kept, both directions.
        uint32_t next_part;  ///< UDP, parted: the part begun before this one; 0: none.
    };

    uint16_t n_holds;          ///< Blocks and segments held.
    uint8_t timeout : 4;       ///< enum nta_flow_timeout.
    uint8_t owned : 4;         ///< enum nta_flow_owned (doubt.h).
    bool flipped : 1;          ///< streams[0] is of the direction NTA_DIR_DOWN.
    bool settled : 1;          ///< The owner knows who is who.
    bool closed : 1, told : 1; ///< `closed` was called.
    bool said_early : 1;       ///< TCP: a SYN came with bytes.
    bool began : 1;            ///< TCP: something other than a SYN came.
    bool waits : 1;            ///< TCP: the owner is told when what the opener said was taken.
    bool parted : 1;           ///< Whose part a packet belongs to is the owner's to say.
    uint32_t mark;             ///< The owner's.
    struct nta_flow_stream streams[2];
};

static_assert(sizeof(struct nta_flow_entry) <= 256, "the bound that is promised");

struct nta_flow_slot
{
    uint32_t fingerprint, flow; ///< 0: free.
};

/** Bytes that wait for earlier ones.  Without a block: only known to have been there. */
struct nta_flow_segment
{
    uint32_t seq, len;
    uint32_t block;
    uint32_t next; ///< In stream order; also the free list.
    uint32_t ack;  ///< Of its first bytes.
    bool has_ack;
    bool urgent; ///< A byte that is not among the others.
};

/** Time as one source tells it: of its last packet (decode/order.h), if there was one. */
struct nta_flow_time
{
    int64_t order_ns;
    uint64_t clock_ns;
    bool started;
};

/** The last packet: what a tick's time is held against. */
struct nta_flow_last
{
    int64_t wall_ns, order_ns;
    uint8_t source;
};

enum
{
    NTA_FLOW_SOURCES = 256,
    NTA_FLOW_COMING = 4 ///< Calls from a slot's prefetch to the flow's, and on to its owner's.
};

struct nta_flows
{
    struct nta_flow_entry *entries; ///< Slot 0 is not used, as in all arrays by index here.
    struct nta_flow_slot *index;
    struct nta_flow_link *links;   ///< Of lists by time-out; by themselves: fewer cache misses.
    struct nta_flow_link *holders; ///< Links of the list of flows with stream memory.
    struct nta_flow_segment *segments;
    struct nta_flow_memory memory;
    struct nta_flow_copies *copies;   ///< Owned; see copies.h.
    struct nta_flow_reading *reading; ///< Owned; see reading.h.
    struct nta_flow_twice *twice;     ///< Owned; see twice.h.
    struct nta_flow_list by_timeout[NTA_N_FLOW_TIMEOUTS];
    struct nta_flow_list holding; ///< Who took stream memory longest ago comes first.
    uint64_t idle_ns[NTA_N_FLOW_TIMEOUTS];
    uint64_t long_ns;
    uint64_t due_ns;       ///< The clock's moment up to which nothing becomes old.
    uint64_t clock_ns;     ///< Never goes back; ages are differences of it, modulo 2^64.
    int64_t wall_ns;       ///< What the owner is told.
    int64_t since_ns;      ///< From the flow's packet before this one to this one.
    struct nta_flow_at at; ///< What the owner is shown.
    const struct nta_flow_ops *ops;
    void *owner;
    struct nta_counters *counters;
    size_t stream_flow_bytes;
    uint32_t index_mask;
    uint32_t n_flows, n_entries;     ///< In use; capacity.
    struct nta_flow_numbers numbers; ///< Of the entries that are in use.
    struct nta_share share;          ///< Of the flows of all tables.
    uint32_t n_segments, n_segments_touched, free_segment;
    uint32_t coming[NTA_FLOW_COMING];  ///< Fingerprints whose slots are on their way.
    uint32_t arrived[NTA_FLOW_COMING]; ///< Flows that are on their way, or 0.
    uint32_t n_coming;
    bool has_time; ///< Some source has told one.
    struct nta_flow_last last;
    struct nta_flow_time times[NTA_FLOW_SOURCES];
};

/** The flow's number: its index in `entries`, never 0. */
static inline uint32_t nta_flow_id(const struct nta_flows *flows,
                                   const struct nta_flow_entry *entry)
{
    return (uint32_t)(entry - flows->entries);
}

/** The direction a stream is, at this moment: the owner may swap the sides within any call. */
static inline enum nta_dir nta_flow_dir(const struct nta_flow_entry *entry,
                                        const struct nta_flow_stream *stream)
{
    return (enum nta_dir)((unsigned)(stream != entry->streams) ^ (unsigned)entry->flipped);
}

/** The stream of a direction, at this moment (nta_flow_dir() says when that changes). */
static inline struct nta_flow_stream *nta_flow_stream_of(struct nta_flow_entry *entry,
                                                         enum nta_dir dir)
{
    return &entry->streams[(unsigned)dir ^ (unsigned)entry->flipped];
}

/** The stream of the other direction. */
static inline struct nta_flow_stream *nta_flow_stream_other(struct nta_flow_entry *entry,
                                                            const struct nta_flow_stream *stream)
{
    return &entry->streams[stream == entry->streams];
}

/** The clock in units of 2^20 ns, about a millisecond, modulo 2^32. */
static inline uint32_t nta_flow_ticks(const struct nta_flows *flows)
{
    return (uint32_t)(flows->clock_ns >> 20);
}
