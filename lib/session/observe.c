/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What parsers say, turned into what is known of a connection: its site, how strongly that is
 * known, what agrees and what does not, and whether a list forbids it.
 *
 * Evidence only ever gets stronger: address < name learnt from DNS < certificate < server name <
 * URL.  A match on weak evidence waits (nta_observe_decided) until nothing better can be hoped for,
 * so that a stronger name can still clear it.
 */
#include "session/observe.h"

#include "base/own.h"
#include "base/scratch.h"
#include "base/text.h"
#include "blacklist/name/site.h"
#include "proto/bittorrent.h"
#include "session/channel.h"
#include "session/download.h"
#include "session/evasion.h"
#include "session/lookup.h"
#include "session/match.h"
#include "session/quic.h"
#include "session/report.h"
#include "session/role/doubt.h"
#include "session/role/echo.h"
#include "session/role/resolvers.h"
#include "session/role/role.h"
#include "session/transfer.h"

#include <string.h>

void nta_observe_opened(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_told_asker asker = nta_session_asker(session);
    bool is_guess;

    conn->site_len = (uint16_t)nta_told_find(&session->parts->told, &asker, conn->site, &is_guess);
    conn->basis = conn->site_len ? NTA_BASIS_DNS : NTA_BASIS_ADDRESS;
    conn->guess = is_guess;
    nta_match_conn(session, (struct nta_span){(const uint8_t *)conn->site, conn->site_len},
                   is_guess, session->flow->first_wall_ns);
    if (conn->expected_by)
        nta_transfers_match(session);
}

bool nta_observe_announced(const struct nta_session *session, struct nta_span first)
{
    if (nta_transfers_begins(session, first))
        return true;
    nta_match_set(session, NULL);
    nta_observe_opened(session);
    return false;
}

void nta_observe_turned(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    if (conn->basis == NTA_BASIS_ADDRESS || conn->basis == NTA_BASIS_DNS)
        nta_observe_opened(session);
}

void nta_observe_decided(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    nta_evasion_look(session, false);
    const struct nta_conn_hit *hit = nta_conn_forbidden(conn);

    if (!hit || conn->alerted)
        return;
    conn->alerted = true;
    nta_hits_settle(&session->parts->hits, conn);
    if (!nta_match_is_told(session->parts->policy, hit))
        return;
    conn->claimed = !nta_report_is_answered(session->flow);
    nta_report_alert(session, hit);
}

void nta_observe_answered(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_conn_hit *hit = nta_conn_forbidden(conn);

    if (!conn->claimed || !nta_report_is_answered(session->flow))
        return;
    conn->claimed = false;
    if (hit && conn->alerted)
        nta_report_alert(session, hit);
}

void nta_observe_echo(const struct nta_session *session, enum nta_dir dir, struct nta_span datagram)
{
    nta_echo_note(session, dir, datagram);
    if (!session->flow->proved)
        return;
    nta_observe_answered(session);
    if (session->conn->phase == NTA_CONN_OPAQUE)
        nta_observe_decided(session);
}

void nta_observe_proved(void *owner, struct nta_flow *flow)
{
    const struct nta_session session = nta_session_of(owner, flow);

    if (session.conn)
        nta_observe_answered(&session);
}

/** Hold a claimed name against what the client learnt from DNS. */
static void ask_dns(const struct nta_session *session, struct nta_conn *conn, struct nta_span site)
{
    const struct nta_told_asker asker = nta_session_asker(session);

    conn->agrees &= (uint8_t)~NTA_AGREES_DNS;
    conn->disagrees &= (uint8_t)~NTA_AGREES_DNS;
    switch (nta_told_ask(&session->parts->told, &asker, site)) {
    case NTA_TOLD_AGREES: conn->agrees |= NTA_AGREES_DNS; break;
    case NTA_TOLD_DISAGREES: conn->disagrees |= NTA_AGREES_DNS; break;
    case NTA_TOLD_SILENT: break;
    }
}

void nta_observe_compare(struct nta_conn *conn)
{
    if (conn->other && conn->basis >= NTA_BASIS_CERT &&
        !nta_span_equal(nta_span_of(conn->other->site),
                        (struct nta_span){(const uint8_t *)conn->site, conn->site_len}))
        conn->disagrees |= NTA_AGREES_OVERLAP;
}

/** The connection says (with this strength) that it goes to this site. */
static void take_site(const struct nta_session *session, struct nta_span wire, enum nta_basis basis)
{
    struct nta_conn *conn = session->conn;
    NTA_SCRATCH char buf[NTA_NAME_SIZE];

    if (wire.len == 0 || (basis < (enum nta_basis)conn->basis && !conn->outer))
        return;
    const struct nta_span site =
        nta_site_text(wire, basis == NTA_BASIS_URL ? NTA_SITE_HOST : NTA_SITE_TEXT, buf);

    nta_text_copy(conn->site, sizeof(conn->site), site);
    conn->site_len = (uint16_t)site.len;
    conn->basis = (uint8_t)basis;
    conn->outer = false;
    if (conn->app_stays && conn->proto)
        conn->app = (uint8_t)conn->proto->app;
    conn->app_stays = false;
    ask_dns(session, conn, site);
    if (__builtin_expect(conn->other != NULL, 0))
        nta_observe_compare(conn);
    nta_match_conn(session, site, false, session->flow->last_wall_ns);
}

void nta_observe_ended(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    const struct nta_told_asker asker = nta_session_asker(session);
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    bool is_guess;

    if (conn->basis == NTA_BASIS_ADDRESS &&
        nta_told_find(&session->parts->told, &asker, buf, &is_guess))
        nta_observe_opened(session);
    else if (conn->basis >= NTA_BASIS_CERT && !((conn->agrees | conn->disagrees) & NTA_AGREES_DNS))
        ask_dns(session, conn, site);
    if (conn->other && !conn->hit)
        nta_match_conn(session, site, conn->guess, session->flow->last_wall_ns);
    nta_evasion_look(session, true);
}

/**
 * Is the name in a hello with an encrypted part that of the provider, not of the site?  Browsers
 * send such a part with every hello, mostly filled with random bytes, and nobody outside can tell
 * (RFC 9849 section 6.2); so the name decides: a provider's known public name, or one that this
 * client never asked DNS for while it asked for others and was sent here.
 */
static bool is_outer_name(const struct nta_session *session, struct nta_span name)
{
    static const char *const public_names[] = {"cloudflare-ech.com", "public.tls-ech.dev",
                                               "cover.defo.ie"};
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    const struct nta_span site = nta_site_text(name, NTA_SITE_TEXT, buf);
    const struct nta_told_asker asker = nta_session_asker(session);

    for (size_t i = 0; i < NTA_N_ELEMENTS(public_names); i++) {
        if (nta_span_equal(site, nta_span_of(public_names[i])))
            return true;
    }
    return nta_told_ask(&session->parts->told, &asker, site) == NTA_TOLD_DISAGREES;
}

static void take_client_hello(const struct nta_session *session,
                              const struct nta_tls_client_hello *hello)
{
    struct nta_conn *conn = session->conn;

    if (hello->n_alpn && !conn->alpn[0])
        nta_text_copy(conn->alpn, sizeof(conn->alpn), hello->alpn[0]);
    if (hello->n_versions && !conn->tls_version)
        conn->tls_version = hello->versions[0];
    nta_text_copy(conn->ja4, sizeof(conn->ja4), nta_span_of(hello->ja4));
    if (hello->ech && is_outer_name(session, hello->server_name)) {
        conn->hidden = true; /* what DNS told, if anything, stays the site */
        return;
    }
    take_site(session, hello->server_name, NTA_BASIS_SNI);
    conn->may_be_tor = hello->n_alpn == 0 && nta_role_is_made_up(hello->server_name);
    if (hello->server_name.len == 0)
        return;
    nta_observe_decided(session);
    nta_watch_quiet(session->parts->watch, session->flow, nta_conn_is_encrypted(conn));
}

static void on_client_hello(const struct nta_session *session,
                            const struct nta_tls_client_hello *hello)
{
    take_client_hello(session, hello);
    if (nta_match_hello(session, hello))
        nta_observe_decided(session);
    nta_download_visited(session, nta_report_visit_key(session));
}

static void on_server_hello(struct nta_conn *conn, const struct nta_tls_server_hello *hello)
{
    conn->tls_version = hello->version;
    conn->may_quote = false;
    if (hello->alpn.len)
        nta_text_copy(conn->alpn, sizeof(conn->alpn), hello->alpn);
}

/** RFC 9525 section 6.3: a wildcard stands for exactly one leftmost label. */
static bool name_covers(struct nta_span pattern, struct nta_span name)
{
    if (pattern.len > 2 && pattern.ptr[0] == '*' && pattern.ptr[1] == '.') {
        name = nta_span_from(name, nta_span_find_byte(name, '.'));
        pattern = nta_span_from(pattern, 1);
    }
    return nta_span_alike(pattern, name);
}

static bool cert_covers(const struct nta_tls_certificate *cert, struct nta_span name)
{
    for (size_t i = 0; i < cert->n_names; i++) {
        if (name_covers(cert->names[i], name))
            return true;
    }
    return cert->n_names == 0 && name_covers(cert->common_name, name);
}

static void take_certificate(const struct nta_session *session,
                             const struct nta_tls_certificate *cert)
{
    struct nta_conn *conn = session->conn;
    struct nta_span name = cert->n_names ? cert->names[0] : cert->common_name;
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    struct nta_addr addr;

    nta_text_copy(conn->cert, sizeof(conn->cert), name);
    nta_text_copy(conn->issuer, sizeof(conn->issuer), cert->issuer);
    /* of a proxy asked for an address, the certificate tells the name */
    bool is_addr = conn->outer && nta_addr_parse(conn->site, conn->site_len, &addr) == 0;

    if (conn->basis >= NTA_BASIS_SNI && !is_addr) {
        if (cert_covers(cert, site))
            conn->agrees |= NTA_AGREES_CERT;
        else
            conn->disagrees |= NTA_AGREES_CERT;
        return;
    }
    if (name.len > 2 && name.ptr[0] == '*' && name.ptr[1] == '.') {
        name.ptr += 2;
        name.len -= 2;
    }
    /* a name from DNS that the certificate covers says more than the certificate's first name */
    if (conn->basis == NTA_BASIS_DNS && cert_covers(cert, site)) {
        conn->agrees |= NTA_AGREES_DNS;
        conn->basis = NTA_BASIS_CERT;
        return;
    }
    if (nta_span_has(name, '.'))
        take_site(session, name, NTA_BASIS_CERT);
}

/**
 * Names as Tor makes them up are no site: of a certificate's what is left is the address.  What the
 * hello asked for stays, as what was asked for.
 */
static void leave_made_up(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;

    conn->is_tor = true;
    conn->cert[0] = conn->issuer[0] = '\0';
    conn->agrees = conn->disagrees = 0;
    if (conn->basis != NTA_BASIS_SNI) {
        conn->site[0] = '\0';
        conn->site_len = 0;
        conn->basis = NTA_BASIS_ADDRESS;
        nta_match_conn(session, (struct nta_span){0}, false, session->flow->last_wall_ns);
    }
    nta_observe_decided(session);
}

static void on_certificate(const struct nta_session *session,
                           const struct nta_tls_certificate *cert)
{
    if (nta_role_is_tor(cert)) {
        leave_made_up(session);
        return;
    }
    take_certificate(session, cert);
    if (nta_match_certificate(session, cert))
        nta_observe_decided(session);
}

/** One that may be changed, of which `copy` has space for a copy. */
static struct nta_http_exchange *changed(const struct nta_http_exchange *http,
                                         struct nta_http_exchange *copy)
{
    if (http != copy)
        *copy = *http;
    return copy;
}

/**
 * A request without a host (HTTP/1.0 allows it) goes to the address; `buf` is for its text, `copy`
 * for what it is then: a segment may hold a hundred that need none.
 */
static const struct nta_http_exchange *fill_host(const struct nta_session *session,
                                                 const struct nta_http_exchange *http,
                                                 struct nta_http_exchange *copy,
                                                 char buf[NTA_ADDR_TEXT_SIZE])
{
    if (http->host.len > 0 || http->method.len == 0)
        return http;
    struct nta_http_exchange *filled = changed(http, copy);

    filled->host = nta_span_of(nta_addr_text(&session->flow->server, buf));
    filled->port = session->flow->server_port;
    filled->no_host = true;
    return filled;
}

/** A request names its site in clear; the connection as a whole is named by its first one. */
static void on_request(const struct nta_session *session, const struct nta_http_exchange *wire)
{
    struct nta_conn *conn = session->conn;
    NTA_SCRATCH struct nta_http_exchange copy;
    NTA_SCRATCH char buf[NTA_NAME_SIZE], addr_buf[NTA_ADDR_TEXT_SIZE];
    NTA_SCRATCH struct nta_conn_hit hit;
    const struct nta_http_exchange *http = fill_host(session, wire, &copy, addr_buf);

    conn->n_open = (uint8_t)(conn->n_open + (conn->n_open < UINT8_MAX));
    conn->asked_resolver |= nta_resolvers_is_query(http->target);
    conn->proxies |= http->to_proxy;
    conn->prefetched =
        http->initiator == NTA_HTTP_INITIATOR_PREFETCH && (conn->prefetched || !conn->has_asked);
    conn->has_asked = true;
    nta_doubt_note_request(session, http);
    if (http->to_proxy && !nta_span_is(http->method, "CONNECT")) /* which may be refused */
        nta_doubt_note_relay(session);
    const struct nta_span site = nta_site_text(http->host, NTA_SITE_HOST, buf);

    if (!http->no_host && (conn->basis < NTA_BASIS_URL || conn->outer))
        take_site(session, http->host, NTA_BASIS_URL);
    const enum nta_verdict verdict = nta_match_request(session, http, site, &hit);

    session->parts->asks_nothing = verdict == NTA_VERDICT_NONE;
    nta_match_raise(conn, verdict);
    if (verdict == NTA_VERDICT_FORBIDDEN) {
        if (nta_match_is_told(session->parts->policy, &hit)) {
            if (!nta_report_is_answered(session->flow) && conn->n_claimed < UINT8_MAX)
                conn->n_claimed++;
            nta_report_request_alert(session, http, site, &hit);
        }
        conn->alerted = conn->hit != NULL;
    }
    nta_watch_eased(session->parts->watch, session->flow);
}

/** Of a file that may go on over several connections, or of one that this one moves alone. */
static void on_content(const struct nta_session *session, const struct nta_content *content)
{
    if (content->file)
        nta_download_placed(session, content);
    else if (!nta_download_content(session, content))
        nta_match_content_take(session, content);
}

/** The response's body is over: its hash, if all of a file was seen. */
static bool conn_hashed(const struct nta_session *session, const struct nta_http_exchange *http,
                        uint8_t sha256[32])
{
    bool is_file = http->complete && http->response_lost == 0 && http->status >= 200 &&
                   http->status < 300 && http->status != 206; /* a part of one */

    if (http->status == 0)
        return false;
    const bool is_whole =
        nta_download_hashed(session, http->response_bytes, sha256) ||
        (session->conn->content && nta_match_content_end(session, http->response_bytes, sha256));

    return is_whole && is_file;
}

/** Is this response one of several that may make up one file? */
static bool may_go_on(const struct nta_session *session, const struct nta_http_exchange *http)
{
    const uint64_t expected = http->response_expected;

    return http->status == 206 ||
           (expected != UINT64_MAX && expected >= session->parts->policy->download_bytes);
}

/** Its content follows: what it is a part of goes on. */
static void on_response(const struct nta_session *session, const struct nta_http_exchange *wire)
{
    NTA_SCRATCH struct nta_http_exchange copy;
    NTA_SCRATCH char addr_buf[NTA_ADDR_TEXT_SIZE];
    const struct nta_http_exchange *http = fill_host(session, wire, &copy, addr_buf);

    nta_download_begun(session, nta_report_download_key(session, http),
                       http->status == 206 ? http->range_first : 0, may_go_on(session, http));
}

/** A part of the file that its response holds: what is told of all of it comes later. */
static void on_part(const struct nta_session *session, const struct nta_http_exchange *http)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    const struct nta_span site = nta_site_text(http->host, NTA_SITE_HOST, buf);
    struct nta_conn_hit hit;
    const bool forbidden = nta_match_request(session, http, site, &hit) == NTA_VERDICT_FORBIDDEN;

    if (session->parts->policy->downloads || forbidden)
        nta_report_request_part(session, http, site, forbidden ? &hit : NULL);
}

/** The site of a request that is over; of one that was told just before, it is known. */
static struct nta_span site_asked(const struct nta_session *session,
                                  const struct nta_http_exchange *http, char buf[NTA_NAME_SIZE])
{
    const struct nta_fed *fed = &session->parts->fed;

    if (http->at_once && session->parts->asks_nothing && !http->no_host && fed->is_fine &&
        fed->flow == session->flow)
        return (struct nta_span){(const uint8_t *)fed->site, fed->site_len};
    return nta_site_text(http->host, NTA_SITE_HOST, buf);
}

static void on_exchange(const struct nta_session *session, const struct nta_http_exchange *wire)
{
    struct nta_conn *conn = session->conn;
    NTA_SCRATCH struct nta_http_exchange copy;
    NTA_SCRATCH char buf[NTA_NAME_SIZE], addr_buf[NTA_ADDR_TEXT_SIZE], hex[NTA_BITTORRENT_HEX_LEN];
    NTA_SCRATCH struct nta_conn_hit verdict;
    const struct nta_http_exchange *http = fill_host(session, wire, &copy, addr_buf);

    if (http->is_part) {
        on_part(session, http);
        return;
    }
    if (nta_bittorrent_announced(http->target, hex)) {
        http = changed(http, &copy);
        copy.file_name = (struct nta_span){(const uint8_t *)hex, sizeof(hex)};
    }
    const struct nta_span site = site_asked(session, http, buf);
    const enum nta_verdict said = http->at_once && session->parts->asks_nothing
                                      ? NTA_VERDICT_NONE
                                      : nta_match_request(session, http, site, &verdict);
    bool forbidden = said == NTA_VERDICT_FORBIDDEN;
    NTA_SCRATCH uint8_t sha256[32];
    const int64_t began_ns = http->begin_wall_ns ? http->begin_wall_ns : session->io.wall_ns;

    const bool is_hashed = conn_hashed(session, http, sha256);

    if (is_hashed) {
        http = changed(http, &copy);
        copy.sha256 = (struct nta_span){sha256, sizeof(sha256)};
    }
    if (is_hashed && said != NTA_VERDICT_SPARED &&
        nta_match_file(session, sha256, began_ns, &verdict)) {
        forbidden = true;
        if (nta_match_is_told(session->parts->policy, &verdict))
            nta_report_request_alert(session, http, site, &verdict);
    } else if (forbidden && conn->n_claimed > 0) {
        conn->n_claimed--;
        if (nta_report_is_answered(session->flow))
            nta_report_request_alert(session, http, site, &verdict);
    }
    if (session->parts->policy->requests || session->parts->policy->downloads || forbidden)
        nta_report_request(session, http, site, forbidden ? &verdict : NULL);
    conn->n_open = (uint8_t)(conn->n_open - (conn->n_open > 0));
}

/** A file, or what a proxy is asked for; only the latter, and SMB, name a site of their own. */
static void on_transfer_begin(const struct nta_session *session, const struct nta_event *event)
{
    const struct nta_span host = event->transfer->host;

    if (host.len)
        take_site(session, host, NTA_BASIS_URL);
    nta_transfers_begin(session, event);
}

static void on_software(struct nta_conn *conn, const struct nta_software *software)
{
    char *buf = conn->sides[software->of_server ? NTA_DIR_DOWN : NTA_DIR_UP].software;

    nta_text_copy(buf, NTA_CONN_SOFTWARE_SIZE, software->text);
}

static void on_transfer(const struct nta_session *session, const struct nta_event *event,
                        void (*step)(const struct nta_session *session,
                                     const struct nta_event *event))
{
    step(session, event);
    nta_watch_eased(session->parts->watch, session->flow);
}

void nta_observe_goes_on(const struct nta_session *session, const struct nta_quic_known *known)
{
    struct nta_conn *conn = session->conn;

    conn->app = NTA_APP_QUIC;
    conn->tls_version = known->tls_version;
    conn->hidden = known->hidden;
    nta_text_copy(conn->alpn, sizeof(conn->alpn), nta_span_of(known->alpn));
    nta_text_copy(conn->ja4, sizeof(conn->ja4), nta_span_of(known->ja4));
    if (known->basis > NTA_BASIS_DNS)
        take_site(session, (struct nta_span){(const uint8_t *)known->site, known->site_len},
                  (enum nta_basis)known->basis);
    struct nta_tls_client_hello hello = {.n_versions = 0};

    memcpy(hello.ja4, known->ja4, sizeof(hello.ja4));
    (void)nta_match_hello(session, &hello);
}

void nta_observe_event(const struct nta_session *session, const struct nta_event *event)
{
    struct nta_conn *conn = session->conn;

    /* a lookup through a relay is not all that goes over it */
    const bool is_beside =
        conn->proto && conn->proto->is_beside && nta_app_has(event->app, NTA_TRAIT_LOOKUP);

    if (!nta_conn_keeps_app(conn) && !is_beside)
        conn->app = (uint8_t)event->app;
    if (session->parts->listens && event->kind != NTA_EVENT_BINDING)
        return;
    if (!nta_channel_select(session, event->channel))
        return;
    if (event->quic)
        nta_quic_begun(session, event->quic);
    switch (event->kind) {
    case NTA_EVENT_TLS_CLIENT_HELLO: on_client_hello(session, event->client_hello); break;
    case NTA_EVENT_TLS_SERVER_HELLO: on_server_hello(conn, event->server_hello); break;
    case NTA_EVENT_TLS_CERTIFICATE: on_certificate(session, event->certificate); break;
    case NTA_EVENT_HTTP_REQUEST: on_request(session, event->http); break;
    case NTA_EVENT_HTTP_RESPONSE: on_response(session, event->http); break;
    case NTA_EVENT_HTTP_EXCHANGE: on_exchange(session, event->http); break;
    case NTA_EVENT_DNS_QUESTION: nta_lookup_asked(session, event->app, event->dns); break;
    case NTA_EVENT_DNS_LOOKUP: nta_lookup_told(session, event->app, event->dns); break;
    case NTA_EVENT_TRANSFER_BEGIN: on_transfer(session, event, on_transfer_begin); break;
    case NTA_EVENT_TRANSFER_REPLY: on_transfer(session, event, nta_transfers_reply); break;
    case NTA_EVENT_TRANSFER_DATA: on_transfer(session, event, nta_transfers_data); break;
    case NTA_EVENT_TRANSFER_END: on_transfer(session, event, nta_transfers_end); break;
    case NTA_EVENT_CONTENT: on_content(session, event->content); break;
    case NTA_EVENT_SOFTWARE: on_software(conn, event->software); break;
    case NTA_EVENT_REALM: nta_match_realm(session, *event->realm); break;
    case NTA_EVENT_FORWARDED: nta_doubt_note_proxied(session, event->forwarded); break;
    case NTA_EVENT_BINDING: nta_report_binding(session, event); break;
    }
}
