/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/find.h"

#include "flow/network.h"
#include "flow/stream.h"

#include <string.h>

static bool same_addr(const struct nta_addr *a, const struct nta_addr *b)
{
    uint64_t x[2], y[2];

    memcpy(x, a->bytes, sizeof(x));
    memcpy(y, b->bytes, sizeof(y));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

bool nta_flow_is_of(const struct nta_flow *flow, const struct nta_packet *packet,
                    enum nta_dir *ret_dir)
{
    bool ports = nta_packet_has_ports(packet);
    uint16_t src_port = ports ? packet->src_port : 0;
    uint16_t dst_port = ports ? packet->dst_port : 0;

    if (flow->ip_proto != packet->ip_proto ||
        flow->of_link != ((packet->flags & NTA_PACKET_LINK) != 0) ||
        flow->any_port != packet->any_port || flow->carries != nta_flow_is_carrier(packet))
        return false;
    if (flow->client_port == src_port && flow->server_port == dst_port &&
        same_addr(&flow->client, &packet->src) && same_addr(&flow->server, &packet->dst)) {
        *ret_dir = NTA_DIR_UP;
        return true;
    }
    *ret_dir = NTA_DIR_DOWN;
    return flow->client_port == dst_port && flow->server_port == src_port &&
           same_addr(&flow->client, &packet->dst) && same_addr(&flow->server, &packet->src);
}

static bool same_tags(const struct nta_flow_side *side, const struct nta_packet *packet)
{
    return side->packets > 0 && memcmp(side->vlan, packet->vlan, sizeof(packet->vlan)) == 0;
}

static enum nta_network_relation relation_of(const struct nta_flow *flow,
                                             const struct nta_packet *packet)
{
    const bool same_id =
        flow->network == packet->network && flow->network_kind == packet->network_kind;

    if (!same_id && (nta_packet_names_network(flow->network_kind) ||
                     nta_packet_names_network(packet->network_kind)))
        return NTA_NETWORK_OTHER;
    if (!same_tags(&flow->sides[0], packet) && !same_tags(&flow->sides[1], packet))
        return NTA_NETWORK_TAGS;
    return same_id ? NTA_NETWORK_SAME : NTA_NETWORK_IDS;
}

static enum nta_network_sender sender_of(const struct nta_flows *flows, const struct nta_flow *flow,
                                         enum nta_dir dir, const struct nta_packet *packet)
{
    const uint8_t *own = dir == NTA_DIR_UP ? flow->client_mac : flow->server_mac,
                  *next = dir == NTA_DIR_UP ? flow->server_mac : flow->client_mac;

    if (!flow->has_macs || !(packet->flags & NTA_PACKET_MACS) || flow->sides[dir].packets == 0)
        return NTA_SENDER_UNKNOWN;
    if (memcmp(packet->src_mac, own, sizeof(packet->src_mac)) == 0)
        return NTA_SENDER_SAME;
    if (memcmp(packet->src_mac, next, sizeof(packet->src_mac)) == 0)
        return NTA_SENDER_FORWARDS;
    return flows->ops->is_other_machine &&
                   flows->ops->is_other_machine(flows->owner, flow, dir, packet)
               ? NTA_SENDER_STATION
               : NTA_SENDER_OTHER;
}

/** A first number: the one that the flow has, or with data before it, what was seen late. */
static enum nta_network_numbers syn_numbers(const struct nta_flow_stream *sender,
                                            const struct nta_flow_stream *other,
                                            const struct nta_packet *packet)
{
    if (packet->tcp_flags & NTA_TCP_ACK && other->started)
        return packet->tcp_ack - (other->isn + 1) <= NTA_FLOW_SYN_REACH ? NTA_NUMBERS_FIT
                                                                        : NTA_NUMBERS_NOT;
    if (!sender->started)
        return NTA_NUMBERS_NONE;
    if (sender->isn == packet->tcp_seq)
        return NTA_NUMBERS_FIT;
    return !sender->syn && sender->isn - packet->tcp_seq <= NTA_FLOW_SYN_REACH ? NTA_NUMBERS_FIT
                                                                               : NTA_NUMBERS_NOT;
}

static enum nta_network_numbers numbers_of(struct nta_flow_entry *entry,
                                           const struct nta_flow_stream *sender,
                                           const struct nta_packet *packet)
{
    const struct nta_flow_stream *other = nta_flow_stream_other(entry, sender);
    enum nta_flow_place place;

    if (packet->tcp_flags & NTA_TCP_SYN)
        return syn_numbers(sender, other, packet);
    if (sender->started)
        place = nta_flow_stream_place(sender, packet->tcp_seq);
    else if (other->started && (packet->tcp_flags & NTA_TCP_ACK))
        place = nta_flow_stream_place(other, packet->tcp_ack);
    else
        return NTA_NUMBERS_NONE;
    return place == NTA_FLOW_PLACE_NEAR ? NTA_NUMBERS_FIT : NTA_NUMBERS_NOT;
}

/** Does the packet belong to this flow, whose addresses and ports it has? */
static bool joins(const struct nta_flows *flows, struct nta_flow_entry *entry, enum nta_dir dir,
                  const struct nta_packet *packet)
{
    const struct nta_flow *flow = &entry->shown;
    struct nta_network_facts facts = {
        .relation = relation_of(flow, packet),
        .sender = sender_of(flows, flow, dir, packet),
    };

    if (facts.relation == NTA_NETWORK_SAME && facts.sender != NTA_SENDER_STATION)
        return true; /* nearly always */
    facts.is_first = flow->sides[dir].packets == 0;
    if (packet->kind == NTA_PACKET_TCP)
        facts.numbers = numbers_of(entry, nta_flow_stream_of(entry, dir), packet);
    if (!nta_network_joins(&facts))
        return false;
    entry->shown.two_machines |= facts.sender == NTA_SENDER_STATION;
    return true;
}

struct nta_flow_entry *nta_flow_find(const struct nta_flows *flows, const struct nta_packet *packet,
                                     enum nta_dir *ret_dir)
{
    uint32_t fingerprint = (uint32_t)packet->flow_hash;
    struct nta_flow_entry *found = NULL;
    enum nta_dir dir = NTA_DIR_UP;

    for (uint32_t at = fingerprint & flows->index_mask; flows->index[at].flow;
         at = (at + 1) & flows->index_mask) {
        struct nta_flow_entry *entry = &flows->entries[flows->index[at].flow];

        if (flows->index[at].fingerprint != fingerprint ||
            !nta_flow_is_of(&entry->shown, packet, &dir) || !joins(flows, entry, dir, packet))
            continue;
        const bool is_sure = relation_of(&entry->shown, packet) == NTA_NETWORK_SAME;

        if (!found || is_sure) {
            found = entry;
            *ret_dir = dir;
        }
        if (is_sure)
            break;
    }
    return found;
}
