/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a worker knows of one connection beyond its flow: which protocol it speaks, which site it
 * goes to and how that is known, and which list forbids it.  Hangs on nta_flow.conn; from pools,
 * never from the allocator.
 */

#include "base/bytes.h"
#include "blacklist/blacklist.h"
#include "blacklist/marks.h"
#include "flow/flow.h"
#include "proto/parser.h"
#include "proto/quic/quic_ids.h"
#include "proto/websocket.h"
#include "record/record.h"
#include "session/state/hit.h"
#include "session/state/pings.h"
#include "session/state/states.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_CONN_CERT_SIZE = 128,
    NTA_CONN_ALPN_SIZE = 16,
    NTA_CONN_ISSUER_SIZE = 64,
    NTA_CONN_SOFTWARE_SIZE = 48,
    NTA_CONN_ECHO_SIZE = 12,
    NTA_CONN_ECHO_LEAST = 4, ///< Of bytes that nobody guesses.
};

enum nta_conn_state
{
    NTA_CONN_PROBING, ///< Which protocol is it?
    NTA_CONN_PARSING, ///< `proto` is known and reads on.
    NTA_CONN_OPAQUE,  ///< Nothing more is read; packets are counted.
};

/**
 * One direction of an SCTP association, by an order of the ends that no turn changes; see sctp.c.
 */
struct nta_assoc_side
{
    uint64_t skip;     ///< Bytes that need not be shown.
    uint32_t next_tsn; ///< Of the chunk that is due.
    uint32_t astray_tsn;
    bool has_astray;   ///< `astray_tsn` came, far from the one that is due.
    uint16_t stream;   ///< The one that is followed.
    uint8_t n_unknown; ///< Chunks in a row that no protocol recognised.
    bool started, stopped;
};

struct nta_assoc
{
    struct nta_assoc_side sides[2];
};

/** A file that goes by, while some list holds hashes of files: nothing of it is kept. */
struct nta_content_state
{
    struct nta_file_hash hash;
    uint64_t n_bytes;
    bool broken; ///< Something is missing.
};

/** The ids of a connection of QUIC; see quic.c. */
struct nta_quic_conn
{
    struct nta_quic_ids begun; ///< Of the client's first packet; after a Retry, where that sent it.
    struct nta_quic_id server; ///< The id that the server chose; empty: not seen.
    bool is_chosen;            ///< It is the server's own, and nobody guesses it.
};

/** The name that other bytes of the stream say; see other.c. */
struct nta_conn_other
{
    char site[NTA_NAME_SIZE]; ///< Normal form.
    bool is_decoy;            ///< The receiver took the bytes that were shown, and not these.
};

/** What is known of one direction; turned with the flow's sides. */
struct nta_conn_side
{
    struct nta_flow_side reported; ///< What earlier slices of a long flow held.
    bool refused;                  ///< No protocol recognised it.
    bool took;                     ///< The running parser took bytes of it.
    bool done;                     ///< The running parser wants no more of it.
    uint8_t n_again;               ///< So often was it looked at again after nobody knew it.
    uint64_t skip;                 ///< So many bytes more it need not see.
    uint64_t unread;               ///< Passed over for it so far.
    uint32_t left;                 ///< Shown, but not taken yet: they stand before what comes next.
    uint32_t waited_len;           ///< Of those, shown before the parser at work began.
    const struct nta_proto *gave_up; ///< They waited for this parser, given up since; NULL: none.
    char software[NTA_CONN_SOFTWARE_SIZE]; ///< What this end says that it runs; cut; "": nothing.
};

struct nta_conn
{
    const struct nta_proto *proto; ///< While PARSING.
    /** The parser's, from the pool of `proto`; NULL: it has none, or needs none now. */
    void *state;
    void *extra; ///< Lent beside it; NULL: nothing is.
    struct nta_holder holder, extra_holder;
    uint32_t memo;             ///< The parser's, when it has no state.
    uint8_t phase;             ///< enum nta_conn_state.
    uint8_t app;               ///< enum nta_app; stays when the parser is done.
    uint8_t basis;             ///< enum nta_basis.
    uint8_t agrees, disagrees; ///< NTA_AGREES_… bits.
    bool hidden;
    bool alerted;      ///< `hit` has been told,
    bool claimed;      ///< and nobody had answered then.
    bool limited;      ///< A bound stopped the reading.
    uint8_t n_claimed; ///< Alerts of requests that nobody had answered then; saturates.
    uint8_t verdict; ///< enum nta_verdict: the highest on what was asked for since `hit` is known.
    bool guess;      ///< Several names share the address, the site is the newest.
    bool announced, outer_flow; ///< `app` is by an announced port; of a tunnel's outer connection.
    bool files_reported;        ///< Records of files moved over it were made.
    uint8_t expected_by; ///< enum nta_app of the connection that expects this one, else NONE.
    /** Number of the transfer it asked for last, or moves (transfer.h); 0: none. */
    uint16_t transfer;
    uint64_t content_first, content_next; ///< Where in the file it began, and what came since.
    uint16_t reading;                     ///< Which of the readings of `download` that is.
    uint32_t download;                    ///< Id of the one that is under way over it; 0: none.
    bool asked_resolver;                  ///< A request in clear asked for DNS over HTTPS.
    bool proxies; ///< A request in clear asked for another site, as of a proxy.
    bool contested, content_contested; ///< In two readings, and nothing tells: what is under way.
    bool is_pipeline_contested;  ///< Several requests: one's name says nothing of the others'.
    uint8_t n_open, n_contested; ///< Requests of HTTP not told whole yet; of these, the oldest.
    bool is_tor, may_be_tor; ///< Names as only Tor makes them up; one that nothing else explains.
    uint32_t looked;         ///< What evasion.c looked at last.
    bool has_asked, prefetched; ///< Requests of HTTP; a browser made each ahead of its user.
    bool outer; ///< The site is what a proxy was asked for: any name inside is better.
    bool handed_over, may_quote;  ///< It began otherwise; its hello did, and nobody answered it.
    bool is_relayed;              ///< A proxy or relay passes on what is looked at now.
    bool forwarded, for_outsider; ///< A proxy opened it for another, who is not at home.
    bool went_on;     ///< Datagrams: the opener sent what comes behind a handshake (echo.h).
    uint8_t echo_len; ///< What the other side chose, and its opener has to send back; 0: nothing.
    uint8_t echo[NTA_CONN_ECHO_SIZE];
    bool app_stays;  ///< A parser was given up; what it was stands until there is better.
    uint8_t n_tries; ///< Datagrams that no protocol recognised; of a stream, parsers given up.
    /** A long flow is reported in slices: end of the last one; 0: none yet. */
    int64_t reported_wall_ns;
    /** By enum nta_dir; what else is kept by direction is `state`, `websocket` and the transfer. */
    struct nta_conn_side sides[2];
    uint16_t tls_version;
    uint16_t site_len;
    char site[NTA_NAME_SIZE]; ///< Normal form; NUL-terminated.
    char cert[NTA_CONN_CERT_SIZE];
    char issuer[NTA_CONN_ISSUER_SIZE];
    char alpn[NTA_CONN_ALPN_SIZE], ja4[40];
    struct nta_conn_hit *hit;           ///< From the pool of hits; NULL: not forbidden.
    struct nta_content_state *content;  ///< Of a file that goes by; from the pool of contents.
    struct nta_assoc *assoc;            ///< SCTP only; from the pool of associations.
    struct nta_conn_other *other;       ///< From their pool; NULL: only one reading is known.
    struct nta_quic_conn *quic;         ///< QUIC whose beginning was seen; from their pool.
    struct nta_pings *pings;            ///< ICMP only; from the pool of pings.
    struct nta_conn_channels *channels; ///< From their pool; NULL: only one was at work.
    struct nta_websocket *websocket;    ///< What is parsed lies in its frames; from their pool.
};

/** What forbids the connection as a whole; NULL also if all asked for over it is spared. */
static inline const struct nta_conn_hit *nta_conn_forbidden(const struct nta_conn *conn)
{
    return conn->verdict == NTA_VERDICT_SPARED ? NULL : conn->hit;
}

/** `app` is that of who named the site and was given up since: only a better name changes it. */
static inline bool nta_conn_keeps_app(const struct nta_conn *conn)
{
    return conn->app_stays && (conn->hidden || conn->basis >= NTA_BASIS_CERT);
}

/** Each of its questions is asked and answered in a packet of its own; `flow` may have no conn. */
static inline bool nta_conn_is_lookup(const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    return flow->ip_proto == 17 && conn && nta_app_has((enum nta_app)conn->app, NTA_TRAIT_LOOKUP);
}

/** What its parser leaves unread is ciphertext, which proves nothing but its length. */
bool nta_conn_is_encrypted(const struct nta_conn *conn);

/** It has no place for credentials: kept packets show it as it is. */
bool nta_conn_is_plain(const struct nta_conn *conn, bool is_tcp);

/**
 * The network of one side of the flow, as a number: VLAN tags of its frames, or where none of them
 * was seen of the other side's, and the id that a tunnel gives to it.  No two networks share one.
 */
uint64_t nta_conn_network(const struct nta_flow *flow, enum nta_dir side);

/**
 * The number that links what is recorded of one connection: the same whoever makes it, below 2^52
 * so that every JSON reader has space for it, never 0.
 */
uint64_t nta_conn_about(const struct nta_flow *flow);
