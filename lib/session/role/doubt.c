/* SPDX-License-Identifier: Apache-2.0 */
#include "session/role/doubt.h"

#include "flow/owner.h"
#include "record/grade.h"
#include "session/role/echo.h"
#include "session/who/bindings.h"

#include <string.h>

enum
{
    HOPS_MASK = 0xff,
    V4_TTL_OFF = 8,
    V6_HOP_LIMIT_OFF = 7,
    LOOKED = 1, ///< Bit 0 of doubts: somebody looked.
};

static struct nta_traits *traits_of(const struct nta_session *session,
                                    const struct nta_told_asker *asker)
{
    return nta_traits_get(session->parts->traits, asker->user.addr, asker->user.network,
                          session->flow->last_wall_ns);
}

/** TTL or hop limit of the packet at work, if the user sent it; 0: he did not. */
static uint8_t ttl_at_work(const struct nta_session *session, const struct nta_told_asker *asker)
{
    const struct nta_packet *packet = session->parts->packet;

    if (!packet || !nta_addr_equal(&packet->src, asker->user.addr) ||
        !nta_addr_equal(&packet->dst, asker->peer))
        return 0;
    struct nta_reader r = nta_reader_of(session->parts->packet_bytes, packet->cap_len);

    nta_reader_skip(&r, packet->l3_off);
    const bool is_v6 = nta_reader_left(&r) > 0 && nta_reader_peek(&r) >> 4 == 6;

    nta_reader_skip(&r, is_v6 ? V6_HOP_LIMIT_OFF : V4_TTL_OFF);
    return nta_read_u8(&r);
}

void nta_doubt_note_user(const struct nta_session *session)
{
    const struct nta_told_asker asker = nta_session_asker(session);
    const struct nta_flow *flow = session->flow;
    const enum nta_dir user = nta_session_ends(session).user_is_client ? NTA_DIR_UP : NTA_DIR_DOWN;

    if (asker.is_pairs || session->parts->listens || flow->any_port)
        return; /* other workers see more of the user than this one, or less */
    struct nta_traits *traits = traits_of(session, &asker);

    if (asker.user.mac && flow->sides[user].packets > 0)
        nta_trait_note(&traits->mac, nta_told_mac(asker.user.mac), flow->last_wall_ns);
    const uint8_t ttl =
        flow->ip_proto == 6 ? nta_flow_ttl(flow, user) : ttl_at_work(session, &asker);

    nta_trait_note(&traits->hops, nta_traits_hops(ttl), flow->last_wall_ns);
}

void nta_doubt_note_request(const struct nta_session *session, const struct nta_http_exchange *http)
{
    if ((!http->system && !http->forwarded) || !nta_session_ends(session).user_is_client)
        return;
    session->conn->forwarded |= http->forwarded;
    const struct nta_told_asker asker = nta_session_asker(session);

    if (asker.is_pairs || session->flow->any_port)
        return;
    struct nta_traits *traits = traits_of(session, &asker);

    nta_trait_note(&traits->system, http->system, session->io.wall_ns);
    nta_trait_note(&traits->forwarded, http->forwarded, session->io.wall_ns);
}

/** His address sends for others, too: `asker` is whose. */
static void note_passes_on(const struct nta_session *session, const struct nta_told_asker *asker)
{
    if (!asker->is_pairs && !session->parts->listens && !session->flow->any_port)
        nta_trait_note(&traits_of(session, asker)->forwarded, 1, session->io.wall_ns);
}

void nta_doubt_note_proxied(const struct nta_session *session, const struct nta_addr *whom)
{
    struct nta_conn *conn = session->conn;
    const struct nta_told_asker asker = nta_session_asker(session);

    if (nta_addr_equal(whom, &session->flow->client))
        return;
    conn->forwarded = true;
    conn->for_outsider = !nta_policy_is_home(session->parts->policy, whom);
    if (nta_session_ends(session).user_is_client)
        note_passes_on(session, &asker);
}

void nta_doubt_note_relay(const struct nta_session *session)
{
    const struct nta_told_asker asker = nta_session_asker(session);

    if (!nta_session_ends(session).user_is_client && session->flow->proved)
        note_passes_on(session, &asker);
}

bool nta_doubt_is_other_machine(void *owner, const struct nta_flow *flow, enum nta_dir dir,
                                const struct nta_packet *packet)
{
    struct nta_session_parts *parts = owner;
    const struct nta_ends ends = nta_policy_ends(parts->policy, &flow->client, &flow->server);

    return ends.user_is_client == (dir == NTA_DIR_UP) &&
           nta_told_is_own(&parts->told, packet->src_mac, packet->wall_ns) &&
           nta_told_is_own(&parts->told, dir == NTA_DIR_UP ? flow->client_mac : flow->server_mac,
                           packet->wall_ns);
}

/** Is it a machine's own MAC, and that of no router, for all that was heard? */
static bool is_own(const struct nta_session *session, uint64_t mac)
{
    uint8_t bytes[6];

    memcpy(bytes, &mac, sizeof(bytes));
    return nta_told_is_own(&session->parts->told, bytes, session->flow->last_wall_ns);
}

/** Packets of one machine come equally far, unless routers on their way change. */
static bool has_several_ways(const struct nta_session *session, const struct nta_told_asker *asker,
                             const struct nta_traits *traits)
{
    struct nta_told *told = &session->parts->told;
    const int64_t wall_ns = session->flow->last_wall_ns;

    if (nta_trait_differs(&traits->hops, wall_ns) && nta_traits_hops_begin_apart(&traits->hops))
        return true;
    if (!asker->user.mac || !nta_told_is_alone(told, asker->user.mac, wall_ns))
        return false;
    /* nothing is between a machine and its own frames */
    return nta_trait_differs(&traits->hops, wall_ns) || (traits->hops.values[0] & HOPS_MASK);
}

static bool is_several(const struct nta_session *session, const struct nta_told_asker *asker,
                       const struct nta_traits *traits)
{
    const int64_t wall_ns = session->flow->last_wall_ns;

    return has_several_ways(session, asker, traits) ||
           nta_trait_differs(&traits->system, wall_ns) ||
           nta_trait_is_recent(&traits->forwarded, wall_ns);
}

/** The MAC of the user's machine, if nothing is between it and its frames; else NULL. */
static const uint8_t *shown_mac(const struct nta_session *session,
                                const struct nta_told_asker *asker, const struct nta_traits *traits)
{
    const bool is_near = traits->hops.values[0] && !(traits->hops.values[0] & HOPS_MASK);
    const uint8_t *mac = asker->user.mac;

    return mac && is_near &&
                   nta_told_is_own(&session->parts->told, mac, session->flow->last_wall_ns)
               ? mac
               : NULL;
}

static bool has_moved(const struct nta_session *session, const struct nta_traits *traits)
{
    return nta_trait_differs(&traits->mac, session->flow->last_wall_ns) &&
           is_own(session, traits->mac.values[0]) && is_own(session, traits->mac.values[1]);
}

/** Doubts about whose deed it was. */
static unsigned of_user(const struct nta_session *session, const struct nta_record *record)
{
    const struct nta_told_asker asker = nta_session_asker(session);
    unsigned doubts = 0;

    if (record->seen < NTA_SEEN_ANSWERED || session->flow->two_machines ||
        (nta_echo_is_due(session->flow) && !session->flow->proved))
        doubts |= 1U << NTA_DOUBT_FORGED;
    if (record->initiator == NTA_INITIATOR_PREFETCH)
        doubts |= 1U << NTA_DOUBT_PREFETCH;
    if (!nta_session_ends(session).user_is_client || record->opened_by == NTA_OPENED_BY_PEER ||
        (session->conn && session->conn->for_outsider))
        doubts |= 1U << NTA_DOUBT_SERVER;
    if (session->conn && session->conn->forwarded)
        doubts |= 1U << NTA_DOUBT_NAT;
    const struct nta_traits *traits = asker.is_pairs ? NULL : traits_of(session, &asker);
    const uint8_t *shown = traits ? shown_mac(session, &asker, traits) : NULL;

    if (nta_bindings_has_moved(session, record, shown, NTA_TRAIT_NS))
        doubts |= 1U << NTA_DOUBT_MOVED;
    if (!traits)
        return doubts;

    if (is_several(session, &asker, traits))
        doubts |= 1U << NTA_DOUBT_NAT;
    if (has_moved(session, traits))
        doubts |= 1U << NTA_DOUBT_MOVED;
    return doubts;
}

/** It says something of an address that many sites may have. */
static bool is_shared(const struct nta_record *record)
{
    const bool is_by_address =
        record->match.kind == NTA_HIT_ADDRESS || record->match.kind == NTA_HIT_CIDR;

    return record->shared || record->match.shared.len > 0 || (is_by_address && record->match.weak);
}

/** A list has it for more than its site: for what was asked for there, or for what it is. */
static bool is_by_content(const struct nta_record *record)
{
    return record->match.kind == NTA_HIT_URL || record->match.kind == NTA_HIT_PATTERN ||
           record->match.kind == NTA_HIT_HASH;
}

/**
 * What matches may stand in bytes which the other side never took.  Of a download its parts say so,
 * whose connections are over.
 */
static bool is_maybe_decoy(const struct nta_session *session, const struct nta_record *record)
{
    const struct nta_conn *conn = session->conn;

    if (record->doubts & 1U << NTA_DOUBT_DECOY)
        return true;
    if (!conn || !(record->disagrees & NTA_AGREES_OVERLAP))
        return false;
    if (conn->contested &&
        (is_by_content(record) || (conn->is_pipeline_contested && record->method.len > 0)))
        return true;
    return (conn->disagrees & NTA_AGREES_OVERLAP) &&
           (record->match.weak || !conn->other || !conn->other->is_decoy);
}

/** Doubts about what it was. */
static unsigned of_site(const struct nta_session *session, const struct nta_record *record)
{
    unsigned doubts = 0;

    if (is_shared(record))
        doubts |= 1U << NTA_DOUBT_SHARED;
    if (is_maybe_decoy(session, record))
        doubts |= 1U << NTA_DOUBT_DECOY;
    if (record->hidden)
        doubts |= 1U << NTA_DOUBT_HIDDEN;
    if (record->unasked)
        doubts |= 1U << NTA_DOUBT_UNASKED;
    if (record->limited)
        doubts |= 1U << NTA_DOUBT_LIMITED;
    return doubts;
}

/** What a proxy was asked for its client asks no DNS for. */
static bool is_unasked(const struct nta_session *session, const struct nta_record *record)
{
    const struct nta_conn *conn = session->conn;
    const struct nta_told_asker asker = nta_session_asker(session);
    struct nta_addr addr;

    return record->basis >= NTA_BASIS_CERT && record->site.len > 0 && !conn->is_relayed &&
           !conn->outer && asker.user.addr == &session->flow->client &&
           !(record->agrees & NTA_AGREES_DNS) &&
           nta_addr_parse((const char *)record->site.ptr, record->site.len, &addr) < 0 &&
           nta_told_is_unasked(&session->parts->told, &asker, record->site);
}

void nta_doubt_fill(const struct nta_session *session, struct nta_record *record)
{
    if (session->flow->any_port && record->seen > NTA_SEEN_CLAIMED)
        record->seen = NTA_SEEN_CLAIMED; /* one sender can have made up both sides */
    if (session->conn && nta_record_has_grade(record)) {
        record->limited |= session->conn->limited || session->flow->limits;
        record->unasked |= is_unasked(session, record);
        record->match.weak |=
            (session->conn->may_quote || session->conn->announced) && record->match.list.len > 0;
    }
    if (record->match.list.len) {
        const unsigned of_parts =
            record->event == NTA_RECORD_DOWNLOAD ? record->doubts & NTA_DOUBTS_OF_PART : 0;

        record->doubts =
            (uint16_t)(LOOKED | of_parts | of_user(session, record) | of_site(session, record));
    }
}
