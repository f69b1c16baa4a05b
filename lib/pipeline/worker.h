/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A worker: takes blocks of packets, keeps flows, runs parsers, matches, locates, makes records.
 *
 * The packet's way inside: worker.c (blocks, fragments) -> flow/ (in-order bytes) -> session.c (which protocol, feed its
 * parser) -> observe.c (what an event says about the connection, match) -> report.c (a record) -> outbox.h.
 * Everything here belongs to one thread; what is shared with others is borrowed and says so.
 */

#include "base/err.h"
#include "base/hash.h"
#include "base/memory/pool.h"
#include "base/runtime/counters.h"
#include "base/runtime/epoch.h"
#include "decode/decode.h"
#include "decode/fragment.h"
#include "flow/flow.h"
#include "geo/cache.h"
#include "pdns/pdns.h"
#include "pipeline/conn.h"
#include "pipeline/keep.h"
#include "pipeline/outbox.h"
#include "pipeline/policy.h"
#include "pipeline/transfer.h"
#include "proto/proto.h"
#include "ring/dispatch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_WORKER_PROTOS = 24,
    NTA_WORKER_BUF_SIZE = 65536, ///< Bytes of a stream that are put together at a time.
};

struct nta_worker
{
    /* borrows */
    struct nta_dispatch *const *dispatches;
    size_t n_dispatches;
    struct nta_epoch *policies;
    struct nta_pdns *sites; ///< Shared by all workers.
    uint32_t index;         ///< Number of this worker, and its slot in `policies`.
    bool files;             ///< Time is the capture's.

    /* owns */
    struct nta_wake wake; ///< Signalled by each dispatch when there is a block.
    struct nta_counters counters;
    struct nta_unknowns unknowns;
    struct nta_decode decode;               ///< For datagrams put together from fragments.
    struct nta_outer_packets outer_packets; ///< Of such a datagram.
    struct nta_flows *flows;
    struct nta_fragments *fragments;
    struct nta_pool conns, hits, assocs, websockets;
    struct nta_pool
        states[NTA_WORKER_PROTOS]; ///< One for each protocol, in the order of nta_protos.
    struct nta_transfers transfers;
    struct nta_geo_cache *places;
    struct nta_outbox outbox;
    struct nta_keep *keep; ///< Packets, for alerts.

    /* only inside a block */
    const struct nta_policy *policy; ///< Shared until the block is done.
    int64_t mono_ns;                 ///< When the block was taken.
    struct nta_flow *flow;           ///< Of the running flow call, for events.
    struct nta_proto_io *io;         ///< Of the running parser call.
    bool parser_turned; ///< The running parser wants a turn and has turned its own state.
    uint8_t buf[NTA_WORKER_BUF_SIZE]; ///< What frames carry, joined for one call.
};

struct nta_worker_options
{
    uint32_t index;
    struct nta_dispatch *const *dispatches; ///< Borrows.
    size_t n_dispatches;
    struct nta_epoch *policies;     ///< Borrows.
    struct nta_pdns *sites;         ///< Borrows.
    struct nta_wake *recorder_wake; ///< Borrows.
    struct nta_hash_key key;        ///< The one the captures use.
    struct nta_flow_options flow;   ///< This worker's share.
    size_t keep_bytes;              ///< Of packets kept for alerts: its share; 0: none.
    int64_t keep_window_ns;         ///< Repeats within are not proved again.
    bool files;
};

/** 0, or negative errno with `err`. */
int nta_worker_new(const struct nta_worker_options *options, struct nta_worker **ret_worker,
                   struct nta_err *err);
/** Takes NULL too.  Its thread has ended. */
void nta_worker_free(struct nta_worker **worker);

/** Body of its thread: until each dispatch has given its last block; then ends all flows and hands everything over. */
void *nta_worker_run(void *self);

/* ---- session.c: flow calls, `owner` is the worker ---- */

extern const struct nta_flow_ops nta_session_ops;

/** Bytes of a stream that lies in that of `flow`, whose frames are known.  `dir` is turned round with the flow's sides. */
struct nta_taken nta_session_inside(struct nta_worker *worker, struct nta_flow *flow,
                                    enum nta_dir *dir, struct nta_span bytes, int64_t wall_ns);

/** `len` bytes of it were lost.  False: nothing more of this direction is wanted. */
bool nta_session_inside_gap(struct nta_worker *worker, struct nta_flow *flow, enum nta_dir dir,
                            uint64_t len);

/** A packet of `flow` carries another one: it is a tunnel's outer connection, of which nothing else is read. */
void nta_session_outer_flow(struct nta_worker *worker, struct nta_flow *flow,
                            enum nta_tunnel tunnel);

/* ---- observe.c ---- */

/** The first sight of a flow: hold its address against the lists, ask what its client learnt from DNS. */
void nta_observe_opened(struct nta_worker *worker, struct nta_flow *flow);

/** User and peer may have changed places: what is known by the peer's address alone is looked up anew. */
void nta_observe_turned(struct nta_worker *worker, struct nta_flow *flow);

/** An event of the parser of worker->flow. */
void nta_observe_event(struct nta_worker *worker, const struct nta_event *event);

/** A lookup that an ICMP error told of, on worker->flow: recorded, but it teaches no name, and a match is weak. */
void nta_observe_icmp_error(struct nta_worker *worker, enum nta_app app,
                            const struct nta_dns_lookup *dns);

/** No better evidence of the site will come soon: if what is known is forbidden and was not told yet, tell it. */
void nta_observe_decided(struct nta_worker *worker, struct nta_flow *flow);

/** The flow ends: ask DNS again, since the worker that saw the answer may have been later than the connection. */
void nta_observe_ended(struct nta_worker *worker, struct nta_flow *flow);

/** Who is the user of a flow, and who the peer. */
struct nta_ends
{
    const struct nta_addr *user, *peer;
    bool user_is_client;
};

/**
 * Which side is the user's: the one at home; both or neither: the one that opened the flow.
 * Borrows from `flow`.
 */
struct nta_ends nta_observe_ends(const struct nta_policy *policy, const struct nta_flow *flow);

/* ---- websocket.c ---- */

/** Bytes of `flow`, which are frames of WebSocket: what they carry goes to nta_session_inside(). */
struct nta_taken nta_websocket_data(struct nta_worker *worker, struct nta_flow *flow,
                                    enum nta_dir dir, struct nta_span bytes, int64_t wall_ns);

/** `len` of them were lost.  False: nothing more of this direction is wanted. */
bool nta_websocket_gap(struct nta_worker *worker, struct nta_flow *flow, enum nta_dir dir,
                       uint64_t len);

/* ---- sctp.c ---- */

/** The chunks of a packet of `flow`, which has a conn, through nta_session_ops. */
void nta_sctp_packet(struct nta_worker *worker, struct nta_flow *flow, enum nta_dir dir,
                     struct nta_span chunks, int64_t wall_ns);

/* ---- icmp_error.c ---- */

/** If `packet` (kind IP) is an ICMP error that quotes a lookup of a flow that we did not see, report the lookup. */
void nta_icmp_error_packet(struct nta_worker *worker, const struct nta_packet *packet,
                           const uint8_t *bytes);
