/* SPDX-License-Identifier: Apache-2.0 */
/* The table as its user sees it: packets and time go in, the owner is called. */
#include "base/runtime/clock.h"
#include "decode/order.h"
#include "decode/service.h"
#include "flow/doubt.h"
#include "flow/find.h"
#include "flow/keep/copies.h"
#include "flow/keep/twice.h"
#include "flow/reading.h"
#include "flow/stream.h"
#include "flow/table.h"
#include "flow/tcp.h"
#include "flow/time.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    MAX_FLOWS = 1 << 28,
    MAX_STREAM_BYTES = 1 << 30,
    MIN_SEGMENTS = 256,
    MAX_SEGMENTS = 1 << 20,
    BYTES_PER_SEGMENT = 1024,
    /** Systems give clients ports from here on (the range of RFC 6335 starts at 49152). */
    EPHEMERAL_PORT = 32768,
    TCP_IDLE_S = 7440,                                ///< RFC 5382 section 5.
    BEGINNING = NTA_PACKET_FRAG_END | NTA_PACKET_CUT, ///< Both flags.
};

static uint64_t or_default(int64_t ns, int64_t preset_s)
{
    return (uint64_t)(ns > 0 ? ns : preset_s * NTA_NS_PER_S);
}

static int check(const struct nta_flow_options *options, struct nta_err *err)
{
    if (options->n_flows == 0 || options->n_flows > MAX_FLOWS)
        return nta_err_set(err, -EINVAL, "flow table: between 1 and %d flows, not %zu", MAX_FLOWS,
                           options->n_flows);
    if (options->stream_flow_bytes > MAX_STREAM_BYTES)
        return nta_err_set(err, -EINVAL, "flow table: at most %d stream bytes a flow, not %zu",
                           MAX_STREAM_BYTES, options->stream_flow_bytes);
    return 0;
}

static size_t n_slots(const struct nta_flows *flows)
{
    return (size_t)flows->index_mask + 1;
}

static bool take_memory(struct nta_flows *flows, const struct nta_flow_options *options)
{
    size_t n = (size_t)flows->n_entries + 1;

    flows->entries = nta_flow_map(n * sizeof(*flows->entries), true);
    flows->index = nta_flow_map(n_slots(flows) * sizeof(*flows->index), true);
    flows->links = nta_flow_map(n * sizeof(*flows->links), true);
    flows->holders = nta_flow_map(n * sizeof(*flows->holders), false);
    flows->segments =
        nta_flow_map(((size_t)flows->n_segments + 1) * sizeof(*flows->segments), false);
    flows->reading = nta_flow_map(sizeof(*flows->reading), false);
    flows->twice = nta_flow_map(sizeof(*flows->twice), false);
    flows->copies =
        nta_flow_copies_new(options->copy_bytes ? options->copy_bytes : NTA_FLOW_COPIES_BYTES,
                            flows->n_entries, flows->counters);
    return flows->entries && flows->index && flows->links && flows->holders && flows->segments &&
           flows->reading && flows->twice && flows->copies &&
           nta_flow_numbers_init(&flows->numbers, flows->n_entries, sizeof(*flows->entries)) == 0 &&
           nta_flow_memory_init(&flows->memory, options->stream_all_bytes,
                                options->stream_flow_bytes, options->all_stream_bytes) == 0;
}

int nta_flows_new(const struct nta_flow_options *options, const struct nta_flow_ops *ops,
                  void *owner, struct nta_counters *counters, struct nta_flows **ret_flows,
                  struct nta_err *err)
{
    int r = check(options, err);

    if (r < 0)
        return r;
    struct nta_flows *flows = calloc(1, sizeof(*flows));

    if (!flows)
        return nta_err_set(err, -ENOMEM, "flow table: no memory");
    flows->ops = ops;
    flows->owner = owner;
    flows->counters = counters;
    flows->stream_flow_bytes = options->stream_flow_bytes;
    flows->n_entries = (uint32_t)options->n_flows;
    nta_share_init(&flows->share, options->all_flows);
    flows->index_mask = 1;
    while (n_slots(flows) < 2 * options->n_flows)
        flows->index_mask = flows->index_mask * 2 + 1;
    size_t n_segments = options->stream_all_bytes / BYTES_PER_SEGMENT;

    n_segments = n_segments < MIN_SEGMENTS ? MIN_SEGMENTS : n_segments;
    flows->n_segments = (uint32_t)(n_segments > MAX_SEGMENTS ? MAX_SEGMENTS : n_segments);
    flows->idle_ns[NTA_FLOW_TIMEOUT_CLOSED] = or_default(options->tcp_closed_ns, 5);
    flows->idle_ns[NTA_FLOW_TIMEOUT_HALF] = or_default(options->tcp_opening_idle_ns, 30);
    flows->idle_ns[NTA_FLOW_TIMEOUT_OTHER] = or_default(options->udp_idle_ns, 300);
    flows->idle_ns[NTA_FLOW_TIMEOUT_OPENING] = flows->idle_ns[NTA_FLOW_TIMEOUT_OTHER];
    flows->idle_ns[NTA_FLOW_TIMEOUT_QUIET] = or_default(options->tcp_idle_ns, TCP_IDLE_S);
    flows->long_ns = or_default(options->long_flow_ns, 300);
    flows->idle_ns[NTA_FLOW_TIMEOUT_TCP] =
        nta_smaller(flows->long_ns, flows->idle_ns[NTA_FLOW_TIMEOUT_QUIET]);
    if (!take_memory(flows, options)) {
        nta_flows_free(&flows);
        return nta_err_set(err, -ENOMEM, "flow table: no memory for %zu flows", options->n_flows);
    }
    *ret_flows = flows;
    return 0;
}

void nta_flows_free(struct nta_flows **flows)
{
    struct nta_flows *f = *flows;

    if (!f)
        return;
    size_t n = (size_t)f->n_entries + 1;

    nta_flow_unmap(f->entries, n * sizeof(*f->entries));
    nta_flow_unmap(f->index, n_slots(f) * sizeof(*f->index));
    nta_flow_unmap(f->links, n * sizeof(*f->links));
    nta_flow_unmap(f->holders, n * sizeof(*f->holders));
    nta_flow_unmap(f->segments, ((size_t)f->n_segments + 1) * sizeof(*f->segments));
    nta_flow_unmap(f->reading, sizeof(*f->reading));
    nta_flow_unmap(f->twice, sizeof(*f->twice));
    nta_flow_numbers_done(&f->numbers);
    nta_flow_copies_free(f->copies);
    nta_flow_memory_done(&f->memory);
    free(f);
    *flows = NULL;
}

void nta_flows_trim(struct nta_flows *flows)
{
    struct nta_flow_range range;
    size_t slab = 0;

    while (nta_flow_numbers_next_idle(&flows->numbers, &slab, &range))
        nta_area_rest(&flows->entries[range.first], range.n * sizeof(*flows->entries));
    nta_flow_memory_trim(&flows->memory);
}

void nta_flows_warm(struct nta_flows *flows, struct nta_warm *warm, size_t each)
{
    const size_t n = (size_t)flows->n_entries + 1;

    (void)nta_area_warm(warm, flows->index, n_slots(flows) * sizeof(*flows->index));
    (void)nta_area_warm(warm, flows->links, n * sizeof(*flows->links));
    flows->numbers.slabs.n_warm =
        nta_area_warm(warm, flows->entries, nta_smaller(n * sizeof(*flows->entries), each)) /
        NTA_AREA_LARGE;
    nta_flow_memory_warm(&flows->memory, warm, each);
}

size_t nta_flows_len(const struct nta_flows *flows)
{
    return flows->n_flows;
}

size_t nta_flows_held(const struct nta_flows *flows)
{
    return flows->memory.used_bytes;
}

/** Who opened the connection whose first packet that we see this is. */
static bool src_is_client(const struct nta_packet *packet)
{
    bool tcp = packet->kind == NTA_PACKET_TCP;

    if (tcp && (packet->tcp_flags & NTA_TCP_SYN))
        return (packet->tcp_flags & NTA_TCP_ACK) == 0;
    if (!nta_packet_has_ports(packet))
        return true;
    if (nta_port_is_service(packet->src_port) != nta_port_is_service(packet->dst_port))
        return nta_port_is_service(packet->dst_port);
    /* the first of a UDP flow is its opener's; TCP without SYN started before us */
    return !(tcp && packet->src_port < EPHEMERAL_PORT && packet->dst_port >= EPHEMERAL_PORT);
}

/** The packet's flow: the one in the table if it still lives, else a new one. */
static struct nta_flow_entry *flow_of(struct nta_flows *flows, const struct nta_packet *packet,
                                      const uint8_t *payload, enum nta_dir *ret_dir)
{
    struct nta_flow_entry *entry = nta_flow_find(flows, packet, ret_dir);
    const bool is_part = entry && entry->parted && packet->kind == NTA_PACKET_UDP;

    if (is_part)
        entry = nta_flow_part_of(flows, entry, packet,
                                 (struct nta_span){payload, packet->payload_len}, ret_dir);
    if (entry && nta_flow_is_idle(flows, entry)) {
        nta_flow_end(flows, entry, NTA_FLOW_END_IDLE);
        entry = NULL;
    }
    if (entry && nta_flow_is_quiet(flows, entry))
        nta_flow_be_quiet(flows, entry);
    if (entry && packet->kind == NTA_PACKET_TCP &&
        nta_flow_tcp_is_other(flows, entry, nta_flow_stream_of(entry, *ret_dir), packet)) {
        nta_flow_end(flows, entry, NTA_FLOW_END_CLOSED);
        entry = NULL;
    }
    if (!entry) {
        bool up = is_part ? *ret_dir == NTA_DIR_UP : src_is_client(packet);

        *ret_dir = up ? NTA_DIR_UP : NTA_DIR_DOWN;
        return nta_flow_open(flows, packet, up, is_part);
    }
    nta_flow_touch(flows, entry);
    flows->since_ns = nta_order_since(packet->wall_ns, entry->shown.last_wall_ns);
    if (packet->wall_ns > entry->shown.last_wall_ns)
        entry->shown.last_wall_ns = packet->wall_ns;
    return entry;
}

bool nta_flows_knows(struct nta_flows *flows, const struct nta_packet *packet)
{
    const struct nta_flow_entry *entry;
    enum nta_dir dir;

    nta_flow_set_time(flows, packet->source, packet->order_ns);
    entry = nta_flow_find(flows, packet, &dir);
    return entry && !nta_flow_is_idle(flows, entry);
}

/**
 * Has its owner anything to see?  Of an outer packet the payload is a packet that is looked at by
 * itself; of ESP nothing can be read but that it is there.
 */
static bool is_shown(const struct nta_packet *packet, const struct nta_flow_side *side)
{
    if (packet->payload_len == 0 || packet->kind == NTA_PACKET_OUTER)
        return false;
    return packet->kind == NTA_PACKET_UDP || packet->ip_proto == NTA_PACKET_PROTO_SCTP ||
           nta_packet_is_icmp(packet->ip_proto) ||
           (packet->ip_proto == NTA_PACKET_PROTO_ESP && side->packets == 1);
}

static void take_datagram(struct nta_flows *flows, struct nta_flow *flow, enum nta_dir dir,
                          const struct nta_packet *packet, const uint8_t *payload)
{
    flow->sides[dir].bytes += packet->payload_wire_len;
    flows->at = (struct nta_flow_at){.cut = packet->payload_wire_len - packet->payload_len};
    if (is_shown(packet, &flow->sides[dir]))
        flows->ops->datagram(flows->owner, flow, dir,
                             (struct nta_span){payload, packet->payload_len}, flows->wall_ns);
}

/** The first packet of a direction shows how it is tagged, and who sends it. */
static void begin_side(struct nta_flow *flow, enum nta_dir dir, const struct nta_packet *packet)
{
    memcpy(flow->sides[dir].vlan, packet->vlan, sizeof(packet->vlan));
    if (flow->has_macs && (packet->flags & NTA_PACKET_MACS))
        memcpy(dir == NTA_DIR_UP ? flow->client_mac : flow->server_mac, packet->src_mac,
               sizeof(packet->src_mac));
}

uint32_t *nta_flow_mark(struct nta_flow *flow)
{
    return &((struct nta_flow_entry *)flow)->mark;
}

struct nta_flow *nta_flows_packet(struct nta_flows *flows, const struct nta_packet *packet,
                                  const uint8_t *bytes)
{
    const uint8_t *payload = bytes + packet->payload_off;
    enum nta_dir dir = NTA_DIR_UP;

    if (packet->kind != NTA_PACKET_TCP && packet->kind != NTA_PACKET_UDP &&
        packet->kind != NTA_PACKET_IP && packet->kind != NTA_PACKET_OUTER)
        return NULL;
    if (packet->kind == NTA_PACKET_UDP && nta_flow_came_twice(flows->twice, packet, bytes)) {
        nta_count(flows->counters, NTA_COUNTER_DATAGRAM_TWICE, 1);
        return NULL;
    }
    /* the beginning of a datagram whose rest is missing is told late */
    if ((packet->flags & BEGINNING) != BEGINNING)
        flows->last = (struct nta_flow_last){packet->wall_ns, packet->order_ns, packet->source};
    struct nta_flow_entry *entry = flow_of(flows, packet, payload, &dir);

    flows->wall_ns = packet->wall_ns;
    if (entry->shown.sides[dir].packets++ == 0)
        begin_side(&entry->shown, dir, packet);
    if (packet->kind == NTA_PACKET_TCP)
        nta_flow_tcp(flows, entry, nta_flow_stream_of(entry, dir), packet, payload);
    else
        take_datagram(flows, &entry->shown, dir, packet, payload);
    if (flows->clock_ns - entry->reported_ns >= flows->long_ns) {
        flows->ops->active_timeout(flows->owner, &entry->shown);
        entry->reported_ns = flows->clock_ns;
    }
    return &entry->shown;
}

void nta_flows_drain(struct nta_flows *flows)
{
    for (size_t i = 0; i < NTA_N_FLOW_TIMEOUTS; i++)
        while (flows->by_timeout[i].first)
            nta_flow_end_first(flows, (enum nta_flow_timeout)i, NTA_FLOW_END_DRAIN);
}

void nta_flows_rest(struct nta_flows *flows, struct nta_flow *flow)
{
    nta_flow_set_timeout(flows, (struct nta_flow_entry *)flow, NTA_FLOW_TIMEOUT_CLOSED);
}

struct nta_flow_at nta_flows_at(const struct nta_flows *flows)
{
    return flows->at;
}

uint64_t nta_flow_slice_ns(const struct nta_flow *flow)
{
    const struct nta_flow_entry *entry = (const struct nta_flow_entry *)flow;

    return entry->seen_ns > entry->reported_ns ? entry->seen_ns - entry->reported_ns : 0;
}

uint64_t nta_flow_skip_left(const struct nta_flow *flow, enum nta_dir dir)
{
    const struct nta_flow_entry *entry = (const struct nta_flow_entry *)flow;

    return entry->streams[(unsigned)dir ^ (unsigned)entry->flipped].skip;
}

uint8_t nta_flow_ttl(const struct nta_flow *flow, enum nta_dir dir)
{
    const struct nta_flow_entry *entry = (const struct nta_flow_entry *)flow;

    return entry->streams[(unsigned)dir ^ (unsigned)entry->flipped].ttl;
}

bool nta_flow_is_over(const struct nta_flow *flow, enum nta_dir dir)
{
    const struct nta_flow_entry *entry = (const struct nta_flow_entry *)flow;
    const struct nta_flow_stream *stream =
        &entry->streams[(unsigned)dir ^ (unsigned)entry->flipped];

    return nta_flow_stream_is_over(stream);
}

uint64_t nta_flow_refused(const struct nta_flow *flow, enum nta_dir dir)
{
    const struct nta_flow_entry *entry = (const struct nta_flow_entry *)flow;
    const struct nta_flow_stream *stream =
        &entry->streams[(unsigned)dir ^ (unsigned)entry->flipped];
    const int32_t n = stream->started ? nta_seq_ahead(stream->next_seq, stream->acked) : 0;

    return stream->refused && n > 0 ? (uint64_t)n : 0;
}

bool nta_flow_is_disowned(const struct nta_flow *flow)
{
    return flow->ip_proto == 6 && ((const struct nta_flow_entry *)flow)->owned >= NTA_FLOW_UNTAKEN;
}

void nta_flow_settle(struct nta_flow *flow)
{
    ((struct nta_flow_entry *)flow)->settled = true;
}

void nta_flow_prove(struct nta_flow *flow)
{
    flow->proved = true;
}
