/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a worker has for all its sessions, and one of them in one call; see session.h. */

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/memory/budget.h"
#include "base/memory/pool.h"
#include "base/runtime/counters.h"
#include "decode/decode.h"
#include "decode/owner.h"
#include "flow/owner.h"
#include "geo/cache.h"
#include "packets/section.h"
#include "packets/watch.h"
#include "pdns/told.h"
#include "policy/policy.h"
#include "proto/registry.h"
#include "session/state/announced.h"
#include "session/state/conn.h"
#include "session/state/dns_zones.h"
#include "session/state/download_table.h"
#include "session/state/fed.h"
#include "session/state/hits.h"
#include "session/state/quic_table.h"
#include "session/state/rates.h"
#include "session/state/states.h"
#include "session/state/traits.h"
#include "session/state/transfer_table.h"
#include "session/wait/held.h"
#include "who/who.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_SESSION_BUF_SIZE = 65536, ///< Bytes of a stream that are put together at a time.
};

struct nta_session_options
{
    const struct nta_owner *whose; ///< Borrows; whose what is.
    struct nta_hash_key key;       ///< The one the captures use.
    struct nta_flow_options flow;  ///< This worker's share.
    struct nta_budget *all_states; ///< Borrows: bytes of all parsers' states; NULL: no limit.
    size_t keep_bytes;             ///< Of packets kept for alerts: its share; 0: none.
    size_t hash_bytes;             ///< Held of files whose parts come out of order: its share.
    int64_t keep_window_ns;        ///< Repeats within are not proved again.
    struct nta_who_table *who;     ///< Borrows: who has which address; NULL: nobody asks.
    bool listens;                  ///< See struct nta_session_parts.
    /** A record was made; borrowed for the call.  `owner` is passed back. */
    void (*put)(void *owner, const struct nta_record *record);
    void *owner;
};

/** What an alert says, for as long as the packets that prove it come. */
struct nta_conn_alert
{
    struct nta_conn_hit hit;
    enum nta_basis basis;
    uint8_t act; ///< enum nta_act.
    uint16_t site_len;
    char site[NTA_NAME_SIZE];
};

/** What a worker has for all its sessions. */
struct nta_session_parts
{
    const struct nta_owner *whose; ///< Borrows.
    void (*put)(void *owner, const struct nta_record *record);
    void *owner;                     ///< Of `put`.
    const struct nta_policy *policy; ///< The worker's word, before each call: what is in force.
    const struct nta_packet *packet; ///< The same: the packet at work; NULL: none is,
    const uint8_t *packet_bytes;     ///< and its bytes.
    struct nta_who_table *who;       ///< Borrows: who has which address; NULL: nobody asks.
    /**
     * Only what tells who has an address counts here: conversations that all workers hear
     * (hearsay.c), each in all of them, are told by the owner of the packet.
     */
    bool listens;

    /* owns */
    struct nta_counters counters;
    struct nta_told told; ///< Names, by DNS.
    struct nta_dns_zones dns_zones;
    struct nta_flows *flows;
    struct nta_hits hits;
    struct nta_held held; ///< Alerts.
    struct nta_pool conns, assocs, websockets, contents, channels, quics, pings, others;
    struct nta_share state_share;           ///< Of the bytes of those:
    struct nta_states states[NTA_N_PROTOS]; ///< One for each protocol, in the order of nta_protos.
    struct nta_states extras[NTA_N_PROTOS]; ///< What is lent beside them.
    void *shared[NTA_N_PROTOS];             ///< What all calls of a parser share; NULL: nothing.
    struct nta_transfers transfers;
    struct nta_traits_table *traits; ///< Of users.
    struct nta_announced announced;  ///< Peers of BitTorrent.
    struct nta_downloads downloads;
    struct nta_rates rates;       ///< How much is recorded of one user.
    struct nta_pool blocks;       ///< Of pieces.h.
    struct nta_download download; ///< One that is told at once, for the call at work.
    struct nta_geo_cache *places;
    struct nta_watch *watch; ///< Packets, for alerts.
    struct nta_section *section;
    struct nta_conn_alert alerts[NTA_WATCH_CASES]; ///< Of each case, by its number.
    struct nta_buf about;                          ///< For the text about one.
    struct nta_span via;                           ///< Of the record being made.
    struct nta_who_answer relied;                  ///< The same: who its user is.
    char device[18];                               ///< The same: its user's, as text.
    struct nta_record_conflict conflicts[2];       ///< Likewise.
    struct nta_quic_table quic_table;
    struct nta_quic_ids quic_ids; ///< Of the connection that the packet at work begins,
    bool quic_begins;             ///< if it does.
    bool asks_nothing;            ///< No list has anything to say of the newest request.
    struct nta_fed fed;
    /** Of the connection at work, NULL: none, whose credit it takes once that was looked up. */
    const struct nta_flow *rated_flow;
    uint64_t rated_user;
    bool has_rated_user;
    bool parser_turned; ///< The running parser wants a turn and has turned its own state.
    uint8_t buf[NTA_SESSION_BUF_SIZE]; ///< What frames carry, joined for one call.
    /** State for the call at work, where the parser has nothing to keep yet. */
    _Alignas(64) uint8_t state[NTA_PROTO_STATE_MAX];
};

/**
 * The pools and tables, in place, zeroed by the caller: all but what calls back, which is
 * nta_session_parts_init()'s.  0 or negative errno.
 */
int nta_session_parts_init_tables(struct nta_session_parts *parts,
                                  const struct nta_session_options *options);

/**
 * As much as `warm` has left of what any traffic touches at once is memory from now on, and stays
 * it.
 */
void nta_session_parts_warm(struct nta_session_parts *parts, struct nta_warm *warm);

/**
 * Give memory back that was not used since the last call; every few seconds, so that a flood costs
 * no more than it lasts.
 */
void nta_session_parts_trim(struct nta_session_parts *parts);

/** All of it. */
void nta_session_parts_done(struct nta_session_parts *parts);

/** One connection in one call. */
struct nta_session
{
    struct nta_session_parts *parts;
    struct nta_flow *flow;
    struct nta_conn *conn;  ///< The flow's; NULL only of what an ICMP error quotes.
    struct nta_proto_io io; ///< Of the parser's call; zero outside of one.
    struct nta_flow_at at;  ///< Of TCP, where `first` lies.
    const uint8_t *first;   ///< Of the stream's bytes that are shown; NULL: not a stream's.
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
    const struct nta_flow *flow = session->flow;
    struct nta_fed *fed = &session->parts->fed;

    if (flow == fed->flow && fed->has_ends)
        return nta_ends_of(&flow->client, &flow->server, fed->user_is_client);
    const struct nta_ends ends =
        nta_policy_ends(session->parts->policy, &flow->client, &flow->server);

    fed->has_ends |= flow == fed->flow;
    fed->user_is_client = ends.user_is_client;
    return ends;
}

/** Is the connection this address's own, so that all of the address's are this worker's? */
bool nta_session_owns(const struct nta_session *session, const struct nta_addr *addr);

/** Whose connection it is, for what DNS told him; borrows from the flow. */
struct nta_told_asker nta_session_asker(const struct nta_session *session);
