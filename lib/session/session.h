/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One connection while it is looked at: which protocol it speaks, what that says, which site it
 * goes to, whether a list forbids it, and the records of all that.
 *
 * A struct nta_session lives for one call of the flow table (nta_flow_ops) and is passed on from
 * file to file; what lasts hangs on the flow (conn.h) or belongs to the worker (struct
 * nta_session_parts).  Only session.c, and who stands between it and a parser, changes a session.
 *
 * The way inside: session.c (which protocol, feed its parser) -> observe.c (what an event says
 * about the connection) -> match.c (is it forbidden?) -> report_*.c (a record) -> `put`.  Files
 * lower in this list know none above them: conn, transfer_table, transfer_url, resolvers; judge,
 * report; report_alert; report_flow, report_http, report_names, transfer_report; transfer; observe;
 * quoted, sctp, websocket; session; parts.
 *
 * Thread: the worker's.  Bounds: pools and tables, each of its own size (parts.c).
 */

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/memory/pool.h"
#include "base/runtime/counters.h"
#include "decode/decode.h"
#include "flow/flow.h"
#include "geo/cache.h"
#include "packets/section.h"
#include "packets/watch.h"
#include "pdns/pdns.h"
#include "policy/policy.h"
#include "proto/proto.h"
#include "session/conn.h"
#include "session/transfer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_SESSION_BUF_SIZE = 65536, ///< Bytes of a stream that are put together at a time.
};

struct nta_session_options
{
    struct nta_pdns *sites;       ///< Borrows.
    struct nta_hash_key key;      ///< The one the captures use.
    struct nta_flow_options flow; ///< This worker's share.
    size_t keep_bytes;            ///< Of packets kept for alerts: its share; 0: none.
    int64_t keep_window_ns;       ///< Repeats within are not proved again.
    /** A record was made; borrowed for the call.  `owner` is passed back. */
    void (*put)(void *owner, const struct nta_record *record);
    void *owner;
};

/** What a worker has for all its sessions. */
struct nta_session_parts
{
    struct nta_pdns *sites; ///< Borrows; shared by all workers.
    void (*put)(void *owner, const struct nta_record *record);
    void *owner;                     ///< Of `put`.
    const struct nta_policy *policy; ///< The worker's word, before each call: what is in force.

    /* owns */
    struct nta_counters counters;
    struct nta_flows *flows;
    struct nta_pool conns, hits, assocs, websockets;
    struct nta_pool states[NTA_N_PROTOS]; ///< One for each protocol, in the order of nta_protos.
    struct nta_transfers transfers;
    struct nta_geo_cache *places;
    struct nta_watch *watch; ///< Packets, for alerts.
    struct nta_section *section;
    struct nta_conn_alert alerts[NTA_WATCH_CASES]; ///< Of each case, by its number.
    struct nta_buf about;                          ///< For the text about one.
    bool parser_turned; ///< The running parser wants a turn and has turned its own state.
    uint8_t buf[NTA_SESSION_BUF_SIZE]; ///< What frames carry, joined for one call.
};

/**
 * In place, zeroed by the caller.  0, or negative errno with `err`: nta_session_parts_done() takes
 * it in any case.
 */
int nta_session_parts_init(struct nta_session_parts *parts,
                           const struct nta_session_options *options, struct nta_err *err);
void nta_session_parts_done(struct nta_session_parts *parts);

/** One connection in one call. */
struct nta_session
{
    struct nta_session_parts *parts;
    struct nta_flow *flow;
    struct nta_conn *conn;  ///< The flow's; NULL only of what an ICMP error quotes.
    struct nta_proto_io io; ///< Of the parser's call; zero outside of one.
};

/** Of a connection that no parser is called for. */
static inline struct nta_session nta_session_of(struct nta_session_parts *parts,
                                                struct nta_flow *flow)
{
    return (struct nta_session){.parts = parts, .flow = flow, .conn = flow->conn};
}

/** Who is the user of the connection, and who the peer. */
static inline struct nta_ends nta_session_ends(const struct nta_session *session)
{
    return nta_policy_ends(session->parts->policy, &session->flow->client, &session->flow->server);
}

/** Flow calls; `owner` is the worker's struct nta_session_parts. */
extern const struct nta_flow_ops nta_session_ops;

/**
 * A packet of `flow` carries another one: it is a tunnel's outer connection, of which nothing else
 * is read.
 */
void nta_session_outer_flow(struct nta_session_parts *parts, struct nta_flow *flow,
                            enum nta_tunnel tunnel);

/**
 * If `packet` (kind IP) is an ICMP error that quotes a lookup of a flow that we did not see, tell
 * the lookup (icmp_error.c). `decode` is the worker's.
 */
void nta_icmp_error_packet(struct nta_session_parts *parts, const struct nta_decode *decode,
                           const struct nta_packet *packet, const uint8_t *bytes);
