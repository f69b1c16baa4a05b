/* SPDX-License-Identifier: Apache-2.0 */
#include "session/read/datagram.h"

#include "proto/tls/stun.h"
#include "session/call.h"
#include "session/observe.h"
#include "session/quic.h"
#include "session/read/recognise.h"

enum
{
    DATAGRAM_TRIES = 4, ///< Datagrams that may be strange before a flow is given up.
};

/**
 * One side has told what this is, and no name: it can say anything, so that is no reason yet to
 * look at nothing more.
 */
static bool is_alone(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    return !conn->sides[session->io.side ^ 1].took && conn->basis < NTA_BASIS_CERT &&
           !conn->hidden && conn->n_tries < DATAGRAM_TRIES;
}

/** What it was stands until there is better: the next datagram is recognised anew. */
static void look_again(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    nta_call_end(session);
    nta_call_release(session->parts, conn);
    conn->phase = NTA_CONN_PROBING;
    conn->app_stays = true;
    conn->n_tries++;
    nta_observe_decided(session);
}

/** Who would begin with this datagram, as the parser at work would not; NULL: nobody. */
static const struct nta_proto *find_other(struct nta_session *session, struct nta_span bytes)
{
    if (nta_recognise_claims(session, session->conn->proto, bytes))
        return NULL;
    for (size_t i = 0; nta_protos[i]; i++) {
        if (nta_protos[i]->over_udp &&
            nta_recognise_ask(session, nta_protos[i], bytes) == NTA_PARSE_OK)
            return nta_protos[i];
    }
    return NULL;
}

/**
 * One datagram for the parser.  False: handed over, look at it anew (STUN does so, to DTLS, which
 * never does).
 */
static bool feed_datagram(struct nta_session *session, struct nta_span bytes)
{
    struct nta_conn *conn = session->conn;
    struct nta_proto_io *io = &session->io;
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    nta_call_clear_wishes(io);
    nta_call_lend_state(session);
    io->shared = nta_call_shared(session->parts, conn->proto);
    const enum nta_parse verdict = conn->proto->feed(conn->state, io, &r);

    conn->memo = io->memo;
    if (verdict != NTA_PARSE_OK)
        nta_count(&session->parts->counters, NTA_COUNTER_PROTO_BAD, 1);
    nta_call_apply_swap(session);
    if (verdict != NTA_PARSE_OK && is_alone(session)) {
        look_again(session);
        return false;
    }
    conn->sides[io->side].took = true;
    if (io->done_both && is_alone(session)) {
        look_again(session);
    } else if (io->done_both) {
        nta_call_over(session);
    } else if (io->handover) {
        nta_recognise_rest(session);
        return false;
    }
    nta_call_keep_state(session);
    return true;
}

/** It may belong to a connection that began on other ports; else more of them may tell. */
static void unknown_datagram(struct nta_session *session, struct nta_span bytes)
{
    const struct nta_quic_known *known = nta_quic_goes_on(session, bytes);

    if (known)
        nta_observe_goes_on(session, known);
    if (known || ++session->conn->n_tries >= DATAGRAM_TRIES)
        nta_call_over(session);
}

struct nta_span nta_read_inside(const struct nta_session *session, struct nta_span bytes)
{
    const struct nta_span content =
        session->conn->handed_over ? nta_stun_content(&session->io, bytes) : (struct nta_span){0};

    return content.len > 0 ? content : bytes;
}

void nta_read_datagram(struct nta_session *session, struct nta_span bytes)
{
    struct nta_span inside = nta_read_inside(session, bytes);

    if (session->conn->phase == NTA_CONN_PARSING && is_alone(session)) {
        const struct nta_proto *other = find_other(session, inside);

        if (other && other->is_beside)
            return;
        if (other)
            look_again(session);
    }
    do {
        inside = nta_read_inside(session, bytes);
        if (session->conn->phase == NTA_CONN_PROBING &&
            nta_recognise(session, inside) != NTA_PARSE_OK) {
            unknown_datagram(session, inside);
            return;
        }
    } while (!feed_datagram(session, inside));
}
