/* SPDX-License-Identifier: Apache-2.0 */
#include "session/who/bindings.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <stdio.h>
#include <string.h>

enum
{
    ACCESS_LEN = 3 * NTA_ADDR_LEN ///< What names an access server.
};

/** By enum nta_binding_source. */
static const uint8_t sources[NTA_N_BINDING_SOURCES] = {
    [NTA_BINDING_RADIUS] = NTA_WHO_RADIUS, [NTA_BINDING_KERBEROS] = NTA_WHO_KERBEROS,
    [NTA_BINDING_NTLM] = NTA_WHO_NTLM,     [NTA_BINDING_DHCP] = NTA_WHO_DHCP,
    [NTA_BINDING_DHCPV6] = NTA_WHO_DHCPV6, [NTA_BINDING_ARP] = NTA_WHO_ARP,
    [NTA_BINDING_NDP] = NTA_WHO_NDP,       [NTA_BINDING_MDNS] = NTA_WHO_MDNS,
    [NTA_BINDING_LLMNR] = NTA_WHO_LLMNR,   [NTA_BINDING_NETBIOS] = NTA_WHO_NETBIOS,
};

static bool is_given(const struct nta_addr *addr)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(addr, &none);
}

static bool is_mac_of(const struct nta_packet *packet, const uint8_t *mac)
{
    static const uint8_t all[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

    return memcmp(packet->src_mac, mac, 6) == 0 || memcmp(packet->dst_mac, mac, 6) == 0 ||
           memcmp(packet->dst_mac, all, 6) == 0;
}

/** Of tunnels' ids only those count that are the same both ways. */
static uint64_t network_number(const uint16_t vlan[2], uint8_t kind, uint32_t id)
{
    return nta_packet_names_network(kind) ? nta_who_network(vlan, kind, id)
                                          : nta_who_network(vlan, NTA_PACKET_NETWORK_NONE, 0);
}

/**
 * The network of a station that speaks itself, or is spoken to, is that of the frame; what servers
 * and relays tell each other is about one somewhere else.
 */
static uint64_t network_of(const struct nta_session *session, const struct nta_binding *binding)
{
    const struct nta_packet *packet = session->parts->packet;
    const enum nta_strength strength =
        nta_who_strength((enum nta_who_source)sources[binding->source]);
    const bool is_here = strength != NTA_STRENGTH_LEASE || !binding->has_mac || !packet ||
                         !(packet->flags & NTA_PACKET_MACS) || is_mac_of(packet, binding->mac);

    if (!packet || !is_here || binding->source == NTA_BINDING_RADIUS)
        return NTA_WHO_ANYWHERE;
    return network_number(packet->vlan, packet->network_kind, packet->network);
}

/**
 * A claim says who a station is, but not which address a server gives it: of what servers answer it
 * is a wish.
 */
static bool is_wish(const struct nta_binding *binding)
{
    return binding->state == NTA_BINDING_CLAIMED &&
           nta_who_strength((enum nta_who_source)sources[binding->source]) >= NTA_STRENGTH_LEASE;
}

/** Who logs in by a server is behind whatever MAC the frames have: no device's own, perhaps. */
static bool has_own_mac(const struct nta_binding *binding)
{
    return binding->has_mac && binding->source != NTA_BINDING_KERBEROS &&
           binding->source != NTA_BINDING_NTLM;
}

static int64_t until_of(int64_t now_ns, uint32_t valid_s)
{
    int64_t until_ns;

    if (valid_s == NTA_BINDING_FOR_EVER ||
        __builtin_add_overflow(now_ns, valid_s * NTA_NS_PER_S, &until_ns))
        return INT64_MAX;
    return until_ns;
}

/**
 * What names an access server: its address as it says it itself, and the two ends that it was said
 * between, whichever of them is taken for the client.  Who says it from elsewhere is another one,
 * and ends no login of this one.
 */
static struct nta_span access_server(const struct nta_flow *flow, const struct nta_addr *by,
                                     uint8_t id[ACCESS_LEN])
{
    const bool turned = memcmp(flow->client.bytes, flow->server.bytes, NTA_ADDR_LEN) > 0;

    memcpy(id, by->bytes, NTA_ADDR_LEN);
    memcpy(id + NTA_ADDR_LEN, turned ? flow->server.bytes : flow->client.bytes, NTA_ADDR_LEN);
    memcpy(id + 2 * NTA_ADDR_LEN, turned ? flow->client.bytes : flow->server.bytes, NTA_ADDR_LEN);
    return (struct nta_span){id, ACCESS_LEN};
}

/** `id`: the fact borrows it. */
static struct nta_who_fact fact_of(const struct nta_session *session,
                                   const struct nta_binding *binding, uint8_t id[ACCESS_LEN])
{
    const int64_t now_ns = session->io.wall_ns;
    const bool is_over = binding->state == NTA_BINDING_END || binding->state == NTA_BINDING_REFUSED;
    struct nta_who_fact fact = {
        .wall_ns = now_ns,
        .network = network_of(session, binding),
        .has_ip = is_given(&binding->prefix.addr) && !is_wish(binding),
        .has_mac = has_own_mac(binding),
        .of_addr = !session->parts->listens,
        .ip = binding->prefix,
        .source = sources[binding->source],
        .state = is_over ? NTA_WHO_ENDS : NTA_WHO_HOLDS,
        .name = binding->name,
        .login = is_wish(binding) ? (struct nta_span){0} : binding->login,
        .client_id = binding->client_id,
        .circuit = binding->circuit,
    };

    if (binding->source == NTA_BINDING_RADIUS && is_given(&binding->by))
        fact.client_id = access_server(session->flow, &binding->by, id);
    memcpy(fact.mac, binding->mac, sizeof(fact.mac));
    if (binding->age_s &&
        __builtin_sub_overflow(now_ns, binding->age_s * NTA_NS_PER_S, &fact.from_ns))
        fact.from_ns = now_ns;
    if (binding->valid_s)
        fact.until_ns = until_of(now_ns, binding->valid_s);
    return fact;
}

bool nta_bindings_learn(const struct nta_session *session, const struct nta_event *event,
                        struct nta_who_news *ret_news)
{
    if (!session->parts->who)
        return false;
    uint8_t id[ACCESS_LEN];
    const struct nta_who_fact fact = fact_of(session, event->binding, id);

    if (fact.of_addr && fact.has_ip && !nta_session_owns(session, &fact.ip.addr))
        return false; /* whether the address's own worker hears of it is chance */
    nta_who_learn(session->parts->who, &fact, ret_news);
    return true;
}

const char *nta_bindings_mac_text(const uint8_t mac[6], char ret_text[NTA_BINDINGS_MAC_SIZE])
{
    (void)snprintf(ret_text, NTA_BINDINGS_MAC_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                   mac[2], mac[3], mac[4], mac[5]);
    return ret_text;
}

static void fill(struct nta_session_parts *parts, const struct nta_who_answer *answer,
                 struct nta_record_side *user)
{
    struct nta_person known;
    const struct nta_people_question question = {
        .addr = &user->addr,
        .mac = answer->has_device ? answer->device : NULL,
        .name = answer->name,
        .login = answer->login,
    };

    user->name = answer->name;
    user->login = answer->login;
    user->person = answer->person;
    user->strength = answer->strength;
    user->since_ns = answer->since_ns;
    user->source = nta_span_of(nta_who_source_name((enum nta_who_source)answer->source));
    if (answer->has_device)
        user->device = nta_span_of(nta_bindings_mac_text(answer->device, parts->device));
    if (!nta_people_find(parts->policy->people, &question, &known))
        return;
    if (user->person.len == 0)
        user->person = known.person;
    user->department = known.department;
    if (known.place.len > 0)
        user->place.site = known.place;
    if (answer->source == NTA_WHO_UNKNOWN) {
        user->source = nta_span_of(nta_who_source_name(NTA_WHO_USERS));
        user->strength = NTA_STRENGTH_ADDRESS;
    }
}

static uint64_t network_of_user(const struct nta_flow *flow, const struct nta_record *record)
{
    uint16_t vlan[2] = {0, 0};

    for (size_t i = 0; i < 2 && i < record->vlan.n; i++)
        vlan[i] = record->vlan.ids[i];
    return network_number(vlan, flow->network_kind, flow->network);
}

static struct nta_who_question question_of(const struct nta_session *session, const uint8_t *mac,
                                           const struct nta_record *record, int64_t at_ns)
{
    const int64_t last_ns = session->flow->last_wall_ns;

    return (struct nta_who_question){
        .network = network_of_user(session->flow, record),
        .addr = &record->user.addr,
        .mac = mac,
        .of_addr = nta_session_owns(session, &record->user.addr),
        .at_ns = at_ns,
        .now_ns = last_ns > at_ns ? last_ns : at_ns,
    };
}

void nta_bindings_join_addr(const struct nta_session *session, const uint8_t *mac,
                            struct nta_record *record)
{
    struct nta_session_parts *parts = session->parts;
    const struct nta_who_question question = question_of(session, mac, record, record->time_ns);

    parts->relied = (struct nta_who_answer){.has_device = false};
    if (parts->who)
        (void)nta_who_find(parts->who, &question, &parts->relied);
    fill(parts, &parts->relied, &record->user);
}

/** Had another device than this one the address while the record lasted, or so long before it? */
static bool had_other(const struct nta_session *session, const struct nta_record *record,
                      const uint8_t *device, int64_t before_ns)
{
    const int64_t end_ns = record->end_ns > record->time_ns ? record->end_ns : record->time_ns;
    const struct nta_who_question question = question_of(session, NULL, record, end_ns);

    return nta_who_had_other(session->parts->who, &question, device, record->time_ns - before_ns);
}

void nta_bindings_join(const struct nta_session *session, struct nta_record *record)
{
    const struct nta_who_answer *relied = &session->parts->relied;

    nta_bindings_join_addr(session, record->user.has_mac ? record->user.mac : NULL, record);
    if (relied->has_device && record->end_ns > record->time_ns &&
        had_other(session, record, relied->device, 0))
        record->doubts |= 1U << NTA_DOUBT_MOVED | 1U; /* whose are the bytes? */
}

bool nta_bindings_has_moved(const struct nta_session *session, const struct nta_record *record,
                            const uint8_t *shown, int64_t before_ns)
{
    const uint8_t *mac = record->user.has_mac ? record->user.mac : NULL;
    const struct nta_who_question question = question_of(session, mac, record, record->time_ns);
    struct nta_who_answer begin = {.has_device = false};

    if (!session->parts->who)
        return false;
    (void)nta_who_find(session->parts->who, &question, &begin);
    const uint8_t *device = shown ? shown : begin.has_device ? begin.device : NULL;

    return device && had_other(session, record, device, before_ns);
}

void nta_bindings_scope(const struct nta_session *session, struct nta_who *who)
{
    struct nta_record record = {.time_ns = who->wall_ns};
    const struct nta_ends ends = nta_session_ends(session);
    const struct nta_flow *flow = session->flow;
    const uint8_t *mac = ends.user_is_client ? flow->client_mac : flow->server_mac;

    for (size_t i = 0; i < who->n_vlans && i < 2; i++) {
        record.vlan.ids[i] = who->vlans[i];
        record.vlan.n = (uint8_t)(i + 1);
    }
    record.user.addr = *who->addr;
    nta_bindings_join_addr(session, flow->has_macs ? mac : NULL, &record);
    who->login = record.user.login;
    who->person = record.user.person;
    who->department = record.user.department;
    who->device = record.user.device;
}

bool nta_bindings_are_never(const struct nta_policy *policy, const struct nta_record *record)
{
    const struct nta_who user = {
        .addr = &record->user.addr,
        .vlans = record->vlan.ids,
        .n_vlans = record->vlan.n,
        .login = record->user.login,
        .department = record->user.department,
        .person = record->user.person,
        .device = record->user.device,
    };
    const struct nta_who peer = {.addr = &record->peer.addr};

    return policy->never.n > 0 &&
           (nta_scope_means(&policy->never, &user) || nta_scope_means(&policy->never, &peer));
}

/* ---- evidence ---- */

/** What a fact says of a station; the record borrows what the fact does. */
static void fill_fact(const struct nta_who_fact *fact, struct nta_record *record)
{
    const enum nta_who_source source = (enum nta_who_source)fact->source;

    record->user.addr = fact->has_ip ? fact->ip.addr : (struct nta_addr){0};
    record->user.has_mac = fact->has_mac;
    memcpy(record->user.mac, fact->mac, sizeof(fact->mac));
    record->user.name = fact->name;
    record->user.login = fact->login;
    record->user.person = fact->person;
    record->user.source = nta_span_of(nta_who_source_name(source));
    record->user.strength = (uint8_t)nta_who_strength(source);
    if (source == NTA_WHO_RADIUS && fact->client_id.len >= NTA_ADDR_LEN)
        record->peer.addr = nta_addr_v6(fact->client_id.ptr);
    else
        record->binding.client_id = fact->client_id;
    record->binding.circuit = fact->circuit;
    record->binding.how = fact->how;
}

static int64_t end_or_none(int64_t until_ns)
{
    return until_ns == INT64_MAX ? 0 : until_ns;
}

void nta_bindings_fill_news(const struct nta_who_news *news,
                            struct nta_record_conflict conflicts[NTA_BINDINGS_CONFLICTS],
                            char mac[NTA_BINDINGS_MAC_SIZE], struct nta_record *record)
{
    size_t n = 0;

    if (news->has_other_mac) {
        (void)nta_bindings_mac_text(news->other_mac, mac);
        conflicts[n++] = (struct nta_record_conflict){NTA_CONFLICT_KIND_DEVICE, nta_span_of(mac)};
    }
    if (news->other_name.len > 0)
        conflicts[n++] = (struct nta_record_conflict){NTA_CONFLICT_KIND_NAME, news->other_name};
    if (news->other_login.len > 0)
        conflicts[n++] = (struct nta_record_conflict){NTA_CONFLICT_KIND_LOGIN, news->other_login};
    record->conflicts = conflicts;
    record->n_conflicts = n;
    if (news->from_ns)
        record->user.since_ns = news->from_ns;
    record->binding.until_ns = end_or_none(news->until_ns);
}

static void put_binding(const struct nta_session *session, const struct nta_record *proved,
                        const struct nta_who_binding *binding)
{
    struct nta_record record = {
        .event = NTA_RECORD_LEASE,
        .about = proved->about,
        .policy = proved->policy,
        .vlan = proved->vlan,
        .network = proved->network,
    };
    struct nta_who_fact fact;

    nta_who_show(session->parts->who, binding, &fact);
    fill_fact(&fact, &record);
    record.time_ns = fact.from_ns;
    record.user.since_ns = fact.from_ns;
    record.end_ns = record.binding.until_ns = end_or_none(fact.until_ns);
    session->parts->put(session->parts->owner, &record);
}

void nta_bindings_prove(const struct nta_session *session, const struct nta_record *record)
{
    const struct nta_who_answer *relied = &session->parts->relied;
    const uint16_t day = (uint16_t)(record->time_ns / (86400 * NTA_NS_PER_S));

    if (record->about == 0 ||
        (nta_session_owns(session, &record->user.addr) && !nta_who_mark(relied, day)))
        return;
    for (size_t i = 0; i < NTA_N_ELEMENTS(relied->bindings); i++) {
        if (relied->bindings[i])
            put_binding(session, record, relied->bindings[i]);
    }
}

void nta_bindings_tell(struct nta_session_parts *parts, const struct nta_who_fact *fact,
                       const struct nta_who_news *news)
{
    struct nta_record record = {
        .event = NTA_RECORD_LEASE,
        .time_ns = fact->wall_ns,
        .policy = parts->policy->stamp,
    };
    struct nta_record_conflict conflicts[NTA_BINDINGS_CONFLICTS];
    char mac[NTA_BINDINGS_MAC_SIZE];

    fill_fact(fact, &record);
    nta_bindings_fill_news(news, conflicts, mac, &record);
    record.end_ns = record.binding.until_ns;
    record.binding.state = nta_span_of(
        nta_binding_state_name(fact->state == NTA_WHO_ENDS ? NTA_BINDING_END : NTA_BINDING_BEGIN));
    if (!nta_bindings_are_never(parts->policy, &record))
        parts->put(parts->owner, &record);
}
