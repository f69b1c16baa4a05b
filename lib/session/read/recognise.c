/* SPDX-License-Identifier: Apache-2.0 */
#include "session/read/recognise.h"

#include "base/own.h"
#include "flow/owner.h"
#include "session/call.h"
#include "session/observe.h"

enum
{
    PROBE_MAX = 4096, ///< A protocol that is not sure after this many bytes is not it.
};

/** Is the connection what its parser is for?  Or what was said before, or stands around it. */
static bool names_app(const struct nta_conn *conn)
{
    if (conn->proto->app == NTA_APP_NONE)
        return !conn->websocket && !conn->app_stays;
    return conn->proto->is_beside ? !conn->app_stays : !nta_conn_keeps_app(conn);
}

static bool start_parser(struct nta_session *session, size_t i)
{
    struct nta_conn *conn = session->conn;

    if (session->io.is_stream) {
        conn->state = nta_call_take(session, &session->parts->states[i], &conn->holder);
        if (!conn->state) {
            conn->limited = true;
            return false;
        }
    }
    session->io.extra = NULL;
    session->io.memo = 0;
    conn->proto = nta_protos[i];
    conn->sides[session->io.side ^ 1].waited_len = conn->sides[session->io.side ^ 1].left;
    if (conn->proto->settles_sides)
        nta_flow_settle(session->flow);
    if (names_app(conn))
        conn->app = (uint8_t)conn->proto->app;
    conn->phase = NTA_CONN_PARSING;
    return true;
}

enum nta_parse nta_recognise_ask(struct nta_session *session, const struct nta_proto *proto,
                                 struct nta_span first)
{
    session->io.shared = nta_call_shared(session->parts, proto);
    return proto->probe(&session->io, first);
}

enum nta_parse nta_recognise(struct nta_session *session, struct nta_span first)
{
    enum nta_parse verdict = NTA_PARSE_OTHER;

    if (session->io.expected_by && !nta_observe_announced(session, first))
        session->io.expected_by = NTA_APP_NONE;
    for (size_t i = 0; nta_protos[i]; i++) {
        const struct nta_proto *proto = nta_protos[i];

        if (!(session->io.is_stream ? proto->over_tcp : proto->over_udp))
            continue;
        if (session->io.expected_by && session->io.expected_by != proto->app)
            continue; /* it was said what this is: content may look like anything */
        switch (nta_recognise_ask(session, proto, first)) {
        case NTA_PARSE_OK: return start_parser(session, i) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
        case NTA_PARSE_MORE: verdict = NTA_PARSE_MORE; break;
        case NTA_PARSE_OTHER:
        case NTA_PARSE_BAD: break;
        }
    }
    if (verdict != NTA_PARSE_MORE || first.len < PROBE_MAX)
        return verdict;
    session->conn->limited = true;
    return NTA_PARSE_OTHER;
}

void nta_recognise_rest(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const bool is_nobodys = conn->proto == nta_protos[NTA_PROTO_PLACE_fallback];

    nta_call_release(session->parts, conn);
    conn->handed_over = true;
    conn->is_relayed |= !is_nobodys; /* which is only the talk before TLS */
    conn->may_quote |= session->io.quoted;
    conn->app_stays = false;
    conn->phase = NTA_CONN_PROBING;
    for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++) {
        struct nta_conn_side *side = &conn->sides[i];

        side->skip = side->unread = 0;
        side->gave_up = NULL;
        side->refused = side->took = side->done = false;
    }
    if (!is_nobodys) /* what it heard is less than what begins now will say */
        nta_observe_decided(session);
    conn->outer = true;
}

bool nta_recognise_claims(struct nta_session *session, const struct nta_proto *proto,
                          struct nta_span bytes)
{
    const enum nta_parse verdict = nta_recognise_ask(session, proto, bytes);

    return verdict == NTA_PARSE_OK || verdict == NTA_PARSE_MORE;
}
