/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the flow tests share: packets made from few words, and an owner that writes down what it is
 * told, as text: "up:abc " bytes, "gap up 3 " a hole, "udp down:x " a datagram, "end closed " and
 * "on " for a flow.
 */

#include "base/runtime/clock.h"
#include "flow/flow.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* needs those above */
#include <cmocka.h>

enum
{
    KIT_LOG_SIZE = 1 << 16
};

#define S NTA_NS_PER_S

struct nta_kit
{
    struct nta_counters counters;
    struct nta_flows *flows;
    char log[KIT_LOG_SIZE];
    size_t len;
    int64_t wall_ns;
    struct nta_flow last;    ///< Of the flow that ended last.
    const uint8_t *shown_at; ///< Where the last bytes of a stream were.
    size_t leave_below;      ///< The owner wants at least so many bytes at once.
    struct nta_taken answer; ///< If set (skip or stop), given to the next bytes.
    bool swap_next;          ///< Swap the sides at the next call.
    bool settle_next;        ///< The next call tells who is who.
    bool stop_at_gap;
};

static inline void kit_say(struct nta_kit *kit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void kit_say(struct nta_kit *kit, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(kit->log + kit->len, sizeof(kit->log) - kit->len, format, args);

    va_end(args);
    assert(n >= 0 && (size_t)n < sizeof(kit->log) - kit->len);
    kit->len += (size_t)n;
}

static inline const char *kit_dir(enum nta_dir dir)
{
    return dir == NTA_DIR_UP ? "up" : "down";
}

static inline void kit_swap(struct nta_kit *kit, struct nta_flow *flow)
{
    if (kit->swap_next)
        nta_flows_swap(kit->flows, flow);
    kit->swap_next = false;
    if (kit->settle_next)
        nta_flow_settle(flow);
    kit->settle_next = false;
}

static inline struct nta_taken kit_data(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                        struct nta_span bytes, int64_t wall_ns)
{
    struct nta_kit *kit = owner;
    struct nta_taken taken = kit->answer;

    (void)wall_ns;
    kit_say(kit, "%s:%.*s ", kit_dir(dir), (int)bytes.len, (const char *)bytes.ptr);
    kit->shown_at = bytes.ptr;
    kit_swap(kit, flow);
    kit->answer = (struct nta_taken){0};
    taken.consumed = bytes.len < kit->leave_below ? 0 : bytes.len;
    return taken;
}

static inline bool kit_gap(void *owner, struct nta_flow *flow, enum nta_dir dir, uint64_t len)
{
    struct nta_kit *kit = owner;

    (void)flow;
    kit_say(kit, "gap %s %llu ", kit_dir(dir), (unsigned long long)len);
    return !kit->stop_at_gap;
}

static inline void kit_datagram(void *owner, struct nta_flow *flow, enum nta_dir dir,
                                struct nta_span bytes, int64_t wall_ns)
{
    struct nta_kit *kit = owner;

    (void)wall_ns;
    kit_say(kit, "udp %s:%.*s ", kit_dir(dir), (int)bytes.len, (const char *)bytes.ptr);
    kit_swap(kit, flow);
}

static inline void kit_ended(void *owner, struct nta_flow *flow, enum nta_flow_end why)
{
    static const char *const words[] = {"closed", "idle", "evicted", "drain"};
    struct nta_kit *kit = owner;

    kit->last = *flow;
    kit_say(kit, "end %s ", words[why]);
}

static inline void kit_active_timeout(void *owner, struct nta_flow *flow)
{
    (void)flow;
    kit_say(owner, "on ");
}

static inline void kit_turned(void *owner, struct nta_flow *flow)
{
    (void)flow;
    kit_say(owner, "turned ");
}

static const struct nta_flow_ops kit_ops = {
    .data = kit_data,
    .gap = kit_gap,
    .datagram = kit_datagram,
    .ended = kit_ended,
    .active_timeout = kit_active_timeout,
    .turned = kit_turned,
};

static inline void kit_open(struct nta_kit *kit, struct nta_flow_options options)
{
    struct nta_err err;

    memset(kit, 0, sizeof(*kit));
    kit->wall_ns = 1000 * S;
    if (options.n_flows == 0)
        options.n_flows = 64;
    if (options.stream_flow_bytes == 0)
        options.stream_flow_bytes = 65536;
    if (options.stream_all_bytes == 0)
        options.stream_all_bytes = 1 << 20;
    assert_int_equal(nta_flows_new(&options, &kit_ops, kit, &kit->counters, &kit->flows, &err), 0);
}

/** What was told since the last call must be `expected`. */
#define KIT_EXPECT(kit, expected)                                                                  \
    do {                                                                                           \
        assert_string_equal((kit)->log, expected);                                                 \
        (kit)->len = 0;                                                                            \
        (kit)->log[0] = '\0';                                                                      \
    } while (0)

static inline void kit_close(struct nta_kit *kit)
{
    nta_flows_drain(kit->flows);
    assert_int_equal(nta_flows_len(kit->flows), 0);
    assert_int_equal(nta_flows_held(kit->flows), 0);
    nta_flows_free(&kit->flows);
    assert_null(kit->flows);
}

static inline uint64_t kit_counted(const struct nta_kit *kit, enum nta_counter which)
{
    return nta_counted(&kit->counters, which);
}

static inline struct nta_addr kit_addr(uint32_t number)
{
    uint8_t four[4] = {10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};

    return nta_addr_v4(four);
}

/** Symmetric and not keyed: a test wants the same flows each time. */
static inline uint64_t kit_hash(const struct nta_packet *packet)
{
    uint64_t sides[2] = {packet->src_port, packet->dst_port};

    for (size_t i = 0; i < 16; i++) {
        sides[0] = sides[0] * 1099511628211U + packet->src.bytes[i];
        sides[1] = sides[1] * 1099511628211U + packet->dst.bytes[i];
    }
    uint64_t hash = (sides[0] + sides[1]) * UINT64_C(0x9e3779b97f4a7c15);

    return (hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9) ^ packet->ip_proto;
}

/** From 10.x.x.x of number `from` to that of number `to`. */
static inline struct nta_packet kit_packet(enum nta_packet_kind kind, uint32_t from, uint32_t to,
                                           uint16_t src_port, uint16_t dst_port)
{
    struct nta_packet packet = {
        .src = kit_addr(from),
        .dst = kit_addr(to),
        .src_port = src_port,
        .dst_port = dst_port,
        .kind = (uint8_t)kind,
        .ip_proto = kind == NTA_PACKET_TCP   ? 6
                    : kind == NTA_PACKET_UDP ? 17
                                             : 47,
    };

    packet.flow_hash = kit_hash(&packet);
    return packet;
}

static inline void kit_send(struct nta_kit *kit, struct nta_packet packet, const char *text)
{
    packet.wall_ns = kit->wall_ns;
    packet.payload_len = (uint32_t)strlen(text);
    if (packet.payload_wire_len < packet.payload_len)
        packet.payload_wire_len = packet.payload_len;
    nta_flows_prefetch(kit->flows, &packet);
    nta_flows_packet(kit->flows, &packet, (const uint8_t *)text);
}

/** A segment of the connection 1:40000 -> 2:80, from the client or from the server. */
static inline void kit_tcp(struct nta_kit *kit, enum nta_dir dir, uint8_t flags, uint32_t seq,
                           uint32_t ack, const char *text)
{
    struct nta_packet packet = dir == NTA_DIR_UP ? kit_packet(NTA_PACKET_TCP, 1, 2, 40000, 80)
                                                 : kit_packet(NTA_PACKET_TCP, 2, 1, 80, 40000);

    packet.tcp_flags = flags;
    packet.tcp_seq = seq;
    packet.tcp_ack = ack;
    kit_send(kit, packet, text);
}

#define UP      NTA_DIR_UP
#define DOWN    NTA_DIR_DOWN
#define SYN     NTA_TCP_SYN
#define ACK     NTA_TCP_ACK
#define FIN     NTA_TCP_FIN
#define RST     NTA_TCP_RST
#define SYN_ACK (NTA_TCP_SYN | NTA_TCP_ACK)
#define FIN_ACK (NTA_TCP_FIN | NTA_TCP_ACK)

/** Client's first number is 1000 behind the SYN, the server's 5000. */
static inline void kit_handshake(struct nta_kit *kit)
{
    kit_tcp(kit, UP, SYN, 999, 0, "");
    kit_tcp(kit, DOWN, SYN_ACK, 4999, 1000, "");
    kit_tcp(kit, UP, ACK, 1000, 5000, "");
}
