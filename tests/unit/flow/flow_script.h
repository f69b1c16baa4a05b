/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A script of bytes, run over a small flow table: four hosts, two ports, all flags, numbers near
 * and far, every answer an owner can give.  What must hold whatever the script is checked on the
 * way; a breach aborts.
 */

#include "decode/order.h"
#include "flow/owner.h"

#include <stdlib.h>

enum
{
    SCRIPT_FLOWS = 5,
    SCRIPT_ALL_BYTES = 4096,
    SCRIPT_PAYLOAD = 600
};

struct nta_flow_script
{
    struct nta_reader r;
    struct nta_flows *flows;
    struct nta_order orders[2]; ///< Of each source.
    uint64_t n_live;
};

static inline void script_check(bool ok)
{
    if (!ok)
        abort();
}

/** Each flow must be seen by the owner with the mark it got at its first call, and end once. */
static inline void script_meet(struct nta_flow_script *script, struct nta_flow *flow)
{
    static char mark;

    if (!flow->conn)
        script->n_live++;
    flow->conn = &mark;
    script_check(flow->last_wall_ns >= flow->first_wall_ns);
    if (nta_read_u8(&script->r) % 32 == 1)
        nta_flows_swap(script->flows, flow);
}

static inline struct nta_taken script_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                           struct nta_span bytes, int64_t wall_ns)
{
    struct nta_flow_script *script = owner;
    uint8_t choice = nta_read_u8(&script->r);
    struct nta_taken taken = {.consumed = bytes.len};
    volatile uint8_t sum = 0;

    (void)dir, (void)wall_ns;
    script_check(bytes.len > 0);
    for (size_t i = 0; i < bytes.len; i++)
        sum = (uint8_t)(sum + bytes.ptr[i]);
    script_meet(script, flow);
    if (choice & 1)
        taken.consumed = bytes.len * (choice >> 4) / 16;
    if (choice & 2)
        taken.skip = (uint64_t)1 << (choice >> 3);
    taken.stop = (choice & 0xfc) == 4;
    return taken;
}

static inline bool script_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct nta_flow_script *script = owner;

    /* not always counted: what a receiver that is heard never acknowledged was no transfer; and
     * none are lost when only what was left is given up */
    script_check(len <= UINT32_MAX);
    (void)dir;
    script_meet(script, flow);
    return nta_read_u8(&script->r) % 8 != 1;
}

static inline void script_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                   struct nta_span bytes, int64_t wall_ns)
{
    (void)dir, (void)wall_ns;
    script_check(bytes.len > 0);
    script_meet(owner, flow);
}

static inline void script_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    struct nta_flow_script *script = owner;

    (void)why;
    for (size_t i = 0; i < 2; i++)
        script_check(flow->sides[i].gap_bytes <= flow->sides[i].bytes);
    if (flow->conn)
        script_check(script->n_live-- > 0);
    flow->conn = NULL;
}

static inline void script_active_timeout(void *owner, struct nta_flow *flow)
{
    script_meet(owner, flow);
}

static inline void script_turned(void *owner, struct nta_flow *flow)
{
    (void)owner, (void)flow;
}

static inline enum nta_flow_verdict script_other(void *owner, struct nta_flow *flow,
                                                 enum nta_dir dir, struct nta_span bytes,
                                                 enum nta_flow_likely likely)
{
    struct nta_flow_script *script = owner;
    volatile uint8_t sum = 0;

    (void)dir, (void)likely;
    script_check(bytes.len > 0);
    for (size_t i = 0; i < bytes.len; i++)
        sum = (uint8_t)(sum + bytes.ptr[i]);
    script_meet(script, flow);
    return (enum nta_flow_verdict)(nta_read_u8(&script->r) % 3);
}

static inline void script_packet(struct nta_flow_script *script, int64_t wall_ns)
{
    static uint8_t payload[SCRIPT_PAYLOAD];
    struct nta_reader *r = &script->r;
    uint8_t what = nta_read_u8(r), sides = nta_read_u8(r);
    struct nta_packet packet = {
        .wall_ns = wall_ns,
        .source = what >> 7,
        .kind = (what % 16 < 12 ? NTA_PACKET_TCP : what % 16U - 11) & NTA_PACKET_KIND_BITS,
        .ip_proto = what % 16 == 12   ? 17
                    : what % 16 == 13 ? 17
                                      : 6,
        .tcp_flags = nta_read_u8(r),
        .tcp_seq = (uint32_t)(int32_t)(int16_t)nta_read_be16(r),
        .tcp_ack = nta_read_be16(r),
    };

    packet.order_ns = nta_order_step(&script->orders[packet.source], wall_ns);
    packet.src.bytes[15] = sides & 1;
    packet.dst.bytes[15] = sides >> 1 & 1;
    packet.src_port = sides >> 2 & 3;
    packet.dst_port = sides >> 4 & 3;
    packet.flow_hash =
        (uint64_t)packet.src.bytes[15] + packet.dst.bytes[15] + packet.src_port + packet.dst_port;
    if (what & 0x20)
        packet.tcp_seq <<= 12;
    packet.payload_len = (uint32_t)nta_read_u8(r) * 2;
    packet.payload_wire_len = packet.payload_len + (what & 0x10 ? nta_read_be16(r) : 0);
    packet.payload_off = sides >> 6;
    payload[nta_read_u8(r) * 2] ^= 1; /* the same numbers again, and other bytes */
    nta_flows_prefetch(script->flows, &packet);
    nta_flows_pass(script->flows, &packet);
    nta_flows_packet(script->flows, &packet, payload);
}

static inline void nta_flow_script_run(const uint8_t *data, size_t len)
{
    static const struct nta_flow_ops ops = {
        .data = script_data,
        .gap = script_gap,
        .datagram = script_datagram,
        .ended = script_ended,
        .active_timeout = script_active_timeout,
        .turned = script_turned,
        .other = script_other,
    };
    static struct nta_counters counters;
    struct nta_flow_options options = {.n_flows = SCRIPT_FLOWS,
                                       .stream_flow_bytes = 1500,
                                       .stream_all_bytes = SCRIPT_ALL_BYTES,
                                       .copy_bytes = 1};
    struct nta_flow_script script = {.r = nta_reader_of(data, len)};
    int64_t wall_ns = 0;

    if (nta_flows_new(&options, &ops, &script, &counters, &script.flows, NULL) < 0)
        return;
    while (nta_reader_left(&script.r) > 0) {
        uint8_t step = nta_read_u8(&script.r);

        if (step & 1)
            wall_ns = (int64_t)((uint64_t)wall_ns + ((uint64_t)(step >> 1) << 25));
        if (step == 254)
            wall_ns = (int64_t)nta_read_be64(&script.r);
        if (step % 16 == 2)
            nta_flows_tick(script.flows, wall_ns);
        script_packet(&script, wall_ns);
        script_check(nta_flows_len(script.flows) <= SCRIPT_FLOWS);
        script_check(nta_flows_held(script.flows) <= SCRIPT_ALL_BYTES);
    }
    nta_flows_drain(script.flows);
    script_check(nta_flows_held(script.flows) == 0 && script.n_live == 0);
    nta_flows_free(&script.flows);
}
