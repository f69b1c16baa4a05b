/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The flow table of one worker: who talks with whom, counted, and for TCP the bytes of each
 * direction in order.
 *
 * A flow is addresses, ports and transport protocol, either way round, in one network (network.h):
 * the same addresses in another VLAN or tunnel, or of another machine, are another flow.  Its
 * client is whoever sent the SYN; without one (mid-stream start, UDP), whoever sent the first
 * packet seen, corrected when that one's port is the well-known one.  Up is client to server.
 *
 * Streams: bytes that arrive in order are handed on from the packet itself and never copied.  Bytes
 * that the owner leaves (it wants more behind them) and segments that arrive early are kept, within
 * a limit per flow and one for all.  Where segments overlap, the bytes that came first stand,
 * unless their receiver hardly took them; of the first 16 KiB of a direction the others are read,
 * too (second.h).  A hole is given up, and said, when the limit or the other side's acknowledgement
 * shows that it will not be filled (the sensor lost it, not the network), or when the flow ends.
 * Bytes that answer what lies behind a hole show it at once, so that no answer is shown before its
 * question.  More kept bytes than the limit are given up as a hole, too.
 *
 * Bounds: n_flows, stream_flow_bytes, stream_all_bytes; all memory is taken at nta_flows_new() or
 * from pools bounded by these.  Tables of several workers share one limit (base/memory/budget.h),
 * so that a user who has one worker to himself is not held to his worker's part.  At a bound the
 * oldest goes first, and a counter says so.  Thread: one worker.
 *
 * Time is the packets', each source's for itself; where it jumps, flows may end early, but no age
 * is ever negative.  `ended` comes when a closed flow's time for late packets is over, so that
 * these still count.
 *
 * RFC 9293 (TCP), sequence numbers by RFC 1982 arithmetic.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "base/memory/area.h"
#include "base/memory/budget.h"
#include "base/runtime/counters.h"
#include "decode/packet.h"
#include "flow/ops.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What one direction carried. */
struct nta_flow_side
{
    uint64_t bytes; ///< Transport payload by wire lengths; for TCP each sequence number once.
    uint64_t packets;
    uint32_t gap_bytes;              ///< Of these, never seen; stays at its largest value.
    uint16_t vlan[NTA_PACKET_VLANS]; ///< Tags of its first packet, outer first; 0: no more.
};

/** What the owner of a flow may read.  Fields are written by this module only, but for `conn`. */
struct nta_flow
{
    struct nta_addr client, server;
    uint16_t client_port, server_port;
    uint32_t network; ///< As a packet's, of its first one.
    uint8_t network_kind : 3;
    /**
     * What tunnels carry on its ports, and nothing else: a flow of its own beside the datagrams
     * there, or one that looks like a tunnel would decide what the others are.
     */
    uint8_t carries : 1;
    uint8_t limits : 3;  ///< A bit for each enum nta_flow_limit that was reached.
    uint8_t made_up : 1; ///< The sensor's own: no flow of anybody, and not counted as one.
    uint8_t ip_proto;    ///< 6, 17 or 132 (or another: counted only).
    uint8_t source;      ///< Which interface or file opener.
    uint8_t saw_syn : 1; ///< The opening was seen: not a mid-stream start.
    /**
     * Who opened it: 1 + enum nta_dir of who sent the SYN, or the first datagram (if that did not
     * come from a service's port, like an answer); 0: not known.
     */
    uint8_t opener : 2;
    uint8_t has_macs : 1;
    /**
     * An end showed what only who sees the other's packets can know: of TCP by an acknowledgement
     * (RFC 6528), of datagrams as its owner says (nta_flow_prove()).
     */
    uint8_t proved : 1;
    /** Frames of one direction came from two machines, though their numbers fit. */
    uint8_t two_machines : 1;
    /** What stations of a link say to each other about addresses: the link owns it. */
    uint8_t of_link : 1;
    uint8_t any_port : 1; ///< Out of a tunnel of anybody's choice: proves nothing.
    /** Who sent the frames of each, or before it sent any, to whom the other's went. */
    uint8_t client_mac[6], server_mac[6];
    int64_t first_wall_ns, last_wall_ns;
    struct nta_flow_side sides[2]; ///< Indexed by enum nta_dir.
    void *conn;                    ///< The owner's; NULL at the start.
};

/** What of a flow found no room. */
enum nta_flow_limit
{
    NTA_FLOW_LIMIT_STREAM,  ///< In the memory that one flow's streams may take.
    NTA_FLOW_LIMIT_STREAMS, ///< In the memory of all flows' streams.
    NTA_FLOW_LIMIT_STATE    ///< In the tables of protocols' state.
};

/** Such a limit was reached: counted once for each flow, however often it is. */
static inline void nta_flow_note_limit(struct nta_flow *flow, enum nta_flow_limit limit,
                                       struct nta_counters *counters)
{
    static const enum nta_counter counted_as[] = {
        [NTA_FLOW_LIMIT_STREAM] = NTA_COUNTER_STREAM_FLOW_LIMIT,
        [NTA_FLOW_LIMIT_STREAMS] = NTA_COUNTER_STREAM_ALL_LIMIT,
        [NTA_FLOW_LIMIT_STATE] = NTA_COUNTER_STATE_LIMIT,
    };

    const unsigned bit = 1U << limit;

    if (flow->limits & bit)
        return;
    flow->limits = (flow->limits | bit) & 7U;
    nta_count(counters, counted_as[limit], 1);
}

struct nta_flow_options
{
    size_t n_flows;           ///< Hard limit of this table.
    size_t stream_flow_bytes; ///< Kept stream bytes a flow (both directions).
    size_t stream_all_bytes;  ///< And in all, of this table.
    size_t copy_bytes;        ///< Of copies of streams' beginnings; 0: 4 MiB.
    /** The same two limits for all tables together; borrow, NULL: this one is alone. */
    struct nta_budget *all_flows, *all_stream_bytes;
    int64_t tcp_idle_ns;         ///< 0: the default, 2 h 4 min (RFC 5382 section 5).
    int64_t tcp_opening_idle_ns; ///< Before bytes or a second side came; default 30 s.
    int64_t tcp_closed_ns;       ///< Kept after its end, for late packets; default 5 s.
    int64_t udp_idle_ns;         ///< And of TCP that one side alone speaks; default 300 s.
    int64_t long_flow_ns;        ///< Default 300 s.
};

struct nta_flows; ///< Opaque; one worker's.

/**
 * `counters`, `ops` (all of them set) and `owner` are borrowed.  0, or negative errno with `err`.
 */
int nta_flows_new(const struct nta_flow_options *options, const struct nta_flow_ops *ops,
                  void *owner, struct nta_counters *counters, struct nta_flows **ret_flows,
                  struct nta_err *err);

/** Frees; does not call `ended` (use nta_flows_drain() first). */
void nta_flows_free(struct nta_flows **flows);

/**
 * Start loading what this packet will need; some packets (12 to 32) ahead of nta_flows_packet().
 */
void nta_flows_prefetch(struct nta_flows *flows, const struct nta_packet *packet);

/**
 * Account one packet of kind TCP, UDP, IP or OUTER (whose payload is not shown); `bytes` is the
 * whole packet, borrowed for the call.  Time has passed until it: nta_flows_pass(), after which the
 * owner can do what is due at the packet's time.  Gives its flow, valid until the next call; NULL
 * for another kind, and for a datagram that a router passed on between two copies (twice.h).
 */
struct nta_flow *nta_flows_packet(struct nta_flows *flows, const struct nta_packet *packet,
                                  const uint8_t *bytes);

/**
 * Time goes on until this packet, of any kind: what is idle ends, and what happens at a time, in
 * order.  Cheap.
 */
void nta_flows_pass(struct nta_flows *flows, const struct nta_packet *packet);

/** Time goes on without packets, as above; call once a block. */
void nta_flows_tick(struct nta_flows *flows, int64_t wall_ns);

/**
 * Give memory of flows and of streams back that was not used since the last call; every few
 * seconds.
 */
void nta_flows_trim(struct nta_flows *flows);

/**
 * As much as `warm` has left of what any traffic touches at once is memory from now on: tables that
 * are touched anywhere, and `each` bytes of flows and of streams.
 */
void nta_flows_warm(struct nta_flows *flows, struct nta_warm *warm, size_t each);

/** End every flow (why: DRAIN). */
void nta_flows_drain(struct nta_flows *flows);

/** True if the packet's flow is in the table, and lives at the packet's time. */
bool nta_flows_knows(struct nta_flows *flows, const struct nta_packet *packet);

/** A word of the owner's for each flow; 0 at the start. */
uint32_t *nta_flow_mark(struct nta_flow *flow);

/** Flows in the table now, those that have closed and wait for late packets included. */
size_t nta_flows_len(const struct nta_flows *flows);

/** Stream memory in use, bytes; at most stream_all_bytes (rounded to whole blocks). */
size_t nta_flows_held(const struct nta_flows *flows);
