/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flows by age, and their places in the index, which is open addressing with linear probing: a slot
 * is a fingerprint and a flow, the fingerprint's low bits are its home, eight slots share a cache
 * line, and half of them stay empty.
 */
#include "flow/table.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "flow/age.h"
#include "flow/find.h"
#include "flow/holding.h"
#include "flow/keep/copies.h"
#include "flow/keep/list.h"
#include "flow/owner.h"
#include "flow/second.h"
#include "flow/stream.h"

#include <string.h>

/** Datagrams that are silent for so long are hardly missed. */
#define SILENT_NS ((uint64_t)(60 * NTA_NS_PER_S))

/** Space for one more flow with the packet's addresses and ports. */
static void end_oldest_twin(struct nta_flows *flows, const struct nta_packet *packet)
{
    const uint32_t fingerprint = (uint32_t)packet->flow_hash;
    struct nta_flow_entry *oldest = NULL;
    enum nta_dir dir;
    size_t n = 0;

    for (uint32_t at = fingerprint & flows->index_mask; flows->index[at].flow;
         at = (at + 1) & flows->index_mask) {
        struct nta_flow_entry *entry = &flows->entries[flows->index[at].flow];

        if (flows->index[at].fingerprint != fingerprint ||
            !nta_flow_is_of(&entry->shown, packet, &dir))
            continue;
        n++;
        if (!oldest || (int64_t)(entry->seen_ns - oldest->seen_ns) < 0)
            oldest = entry;
    }
    if (n >= NTA_FLOW_TWINS_MAX)
        nta_flow_end(flows, oldest, NTA_FLOW_END_EVICTED);
}

static void prefetch_entry(const struct nta_flows *flows, uint32_t id)
{
    const uint8_t *entry = (const uint8_t *)&flows->entries[id];

    for (size_t off = 0; off < sizeof(struct nta_flow_entry); off += 64)
        __builtin_prefetch(entry + off, 1, 2);
    __builtin_prefetch(&flows->links[id], 1, 2);
}

/** Ask for the flow of a fingerprint; gives its number, 0 if there is none. */
static uint32_t prefetch_flow(const struct nta_flows *flows, uint32_t fingerprint)
{
    uint32_t at = fingerprint & flows->index_mask;

    while (flows->index[at].flow && flows->index[at].fingerprint != fingerprint)
        at = (at + 1) & flows->index_mask;
    uint32_t id = flows->index[at].flow;

    if (id)
        prefetch_entry(flows, id);
    return id;
}

/*
 * Where the flow is stands in the index, which has to come first, and what its owner keeps of it
 * stands in the flow: so a call asks for its packet's slot, for the flow of the packet some calls
 * before, whose slot is there by now, and for what hangs on the flow as many calls before that one.
 */
void nta_flows_prefetch(struct nta_flows *flows, const struct nta_packet *packet)
{
    uint32_t fingerprint = (uint32_t)packet->flow_hash;
    uint32_t i = flows->n_coming++ % NTA_FLOW_COMING;

    __builtin_prefetch(&flows->index[fingerprint & flows->index_mask], 0, 3);
    __builtin_prefetch(flows->entries[flows->arrived[i]].shown.conn, 1, 2);
    flows->arrived[i] = prefetch_flow(flows, flows->coming[i]);
    flows->coming[i] = fingerprint;
}

static void index_insert(struct nta_flows *flows, uint32_t fingerprint, uint32_t id)
{
    uint32_t at = fingerprint & flows->index_mask;

    while (flows->index[at].flow)
        at = (at + 1) & flows->index_mask;
    flows->index[at] = (struct nta_flow_slot){.fingerprint = fingerprint, .flow = id};
}

/*
 * What stands behind the freed slot moves up if its home allows, so there are no tombstones (Knuth
 * 6.4, R).
 */
static void index_remove(struct nta_flows *flows, uint32_t fingerprint, uint32_t id)
{
    uint32_t mask = flows->index_mask;
    uint32_t hole = fingerprint & mask;

    while (flows->index[hole].flow != id)
        hole = (hole + 1) & mask;
    for (uint32_t at = (hole + 1) & mask; flows->index[at].flow; at = (at + 1) & mask) {
        uint32_t home = flows->index[at].fingerprint & mask;

        if (((at - home) & mask) >= ((at - hole) & mask)) {
            flows->index[hole] = flows->index[at];
            hole = at;
        }
    }
    flows->index[hole].flow = 0;
}

/** Before the newest part of the same flow, and found instead of it; false: there is none. */
static bool join_parts(struct nta_flows *flows, struct nta_flow_entry *entry,
                       const struct nta_packet *packet)
{
    enum nta_dir dir;
    const struct nta_flow_entry *newest = nta_flow_find(flows, packet, &dir);
    uint32_t at = entry->fingerprint & flows->index_mask;

    if (!newest)
        return false;
    entry->next_part = nta_flow_id(flows, newest);
    while (flows->index[at].flow != entry->next_part)
        at = (at + 1) & flows->index_mask;
    flows->index[at].flow = nta_flow_id(flows, entry);
    return true;
}

/** A part leaves, wherever it stands among the others. */
static void leave_parts(struct nta_flows *flows, const struct nta_flow_entry *entry)
{
    const uint32_t id = nta_flow_id(flows, entry);

    for (uint32_t at = entry->fingerprint & flows->index_mask; flows->index[at].flow;
         at = (at + 1) & flows->index_mask) {
        uint32_t *link = &flows->index[at].flow;

        /* `next_part` of a flow that has no parts is something else */
        if (flows->index[at].fingerprint != entry->fingerprint || !flows->entries[*link].parted)
            continue;
        while (*link && *link != id)
            link = &flows->entries[*link].next_part;
        if (!*link)
            continue; /* of another flow */
        if (link == &flows->index[at].flow && !entry->next_part)
            index_remove(flows, entry->fingerprint, id);
        else
            *link = entry->next_part;
        return;
    }
}

struct nta_flow *nta_flows_older_part(const struct nta_flows *flows, const struct nta_flow *flow)
{
    const uint32_t next = ((const struct nta_flow_entry *)flow)->next_part;

    return next ? &flows->entries[next].shown : NULL;
}

void nta_flow_part(struct nta_flow *flow)
{
    ((struct nta_flow_entry *)flow)->parted = true;
}

/** Space for one more. */
static void end_oldest_part(struct nta_flows *flows, struct nta_flow_entry *newest)
{
    struct nta_flow_entry *oldest = newest;
    size_t n = 1;

    for (; oldest->next_part; n++)
        oldest = &flows->entries[oldest->next_part];
    if (n >= NTA_FLOW_PARTS_MAX)
        nta_flow_end(flows, oldest, NTA_FLOW_END_CLOSED);
}

struct nta_flow_entry *nta_flow_part_of(struct nta_flows *flows, struct nta_flow_entry *newest,
                                        const struct nta_packet *packet, struct nta_span payload,
                                        enum nta_dir *ret_dir)
{
    if (!flows->ops->part || payload.len == 0)
        return newest;
    struct nta_flow *part = flows->ops->part(flows->owner, &newest->shown, *ret_dir, payload);

    if (!part) {
        end_oldest_part(flows, newest);
        return NULL;
    }
    (void)nta_flow_is_of(part, packet, ret_dir);
    return (struct nta_flow_entry *)part;
}

void nta_flow_touch(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    enum nta_flow_timeout timeout = (enum nta_flow_timeout)entry->timeout;

    if (timeout == NTA_FLOW_TIMEOUT_CLOSED && !entry->closed)
        timeout = NTA_FLOW_TIMEOUT_OTHER;    /* it rested, and goes on */
    if (timeout == NTA_FLOW_TIMEOUT_QUIET) { /* its next slice begins */
        timeout = NTA_FLOW_TIMEOUT_TCP;
        entry->reported_ns = flows->clock_ns;
    }
    nta_flow_set_timeout(flows, entry, timeout);
    entry->seen_ns = flows->clock_ns;
}

void nta_flow_set_timeout(struct nta_flows *flows, struct nta_flow_entry *entry,
                          enum nta_flow_timeout timeout)
{
    uint32_t id = nta_flow_id(flows, entry);

    if (entry->timeout == timeout && flows->by_timeout[timeout].last == id)
        return;
    nta_flow_list_remove(&flows->by_timeout[entry->timeout], flows->links, id);
    nta_flow_list_append(&flows->by_timeout[timeout], flows->links, id);
    entry->timeout = timeout & 15U;
    nta_flow_begin_age(flows, entry);
}

bool nta_flow_is_idle(const struct nta_flows *flows, const struct nta_flow_entry *entry)
{
    const size_t last =
        entry->timeout == NTA_FLOW_TIMEOUT_TCP ? NTA_FLOW_TIMEOUT_QUIET : entry->timeout;

    return flows->clock_ns - entry->seen_ns > flows->idle_ns[last];
}

bool nta_flow_is_quiet(const struct nta_flows *flows, const struct nta_flow_entry *entry)
{
    return entry->timeout == NTA_FLOW_TIMEOUT_TCP &&
           flows->clock_ns - entry->seen_ns > flows->idle_ns[NTA_FLOW_TIMEOUT_TCP];
}

void nta_flow_be_quiet(struct nta_flows *flows, struct nta_flow_entry *entry)
{
    nta_flow_set_timeout(flows, entry, NTA_FLOW_TIMEOUT_QUIET);
    flows->wall_ns = entry->shown.last_wall_ns;
    nta_flow_second_finish(flows, entry);
    nta_flow_streams_rest(flows, entry);
    flows->ops->active_timeout(flows->owner, &entry->shown);
}

/**
 * At the limit: who has said all goes first, then whose handshake is not over, since anybody can
 * begin any number of them (RFC 4987 section 2); then who was not heard of for longest.
 */
static struct nta_flow_entry *choose_oldest(const struct nta_flows *flows)
{
    static const enum nta_flow_timeout first[] = {NTA_FLOW_TIMEOUT_CLOSED, NTA_FLOW_TIMEOUT_HALF};
    struct nta_flow_entry *oldest = NULL;
    uint64_t oldest_age = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(first); i++) {
        if (flows->by_timeout[first[i]].first)
            return &flows->entries[flows->by_timeout[first[i]].first];
    }
    for (size_t i = 0; i < NTA_N_FLOW_TIMEOUTS; i++) {
        struct nta_flow_entry *entry = &flows->entries[flows->by_timeout[i].first];
        uint64_t age = flows->clock_ns - entry->seen_ns;

        if (flows->by_timeout[i].first && (!oldest || age > oldest_age)) {
            oldest = entry;
            oldest_age = age;
        }
    }
    return oldest;
}

/** Flows of somebody are counted, not the sensor's own. */
static void count_flow(const struct nta_flows *flows, const struct nta_flow *flow,
                       enum nta_counter which)
{
    nta_count(flows->counters, which, !flow->made_up);
}

static void evict_oldest(struct nta_flows *flows)
{
    struct nta_flow_entry *oldest = choose_oldest(flows);

    /* whose end was seen loses nothing, and datagrams after so long hardly */
    if (oldest->timeout != NTA_FLOW_TIMEOUT_CLOSED &&
        (oldest->shown.ip_proto == 6 || flows->clock_ns - oldest->seen_ns < SILENT_NS))
        count_flow(flows, &oldest->shown, NTA_COUNTER_FLOW_EVICTED);
    nta_flow_end(flows, oldest, NTA_FLOW_END_EVICTED);
}

struct nta_flow_entry *nta_flow_open(struct nta_flows *flows, const struct nta_packet *packet,
                                     bool src_is_client, bool is_part)
{
    if (!is_part)
        end_oldest_twin(flows, packet);
    while (flows->n_flows == flows->n_entries || !nta_share_take(&flows->share, 1))
        evict_oldest(flows);
    struct nta_flow_entry *entry =
        &flows->entries[nta_flow_number_take(&flows->numbers, flows->links)];
    const bool ports = nta_packet_has_ports(packet);
    uint16_t src_port = ports ? packet->src_port : 0;
    uint16_t dst_port = ports ? packet->dst_port : 0;

    *entry = (struct nta_flow_entry){
        .shown = {.client = src_is_client ? packet->src : packet->dst,
                  .server = src_is_client ? packet->dst : packet->src,
                  .client_port = src_is_client ? src_port : dst_port,
                  .server_port = src_is_client ? dst_port : src_port,
                  .network = packet->network,
                  .network_kind = packet->network_kind,
                  .ip_proto = packet->ip_proto,
                  .source = packet->source,
                  .opener = packet->kind == NTA_PACKET_UDP && src_is_client ? 1U + NTA_DIR_UP : 0U,
                  .has_macs = (packet->flags & NTA_PACKET_MACS) != 0,
                  .made_up = (packet->flags & NTA_PACKET_MADE_UP) != 0,
                  .of_link = (packet->flags & NTA_PACKET_LINK) != 0,
                  .any_port = packet->any_port,
                  .carries = nta_flow_is_carrier(packet),
                  .first_wall_ns = packet->wall_ns,
                  .last_wall_ns = packet->wall_ns},
        .seen_ns = flows->clock_ns,
        .reported_ns = flows->clock_ns,
        .fingerprint = (uint32_t)packet->flow_hash,
        .timeout = packet->kind == NTA_PACKET_TCP ? NTA_FLOW_TIMEOUT_HALF : NTA_FLOW_TIMEOUT_OTHER,
    };
    memcpy(src_is_client ? entry->shown.client_mac : entry->shown.server_mac, packet->src_mac, 6);
    memcpy(src_is_client ? entry->shown.server_mac : entry->shown.client_mac, packet->dst_mac, 6);
    entry->parted = is_part;
    if (!is_part || !join_parts(flows, entry, packet))
        index_insert(flows, entry->fingerprint, nta_flow_id(flows, entry));
    nta_flow_list_append(&flows->by_timeout[entry->timeout], flows->links,
                         nta_flow_id(flows, entry));
    nta_flow_begin_age(flows, entry);
    nta_flow_copies_begin(flows->copies, nta_flow_id(flows, entry));
    flows->n_flows++;
    count_flow(flows, &entry->shown, NTA_COUNTER_FLOWS);
    return entry;
}

/**
 * Nobody sends bytes over TCP without being answered: the other direction was there, and not seen.
 */
static bool is_half(const struct nta_flow *flow)
{
    const struct nta_flow_side *sides = flow->sides;

    return flow->ip_proto == 6 && ((sides[0].packets == 0 && sides[1].bytes > 0) ||
                                   (sides[1].packets == 0 && sides[0].bytes > 0));
}

void nta_flow_end(struct nta_flows *flows, struct nta_flow_entry *entry, enum nta_flow_end why)
{
    uint32_t id = nta_flow_id(flows, entry);

    flows->wall_ns = entry->shown.last_wall_ns;
    if (entry->shown.ip_proto == 6) {
        nta_flow_second_finish(flows, entry);
        nta_flow_streams_finish(flows, entry);
    }
    count_flow(flows, &entry->shown, NTA_COUNTER_FLOW_ENDED);
    if (!entry->shown.sides[0].packets || !entry->shown.sides[1].packets)
        count_flow(flows, &entry->shown, NTA_COUNTER_FLOW_ONE_WAY);
    if (is_half(&entry->shown))
        count_flow(flows, &entry->shown, NTA_COUNTER_FLOW_HALF);
    /* what removes a closed flow from the table says nothing about how the connection ended */
    flows->ops->ended(flows->owner, &entry->shown, entry->closed ? NTA_FLOW_END_CLOSED : why);
    nta_flow_stream_release(flows, entry);
    if (entry->parted)
        leave_parts(flows, entry);
    else
        index_remove(flows, entry->fingerprint, id);
    nta_flow_list_remove(&flows->by_timeout[entry->timeout], flows->links, id);
    nta_flow_number_give(&flows->numbers, flows->links, id);
    flows->n_flows--;
    nta_share_give(&flows->share, 1);
}

/**
 * `id` is about to end: ask for what hangs on the next one, which was asked for before, and for the
 * one behind that.
 */
static void prefetch_following(const struct nta_flows *flows, uint32_t id)
{
    uint32_t next = flows->links[id].next;
    const struct nta_flow_entry *entry = &flows->entries[next];

    if (!next)
        return;
    __builtin_prefetch(&flows->index[entry->fingerprint & flows->index_mask], 1, 2);
    __builtin_prefetch(entry->shown.conn, 1, 2);
    prefetch_entry(flows, flows->links[next].next);
}

void nta_flow_end_first(struct nta_flows *flows, enum nta_flow_timeout timeout,
                        enum nta_flow_end why)
{
    uint32_t id = flows->by_timeout[timeout].first;

    prefetch_following(flows, id);
    nta_flow_end(flows, &flows->entries[id], why);
}

void nta_flows_swap(struct nta_flows *flows, struct nta_flow *flow)
{
    struct nta_flow_entry *entry = (struct nta_flow_entry *)flow;
    struct nta_flow was = *flow;

    flow->client = was.server;
    flow->server = was.client;
    flow->client_port = was.server_port;
    flow->server_port = was.client_port;
    memcpy(flow->client_mac, was.server_mac, sizeof(flow->client_mac));
    memcpy(flow->server_mac, was.client_mac, sizeof(flow->server_mac));
    NTA_TURN(flow->sides);
    entry->flipped = !entry->flipped;
    flow->opener = was.opener ? (3U - was.opener) & 3U : 0U;
    flows->ops->turned(flows->owner, flow);
}
