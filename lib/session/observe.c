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
#include "proto/bittorrent.h"
#include "session/match.h"
#include "session/report.h"
#include "session/resolvers.h"
#include "session/transfer.h"

#include <string.h>

/** Who asks DNS's names for the peer of this connection. */
static struct nta_told_asker asker_of(const struct nta_session *session)
{
    const struct nta_flow *flow = session->flow;
    const struct nta_ends ends = nta_session_ends(session);

    return (struct nta_told_asker){
        .user = ends.user,
        .peer = ends.peer,
        .mac = !flow->has_macs       ? NULL
               : ends.user_is_client ? flow->client_mac
                                     : flow->server_mac,
        .is_pairs = nta_owner_of_ends(session->parts->whose, &flow->client, &flow->server, true,
                                      flow->client_port, flow->server_port) == NTA_OWNED_BY_PAIR,
        .began_wall_ns = flow->first_wall_ns,
    };
}

void nta_observe_opened(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_told_asker asker = asker_of(session);
    bool is_guess;

    conn->site_len = (uint16_t)nta_told_find(&session->parts->told, &asker, conn->site, &is_guess);
    conn->basis = conn->site_len ? NTA_BASIS_DNS : NTA_BASIS_ADDRESS;
    conn->guess = is_guess;
    nta_match_conn(session, (struct nta_span){(const uint8_t *)conn->site, conn->site_len},
                   is_guess, session->flow->first_wall_ns);
    if (conn->expected_by)
        nta_transfers_match(session);
}

void nta_observe_turned(const struct nta_session *session)
{
    const struct nta_conn *conn = session->conn;

    if (conn->basis == NTA_BASIS_ADDRESS || conn->basis == NTA_BASIS_DNS)
        nta_observe_opened(session);
}

/**
 * Matches by address alone are alerts only as far as the admin wants to hear of them, and those of
 * a list that only records never are.
 */
static bool is_wanted(const struct nta_policy *policy, const struct nta_conn_hit *hit)
{
    if (hit->only_recorded)
        return false;
    if (!hit->weak || hit->kind == NTA_HIT_DOMAIN)
        return true;
    switch (policy->weak_alerts) {
    case NTA_WEAK_ALL: return true;
    case NTA_WEAK_UNSHARED: return hit->shared[0] == '\0';
    case NTA_WEAK_NONE: return false;
    }
    return true;
}

void nta_observe_decided(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_conn_hit *hit = nta_conn_forbidden(conn);

    if (!hit || conn->alerted)
        return;
    conn->alerted = true;
    if (!is_wanted(session->parts->policy, hit))
        return;
    nta_report_alert(session, hit);
}

/** A name in its normal form; one that is no host name is kept as it came, cut to what we keep. */
static struct nta_span normal_name(struct nta_span wire, char buf[NTA_NAME_SIZE])
{
    size_t len = nta_blacklist_name(wire, buf);

    if (len == 0) {
        len = wire.len < NTA_NAME_SIZE - 1 ? wire.len : NTA_NAME_SIZE - 1;
        if (len && wire.ptr)
            memcpy(buf, wire.ptr, len);
    }
    return (struct nta_span){(const uint8_t *)buf, len};
}

/** Hold a claimed name against what the client learnt from DNS. */
static void ask_dns(const struct nta_session *session, struct nta_conn *conn, struct nta_span site)
{
    const struct nta_told_asker asker = asker_of(session);

    conn->agrees &= (uint8_t)~NTA_AGREES_DNS;
    conn->disagrees &= (uint8_t)~NTA_AGREES_DNS;
    switch (nta_told_ask(&session->parts->told, &asker, site)) {
    case NTA_PDNS_AGREES: conn->agrees |= NTA_AGREES_DNS; break;
    case NTA_PDNS_DISAGREES: conn->disagrees |= NTA_AGREES_DNS; break;
    case NTA_PDNS_SILENT: break;
    }
}

/** The connection says (with this strength) that it goes to this site. */
static void take_site(const struct nta_session *session, struct nta_span wire, enum nta_basis basis)
{
    struct nta_conn *conn = session->conn;
    NTA_SCRATCH char buf[NTA_NAME_SIZE];

    if (wire.len == 0 || (basis < (enum nta_basis)conn->basis && !conn->outer))
        return;
    const struct nta_span site = normal_name(wire, buf);

    nta_text_copy(conn->site, sizeof(conn->site), site);
    conn->site_len = (uint16_t)site.len;
    conn->basis = (uint8_t)basis;
    conn->outer = false;
    if (conn->app_stays && conn->proto)
        conn->app = (uint8_t)conn->proto->app;
    conn->app_stays = false;
    ask_dns(session, conn, site);
    nta_match_conn(session, site, false, session->flow->last_wall_ns);
}

void nta_observe_ended(const struct nta_session *session)
{
    struct nta_conn *conn = session->conn;
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    const struct nta_told_asker asker = asker_of(session);
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    bool is_guess;

    if (conn->basis == NTA_BASIS_ADDRESS &&
        nta_told_find(&session->parts->told, &asker, buf, &is_guess))
        nta_observe_opened(session);
    else if (conn->basis >= NTA_BASIS_CERT && !((conn->agrees | conn->disagrees) & NTA_AGREES_DNS))
        ask_dns(session, conn, site);
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
    const struct nta_span site = normal_name(name, buf);
    const struct nta_told_asker asker = asker_of(session);

    for (size_t i = 0; i < NTA_N_ELEMENTS(public_names); i++) {
        if (nta_span_equal(site, nta_span_of(public_names[i])))
            return true;
    }
    return nta_told_ask(&session->parts->told, &asker, site) == NTA_PDNS_DISAGREES;
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
}

static void on_server_hello(struct nta_conn *conn, const struct nta_tls_server_hello *hello)
{
    conn->tls_version = hello->version;
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

static void on_certificate(const struct nta_session *session,
                           const struct nta_tls_certificate *cert)
{
    take_certificate(session, cert);
    if (nta_match_certificate(session, cert))
        nta_observe_decided(session);
}

/** A request without a host (HTTP/1.0 allows it) goes to the address; `buf` is for its text. */
static void fill_host(const struct nta_session *session, struct nta_http_exchange *http,
                      char buf[NTA_ADDR_TEXT_SIZE])
{
    if (http->host.len > 0 || http->method.len == 0)
        return;
    http->host = nta_span_of(nta_addr_text(&session->flow->server, buf));
    http->port = session->flow->server_port;
    http->no_host = true;
}

/** A request names its site in clear; the connection as a whole is named by its first one. */
static void on_request(const struct nta_session *session, const struct nta_http_exchange *wire)
{
    struct nta_conn *conn = session->conn;
    struct nta_http_exchange exchange = *wire, *http = &exchange;
    NTA_SCRATCH char buf[NTA_NAME_SIZE], addr_buf[NTA_ADDR_TEXT_SIZE];
    struct nta_conn_hit hit;

    fill_host(session, http, addr_buf);
    conn->asked_resolver |= nta_resolvers_is_query(http->target);
    const struct nta_span site = normal_name(http->host, buf);

    if (!http->no_host && (conn->basis < NTA_BASIS_URL || conn->outer))
        take_site(session, http->host, NTA_BASIS_URL);
    const enum nta_verdict verdict = nta_match_request(session, http, site, &hit);

    nta_match_raise(conn, verdict);
    if (verdict == NTA_VERDICT_FORBIDDEN) {
        if (!hit.only_recorded)
            nta_report_request_alert(session, http, site, &hit);
        conn->alerted = conn->hit != NULL;
    }
    nta_watch_eased(session->parts->watch, session->flow);
}

/** The response's body is over: its hash, if all of a file was seen. */
static bool conn_hashed(const struct nta_session *session, struct nta_http_exchange *http,
                        uint8_t sha256[32])
{
    bool is_file = http->complete && http->status >= 200 && http->status < 300 &&
                   http->status != 206; /* a part of one */

    if (!session->conn->content || http->status == 0)
        return false;
    if (!nta_match_content_end(session, http->response_bytes, sha256) || !is_file)
        return false;
    http->sha256 = (struct nta_span){sha256, 32};
    return true;
}

static void on_exchange(const struct nta_session *session, const struct nta_http_exchange *wire)
{
    struct nta_http_exchange exchange = *wire, *http = &exchange;
    NTA_SCRATCH char buf[NTA_NAME_SIZE], addr_buf[NTA_ADDR_TEXT_SIZE], hex[NTA_BITTORRENT_HEX_LEN];
    struct nta_conn_hit verdict;

    fill_host(session, http, addr_buf);
    if (nta_bittorrent_announced(http->target, hex))
        http->file_name = (struct nta_span){(const uint8_t *)hex, sizeof(hex)};
    const struct nta_span site = normal_name(http->host, buf);
    const enum nta_verdict said = nta_match_request(session, http, site, &verdict);
    bool forbidden = said == NTA_VERDICT_FORBIDDEN;
    uint8_t sha256[32];
    const int64_t began_ns = http->begin_wall_ns ? http->begin_wall_ns : session->io.wall_ns;

    if (conn_hashed(session, http, sha256) && said != NTA_VERDICT_SPARED &&
        nta_match_file(session, sha256, began_ns, &verdict)) {
        forbidden = true;
        if (!verdict.only_recorded)
            nta_report_request_alert(session, http, site, &verdict);
    }
    if (session->parts->policy->requests || forbidden)
        nta_report_request(session, http, site, forbidden ? &verdict : NULL);
}

static void learn(const struct nta_session *session, const struct nta_told_answer *answer)
{
    nta_told_learn(&session->parts->told, answer);
}

static void hear(const struct nta_session *session, const struct nta_told_answer *answer)
{
    const struct nta_owner *whose = session->parts->whose;
    const struct nta_flow *flow = session->flow;

    nta_told_hear(&session->parts->told, answer, flow->has_macs ? flow->client_mac : NULL,
                  nta_owner_is_home(whose, answer->client) ==
                      nta_owner_is_home(whose, answer->addr));
}

/** Each address that the client was given for `site`. */
static void each_address(const struct nta_session *session, const struct nta_dns_lookup *dns,
                         struct nta_span site,
                         void (*take)(const struct nta_session *session,
                                      const struct nta_told_answer *answer))
{
    static const struct nta_addr none = {0};

    for (size_t i = 0; i < dns->n_answers; i++) {
        const struct nta_dns_answer *answer = &dns->answers[i];

        /* A 1, AAAA 28, the address hints of SVCB 64 and HTTPS 65; one without hints has none */
        if (nta_addr_equal(&answer->addr, &none) ||
            (answer->type != 1 && answer->type != 28 && answer->type != 64 && answer->type != 65))
            continue;
        take(session, &(struct nta_told_answer){.client = &session->flow->client,
                                                .addr = &answer->addr,
                                                .name = site,
                                                .ttl_s = answer->ttl_s,
                                                .wall_ns = session->io.wall_ns});
    }
}

/** The root has no name of its own; it is shown as other tools show it. */
static struct nta_span question_name(const struct nta_dns_lookup *dns, char buf[NTA_NAME_SIZE])
{
    return dns->name.len ? normal_name(dns->name, buf) : nta_span_of("<root>");
}

/** When the question was asked, or the answer that alone was seen came. */
static int64_t asked_at(const struct nta_session *session, const struct nta_dns_lookup *dns)
{
    return dns->asked_wall_ns ? dns->asked_wall_ns : session->io.wall_ns;
}

static void on_question(const struct nta_session *session, enum nta_app app,
                        const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;
    const struct nta_span site = question_name(dns, buf);

    if (nta_match_site(session, site, asked_at(session, dns), &verdict) && !verdict.only_recorded)
        nta_report_lookup_alert(session, app, dns, site, &verdict);
}

static void on_lookup(const struct nta_session *session, enum nta_app app,
                      const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;
    const struct nta_span site = question_name(dns, buf);
    bool forbidden = nta_match_site(session, site, asked_at(session, dns), &verdict);

    if (nta_app_has(app, NTA_TRAIT_RESOLVES) && dns->answered && dns->rcode == 0)
        each_address(session, dns, site, learn);
    if (session->parts->policy->lookups || forbidden)
        nta_report_lookup(session, app, dns, site, forbidden ? &verdict : NULL);
    nta_watch_settled(session->parts->watch, session->flow);
}

void nta_observe_icmp_error(const struct nta_session *session, enum nta_app app,
                            const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];
    struct nta_conn_hit verdict;
    const struct nta_span site = question_name(dns, buf);
    bool forbidden = nta_match_site(session, site, asked_at(session, dns), &verdict);

    verdict.weak = true;
    if (session->parts->policy->lookups || forbidden)
        nta_report_lookup(session, app, dns, site, forbidden ? &verdict : NULL);
}

void nta_observe_heard(const struct nta_session *session, enum nta_app app,
                       const struct nta_dns_lookup *dns)
{
    NTA_SCRATCH char buf[NTA_NAME_SIZE];

    if (nta_app_has(app, NTA_TRAIT_RESOLVES) && dns->answered && dns->rcode == 0)
        each_address(session, dns, question_name(dns, buf), hear);
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

void nta_observe_event(const struct nta_session *session, const struct nta_event *event)
{
    struct nta_conn *conn = session->conn;

    if (!nta_conn_keeps_app(conn))
        conn->app = (uint8_t)event->app;
    switch (event->kind) {
    case NTA_EVENT_TLS_CLIENT_HELLO: on_client_hello(session, event->client_hello); break;
    case NTA_EVENT_TLS_SERVER_HELLO: on_server_hello(conn, event->server_hello); break;
    case NTA_EVENT_TLS_CERTIFICATE: on_certificate(session, event->certificate); break;
    case NTA_EVENT_HTTP_REQUEST: on_request(session, event->http); break;
    case NTA_EVENT_HTTP_EXCHANGE: on_exchange(session, event->http); break;
    case NTA_EVENT_DNS_QUESTION: on_question(session, event->app, event->dns); break;
    case NTA_EVENT_DNS_LOOKUP: on_lookup(session, event->app, event->dns); break;
    case NTA_EVENT_TRANSFER_BEGIN: on_transfer(session, event, on_transfer_begin); break;
    case NTA_EVENT_TRANSFER_REPLY: on_transfer(session, event, nta_transfers_reply); break;
    case NTA_EVENT_TRANSFER_DATA: on_transfer(session, event, nta_transfers_data); break;
    case NTA_EVENT_TRANSFER_END: on_transfer(session, event, nta_transfers_end); break;
    case NTA_EVENT_CONTENT: nta_match_content_take(session, event->content); break;
    case NTA_EVENT_SOFTWARE: on_software(conn, event->software); break;
    case NTA_EVENT_DHCP: nta_report_dhcp(session, event->dhcp); break;
    case NTA_EVENT_STATION: nta_report_station(session, event->station); break;
    }
}
