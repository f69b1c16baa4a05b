/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what is known of a flow to records: who is the user and who the peer, where both are, and
 * the texts; how far a connection came: who opened it, whether anybody answered, what was done,
 * each no more than was seen; then to `put`.  Nothing here decides anything else but what is the
 * canary's.
 */
#include "session/report.h"

#include "base/own.h"
#include "flow/owner.h"
#include "session/role/echo.h"
#include "session/who/bindings.h"

#include <assert.h>
#include <string.h>

enum
{
    SMALL_FILE_BYTES = 1024
};

void nta_report_side(const struct nta_session *session, bool is_client,
                     struct nta_record_side *side)
{
    const struct nta_flow *flow = session->flow;
    side->addr = is_client ? flow->client : flow->server;
    side->port = is_client ? flow->client_port : flow->server_port;
    (void)nta_addr_inside(&side->addr, &side->ipv4);
    side->place =
        *nta_geo_cache_find(session->parts->places, session->parts->policy->geo, &side->addr);
}

static void set_tags(const struct nta_flow_side *side, struct nta_record_tags *ret_tags)
{
    static_assert(sizeof(ret_tags->ids) == sizeof(side->vlan), "as many as a packet has");

    memcpy(ret_tags->ids, side->vlan, sizeof(ret_tags->ids));
    ret_tags->n = (uint8_t)((side->vlan[0] != 0) + (side->vlan[1] != 0));
}

/** VLAN tags of the user's frames; and of the peer's, if they have others. */
static void fill_tags(const struct nta_flow *flow, bool user_is_client, struct nta_record *record)
{
    const struct nta_flow_side *user = &flow->sides[user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN];
    const struct nta_flow_side *peer = &flow->sides[user_is_client ? NTA_DIR_DOWN : NTA_DIR_UP];

    set_tags(user->packets || !peer->packets ? user : peer, &record->vlan);
    if (!user->packets || !peer->packets || memcmp(user->vlan, peer->vlan, sizeof(user->vlan)) == 0)
        return;
    set_tags(peer, &record->peer.vlan);
    if (record->peer.vlan.n == 0)
        record->peer.vlan.n = 1; /* "0": it has none */
}

/** What a tunnel's header said of the connection. */
static struct nta_record_network network_of(const struct nta_flow *flow)
{
    static const uint8_t kinds[NTA_N_PACKET_NETWORKS] = {
        [NTA_PACKET_NETWORK_VNI] = NTA_NETWORK_KIND_VNI,
        [NTA_PACKET_NETWORK_VSID] = NTA_NETWORK_KIND_VSID,
        [NTA_PACKET_NETWORK_TEID] = NTA_NETWORK_KIND_TEID,
        [NTA_PACKET_NETWORK_GRE] = NTA_NETWORK_KIND_GRE,
        [NTA_PACKET_NETWORK_ERSPAN] = NTA_NETWORK_KIND_ERSPAN,
        [NTA_PACKET_NETWORK_MPLS] = NTA_NETWORK_KIND_MPLS,
        [NTA_PACKET_NETWORK_L2TP] = NTA_NETWORK_KIND_L2TP,
    };

    return (struct nta_record_network){.kind = kinds[flow->network_kind], .id = flow->network};
}

void nta_report_ends(const struct nta_session *session, struct nta_record *record)
{
    const struct nta_flow *flow = session->flow;
    struct nta_ends ends = nta_session_ends(session);

    nta_report_side(session, ends.user_is_client, &record->user);
    nta_report_side(session, !ends.user_is_client, &record->peer);
    record->user.has_mac = flow->has_macs;
    memcpy(record->user.mac, ends.user_is_client ? flow->client_mac : flow->server_mac,
           sizeof(record->user.mac));
    record->ip_proto = flow->ip_proto;
    record->network = network_of(flow);
    record->policy = session->parts->policy->stamp;
    fill_tags(flow, ends.user_is_client, record);
    nta_bindings_join(session, record);
}

void nta_report_match(const struct nta_session *session, struct nta_record *record,
                      const struct nta_conn_hit *hit)
{
    if (!hit)
        return;
    record->match = (struct nta_record_match){
        .list = nta_span_of(hit->list),
        .category = nta_span_of(hit->category),
        .entry = nta_span_of(hit->entry),
        .line = hit->line,
        .kind = hit->kind,
        .severity = hit->severity,
        .weak = hit->weak,
        .shared = nta_span_of(hit->shared),
        .list_sha256 = {hit->list_sha256, sizeof(hit->list_sha256)},
    };
    session->parts->via = nta_span_of(hit->via);
    record->via = &session->parts->via;
    record->n_via = session->parts->via.len > 0;
}

/**
 * Browsers that call each other try every address that the other one names, and answer whoever
 * tries (RFC 8445 section 7): nobody went there.  A server of STUN has a port of its own.
 */
static bool is_ice_check(const struct nta_flow *flow)
{
    static const uint16_t servers[] = {3478, 5349, 19302};

    for (size_t i = 0; i < NTA_N_ELEMENTS(servers); i++) {
        if (flow->client_port == servers[i] || flow->server_port == servers[i])
            return false;
    }
    return true;
}

bool nta_report_has_reply(const struct nta_flow *flow)
{
    const struct nta_conn *conn = flow->conn;

    if (flow->any_port ||
        (flow->ip_proto == 17 && conn && conn->app == NTA_APP_STUN && is_ice_check(flow)))
        return false;
    if (flow->ip_proto == 6)
        return flow->proved;
    return flow->sides[0].packets > 0 && flow->sides[1].packets > 0;
}

/**
 * Anybody can send a packet in another's name, and gets it answered, too.  So wherever that can be
 * seen, who opened it has to show that he sees the answers: over TCP by an acknowledgement that
 * nobody else can send, of datagrams by an echo (echo.h).  Of what a tunnel on any port carries one
 * sender can have made up both sides.
 */
bool nta_report_is_answered(const struct nta_flow *flow)
{
    /* without a connection it is a copy, of what is over or was only quoted */
    return nta_report_has_reply(flow) && !(flow->conn && nta_flow_is_disowned(flow)) &&
           (flow->proved || !nta_echo_is_due(flow));
}

/** Another connection, or a request to another port, had it opened: FTP's data, TFTP. */
static bool is_announced(const struct nta_conn *conn)
{
    return conn && conn->expected_by != NTA_APP_NONE;
}

uint8_t nta_report_opener(const struct nta_session *session)
{
    const struct nta_flow *flow = session->flow;

    if (!flow->opener)
        return 0;
    /* one that was announced was asked for by its client, whoever opens it */
    const bool is_client = flow->opener - 1U == NTA_DIR_UP || is_announced(session->conn);

    return nta_session_ends(session).user_is_client == is_client ? NTA_OPENED_BY_USER
                                                                 : NTA_OPENED_BY_PEER;
}

/**
 * What is told at once is a claim until its opener showed that he sees answers, and is told again
 * then.  A whole flow of datagrams was answered if it was, and may be forged (nta_doubt_fill()).
 */
void nta_report_opening(const struct nta_session *session, struct nta_record *record)
{
    const struct nta_flow *flow = session->flow;
    const bool is_whole = record->event == NTA_RECORD_FLOW && flow->ip_proto != 6;
    const bool is_answered =
        is_whole ? nta_report_has_reply(flow) && !(flow->conn && nta_flow_is_disowned(flow))
                 : nta_report_is_answered(flow);

    record->opened_by = nta_report_opener(session);
    record->seen = is_answered ? NTA_SEEN_ANSWERED : NTA_SEEN_CLAIMED;
}

/** Content that came to the user; of what is not read, all that came, unless more went out. */
static uint64_t content_of(const struct nta_record *record)
{
    if (record->method.len > 0)
        return nta_smaller(record->file.bytes, record->down.bytes);
    return record->down.bytes >= record->up.bytes ? record->down.bytes : 0;
}

/**
 * An archive or a document is never a part of a page that is shown: who gets one has a file, and
 * what does harm comes so, too.  An answer of a few bytes under such a name is none, nor is text,
 * which pages and programs fetch all the time.
 */
static bool is_small_file(const struct nta_record *record, uint64_t bytes)
{
    const uint8_t kind = record->file.kind;

    return bytes >= SMALL_FILE_BYTES && !nta_span_begins(record->file.type, nta_span_of("text/")) &&
           (kind == NTA_FILE_KIND_ARCHIVE || kind == NTA_FILE_KIND_DOCUMENT);
}

enum nta_rule nta_report_rule(const struct nta_session *session, const struct nta_record *record)
{
    const bool is_refused =
        record->app == NTA_APP_HTTP && (record->status < 200 || record->status > 299);
    const uint64_t bytes = content_of(record);

    if (bytes == 0 || (is_refused && record->method.len > 0))
        return NTA_RULE_NONE;
    if (record->match.list.len > 0 && record->match.kind == NTA_HIT_HASH)
        return NTA_RULE_FILE;
    if (record->file.kind == NTA_FILE_KIND_PROGRAM)
        return NTA_RULE_KIND;
    if (nta_app_has(record->app, NTA_TRAIT_FILES) && record->method.len > 0)
        return NTA_RULE_FILE;
    if (bytes >= session->parts->policy->download_bytes)
        return NTA_RULE_BYTES;
    return record->file.kind == NTA_FILE_KIND_DISK || is_small_file(record, bytes) ? NTA_RULE_KIND
                                                                                   : NTA_RULE_NONE;
}

void nta_report_content(struct nta_record *record, enum nta_rule rule)
{
    if (record->status && record->method.len && record->seen < NTA_SEEN_ANSWERED)
        record->seen = NTA_SEEN_ANSWERED; /* it was read, and so was its answer */
    if (record->down.bytes > 0 && record->seen >= NTA_SEEN_ANSWERED)
        record->seen = NTA_SEEN_DELIVERED;
    record->rule = (uint8_t)rule;
    record->download = rule != NTA_RULE_NONE && record->match.list.len > 0 && !record->match.weak;
    if (rule != NTA_RULE_NONE)
        record->act = NTA_ACT_DOWNLOADED;
    else
        record->act = record->up.bytes > record->down.bytes ? NTA_ACT_UPLOADED : NTA_ACT_CONTACTED;
}

void nta_report_file_kind(struct nta_record *record)
{
    const struct nta_record_file *file = &record->file;

    const enum nta_file_kind said = nta_file_kind_of(file->said);

    record->file.kind = (uint8_t)nta_file_kind_of(file->type);
    if (file->type.len == 0 && said == NTA_FILE_KIND_PROGRAM)
        record->file.kind = NTA_FILE_KIND_PROGRAM; /* they are often scrambled for the way */
}

static const char *tls_version_name(uint16_t version)
{
    switch (version) {
    case 0x0300: return "SSL 3.0";
    case 0x0301: return "TLS 1.0";
    case 0x0302: return "TLS 1.1";
    case 0x0303: return "TLS 1.2";
    case 0x0304: return "TLS 1.3";
    case 0xfeff: return "DTLS 1.0";
    case 0xfefd: return "DTLS 1.2";
    case 0xfefc: return "DTLS 1.3";
    default: return "";
    }
}

uint8_t nta_report_disagrees(const struct nta_conn *conn)
{
    return conn->disagrees | (conn->contested ? NTA_AGREES_OVERLAP : 0);
}

/**
 * What is known of the connection's site and protocol; `addr_text` is space for an address as the
 * site.
 */
static void fill_conn(const struct nta_conn *conn, char addr_text[NTA_ADDR_TEXT_SIZE],
                      struct nta_record *record)
{
    record->app = (enum nta_app)conn->app;
    record->basis = (enum nta_basis)conn->basis;
    record->agrees = conn->agrees;
    record->disagrees = nta_report_disagrees(conn);
    record->carrier = conn->outer_flow;
    record->hidden = conn->hidden;
    record->shared = conn->guess;
    record->alpn = nta_span_of(conn->alpn);
    record->ja4 = nta_span_of(conn->ja4);
    record->issuer = nta_span_of(conn->issuer);
    record->tls_version = nta_span_of(tls_version_name(conn->tls_version));
    record->site = (struct nta_span){(const uint8_t *)conn->site, conn->site_len};
    if (conn->basis <= NTA_BASIS_ADDRESS) {
        record->basis = NTA_BASIS_ADDRESS;
        record->site = nta_span_of(nta_addr_text(&record->peer.addr, addr_text));
    }
}

void nta_report_conflicts(const struct nta_session *session, struct nta_record *record)
{
    const struct nta_conn *conn = session->conn;

    record->conflicts = session->parts->conflicts;
    if (!(conn->disagrees & NTA_AGREES_OVERLAP) || !conn->other)
        return;
    const struct nta_span site = {(const uint8_t *)conn->site, conn->site_len};
    const struct nta_span other = nta_span_of(conn->other->site);

    if (nta_span_equal(site, other))
        return; /* the others say nothing */
    session->parts->conflicts[record->n_conflicts++] = (struct nta_record_conflict){
        .kind = NTA_CONFLICT_KIND_OVERLAP,
        .value = nta_span_equal(other, record->site) ? site : other,
    };
}

static void fill_software(const struct nta_session *session, struct nta_record *record)
{
    const struct nta_conn *conn = session->conn;
    const size_t user = nta_session_ends(session).user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;

    record->user.software = nta_span_of(conn->sides[user].software);
    record->peer.software = nta_span_of(conn->sides[1 - user].software);
}

void nta_report_fill(const struct nta_session *session, char addr_text[NTA_ADDR_TEXT_SIZE],
                     struct nta_record *record)
{
    nta_report_ends(session, record);
    nta_report_opening(session, record);
    record->act = NTA_ACT_CONTACTED;
    record->initiator = session->conn->prefetched ? NTA_INITIATOR_PREFETCH : 0;
    fill_conn(session->conn, addr_text, record);
    nta_report_conflicts(session, record);
    fill_software(session, record);
}
