/* SPDX-License-Identifier: Apache-2.0 */
#include "session/read/other.h"

#include "base/own.h"
#include "base/scratch.h"
#include "base/text.h"
#include "blacklist/name/site.h"
#include "session/call.h"
#include "session/channel.h"
#include "session/download.h"
#include "session/match.h"
#include "session/observe.h"
#include "session/report.h"
#include "session/transfer.h"
#include "session/transfer_report.h"

#include <string.h>

enum
{
    INSIDE_MAX = 2 ///< Protocols one in the other: a proxy is asked, then the site.
};

/** What the other bytes turn out to be. */
struct peek
{
    struct nta_session *session;
    bool is_early; ///< It is not known yet what the others are: nothing is concluded.
    bool is_decoy; ///< No receiver would take them beside those that were shown.
    bool is_known; ///< Some protocol's.
    bool has_name; ///< They name a site.
};

static struct nta_span site_of(const struct nta_conn *conn)
{
    return (struct nta_span){(const uint8_t *)conn->site, conn->site_len};
}

/** The connection's second name: the first that was found and may have been taken, else a decoy. */
static void set_name(const struct nta_session *session, struct nta_span site, bool is_decoy)
{
    struct nta_conn *conn = session->conn;

    if (site.len == 0 || (conn->other && (is_decoy || !conn->other->is_decoy)))
        return;
    if (conn->other && nta_span_equal(site, site_of(conn)))
        return;
    if (!conn->other)
        conn->other = nta_pool_take(&session->parts->others);
    if (!conn->other)
        return; /* there are as many as flows */
    conn->other->is_decoy = is_decoy;
    nta_text_copy(conn->other->site, sizeof(conn->other->site), site);
    nta_observe_compare(conn);
}

/** Hold the connection against the lists, now that it has another name. */
static void match(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    nta_match_conn(session, site_of(conn), conn->guess, session->io.wall_ns);
    nta_observe_decided(session);
}

static void on_name(const struct peek *peek, struct nta_span wire, enum nta_site_form form)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];

    set_name(peek->session, nta_site_text(wire, form, buf), peek->is_decoy);
    if (!peek->is_early)
        match(peek->session);
}

/** A request that may not have been the one: what the lists say of it is a suspicion. */
static void on_request(const struct peek *peek, const struct nta_http_exchange *http)
{
    const struct nta_session *session = peek->session;
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    const struct nta_span site = nta_site_text(http->host, NTA_SITE_HOST, buf);
    struct nta_conn_hit hit;

    set_name(session, site, peek->is_decoy);
    if (peek->is_early || session->conn->alerted ||
        nta_match_request(session, http, site, &hit) != NTA_VERDICT_FORBIDDEN)
        return;
    hit.weak = true;
    nta_match_set(session, &hit);
    session->conn->alerted = session->conn->hit != NULL;
    if (nta_match_is_told(session->parts->policy, &hit))
        nta_report_request_alert(session, http, site, &hit);
}

/** The parser that reads what was shown; NULL: none that would read the others. */
static const struct nta_proto *running(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    return conn->phase == NTA_CONN_PARSING && nta_app_has(conn->proto->app, NTA_TRAIT_FILES)
               ? conn->proto
               : NULL;
}

/** Likewise a file, where it is known that files are asked for. */
static void on_file(const struct peek *peek, const struct nta_event *event)
{
    if (running(peek->session) && !peek->session->conn->alerted)
        nta_report_transfer_suspicion(peek->session, event->app, event->transfer);
}

static void on_peek(void *owner, const struct nta_event *event)
{
    struct peek *peek = owner;
    struct nta_span name = {0};

    switch (event->kind) {
    case NTA_EVENT_TLS_CLIENT_HELLO: name = event->client_hello->server_name; break;
    case NTA_EVENT_HTTP_REQUEST: name = event->http->host; break;
    case NTA_EVENT_TRANSFER_BEGIN: name = event->transfer->host; break;
    case NTA_EVENT_TLS_SERVER_HELLO:
    case NTA_EVENT_TLS_CERTIFICATE:
    case NTA_EVENT_HTTP_RESPONSE:
    case NTA_EVENT_HTTP_EXCHANGE:
    case NTA_EVENT_DNS_QUESTION:
    case NTA_EVENT_DNS_LOOKUP:
    case NTA_EVENT_TRANSFER_REPLY:
    case NTA_EVENT_TRANSFER_DATA:
    case NTA_EVENT_TRANSFER_END:
    case NTA_EVENT_CONTENT:
    case NTA_EVENT_SOFTWARE:
    case NTA_EVENT_REALM:
    case NTA_EVENT_FORWARDED:
    case NTA_EVENT_BINDING: break;
    }
    if (event->kind == NTA_EVENT_TRANSFER_BEGIN && event->transfer->path.len > 0)
        on_file(peek, event);
    if (name.len == 0)
        return;
    peek->has_name = true;
    if (event->kind == NTA_EVENT_HTTP_REQUEST)
        on_request(peek, event->http);
    else
        on_name(peek, name,
                event->kind == NTA_EVENT_TRANSFER_BEGIN ? NTA_SITE_HOST : NTA_SITE_TEXT);
}

/** Who would begin with these bytes; NULL: nobody, or `ret_more`: more of them would tell. */
static const struct nta_proto *find(const struct nta_proto_io *io, struct nta_span bytes,
                                    bool *ret_more)
{
    for (size_t i = 0; nta_protos[i]; i++) {
        if (!nta_protos[i]->over_tcp || i == NTA_PROTO_PLACE_fallback)
            continue;
        switch (nta_protos[i]->probe(io, bytes)) {
        case NTA_PARSE_OK: return nta_protos[i];
        case NTA_PARSE_MORE: *ret_more = true; break;
        case NTA_PARSE_OTHER:
        case NTA_PARSE_BAD: break;
        }
    }
    return NULL;
}

/** Read them, by a parser that is forgotten.  True: more of them would tell more. */
static bool read_peek(struct peek *peek, struct nta_span bytes)
{
    struct nta_session_parts *parts = peek->session->parts;
    bool more = false;

    for (int i = 0; i < INSIDE_MAX; i++) {
        struct nta_proto_io io = peek->session->io;
        struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
        /* where a server speaks first, what its client begins with may be several protocols' */
        const struct nta_proto *proto = i == 0 ? running(peek->session) : NULL;

        if (!proto)
            proto = find(&io, bytes, &more);
        if (!proto)
            return more;
        peek->is_known = true;
        io.emit = on_peek;
        io.owner = peek;
        io.lend = NULL;
        io.extra = NULL;
        io.memo = 0;
        io.at = (struct nta_proto_at){0};
        memset(parts->state, 0, proto->zeroed ? proto->zeroed : proto->state_size);
        const enum nta_parse verdict = proto->feed(parts->state, &io, &r);

        more = verdict == NTA_PARSE_OK || verdict == NTA_PARSE_MORE;
        if (!io.handover || io.framed || nta_reader_left(&r) == 0)
            break;
        bytes = nta_reader_rest(&r);
    }
    return more && !peek->has_name;
}

/**
 * Nothing that was shown of this side is any protocol's, and the other one is silent: it refused
 * to be one, or the receiver has all of it, and still nobody knows what it is.
 */
static bool is_nobodys(const struct nta_session *session, enum nta_flow_likely likely)
{
    const struct nta_conn *conn = session->conn;

    if (conn->expected_by)
        return false; /* it is what was announced, whatever it looks like */
    return (conn->phase != NTA_CONN_PARSING ||
            conn->proto == nta_protos[NTA_PROTO_PLACE_fallback]) &&
           conn->basis < NTA_BASIS_CERT && !conn->hidden &&
           (conn->sides[session->io.side].refused || likely == NTA_FLOW_LIKELY_SAID) &&
           session->flow->sides[1 - (size_t)session->io.side].bytes == 0;
}

/** What was said is void: as at its first sight, but for that name, which is the second one now. */
static void begin_anew(struct nta_session *session, bool is_sure)
{
    struct nta_conn *conn = session->conn;
    NTA_SCRATCH char was[NTA_NAME_SIZE];
    const bool had_name = conn->basis >= NTA_BASIS_CERT;

    nta_text_copy(was, sizeof(was), site_of(conn));
    nta_call_end(session);
    nta_call_release(session->parts, conn);
    for (size_t i = 0; i < NTA_N_ELEMENTS(conn->sides); i++) {
        struct nta_conn_side *side = &conn->sides[i];

        side->skip = side->unread = 0;
        side->left = side->waited_len = 0;
        side->gave_up = NULL;
        side->refused = side->took = side->done = false;
    }
    conn->phase = NTA_CONN_PROBING;
    conn->app = NTA_APP_NONE;
    conn->hidden = conn->outer = conn->handed_over = conn->app_stays = false;
    conn->agrees = conn->disagrees = 0;
    conn->tls_version = 0;
    conn->cert[0] = conn->issuer[0] = conn->alpn[0] = conn->ja4[0] = '\0';
    if (had_name) {
        nta_pool_give(&session->parts->others, conn->other);
        conn->other = NULL;
        set_name(session, nta_span_of(was), is_sure);
    }
    nta_observe_opened(session);
    if (!is_sure)
        conn->disagrees |= NTA_AGREES_OVERLAP;
}

/** They are an answer's: read anew, it would have no request. */
static bool answers_known(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    return session->io.side == NTA_FROM_SERVER && conn->phase == NTA_CONN_PARSING &&
           nta_app_has((enum nta_app)conn->app, NTA_TRAIT_REQUESTS) && !conn->expected_by;
}

/** Are bytes of this side content of files, or may be?  Those that ask for one are none. */
static bool is_content(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;
    const enum nta_app app = (enum nta_app)conn->app;

    if (conn->expected_by)
        return true;
    return !nta_app_has(app, NTA_TRAIT_PLAIN_CONTENT) &&
           (session->io.side == NTA_FROM_SERVER || nta_app_has(app, NTA_TRAIT_FILES));
}

static void contest_content(const struct nta_session *session)
{
    nta_download_contested(session);
    if (session->conn->content)
        session->conn->content->broken = true;
}

/**
 * Nothing tells which bytes of what is under way were taken: what rests on them says so, and a file
 * among them has neither hash nor type by its content.
 */
static void contest(struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    conn->contested = true;
    conn->n_contested = conn->n_open; /* those that come later are others */
    conn->is_pipeline_contested = conn->n_open > 1;
    nta_transfers_contested(session);
    if (!is_content(session))
        return;
    conn->content_contested = true;
    nta_channel_each(session, contest_content);
}

enum nta_flow_verdict nta_other_reading(struct nta_session *session, struct nta_span bytes,
                                        enum nta_flow_likely likely)
{
    const struct nta_conn *conn = session->conn;
    struct peek peek = {.session = session,
                        .is_early = conn->phase != NTA_CONN_OPAQUE &&
                                    conn->basis < NTA_BASIS_CERT &&
                                    !conn->sides[session->io.side].refused,
                        .is_decoy = likely == NTA_FLOW_LIKELY_LESS};
    const bool is_sure = likely == NTA_FLOW_LIKELY_SURE;

    if (conn->websocket || conn->outer_flow)
        return NTA_FLOW_VERDICT_DONE;
    if (is_sure && answers_known(session)) {
        contest(session);
        return NTA_FLOW_VERDICT_DONE;
    }
    if (is_sure) {
        begin_anew(session, true);
        return NTA_FLOW_VERDICT_TAKE;
    }
    const bool was_nobodys = is_nobodys(session, likely), was_contested = conn->contested;

    session->conn->contested = true; /* what they ask for is */
    const bool more = read_peek(&peek, bytes);

    session->conn->contested = was_contested;

    if (peek.is_known && was_nobodys && likely != NTA_FLOW_LIKELY_LESS) {
        begin_anew(session, false);
        return NTA_FLOW_VERDICT_TAKE;
    }
    if (!peek.is_decoy)
        contest(session);
    return more || (peek.is_early && peek.is_known) ? NTA_FLOW_VERDICT_MORE : NTA_FLOW_VERDICT_DONE;
}
