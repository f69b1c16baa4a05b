/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packets of the script that worker_script.h describes: made from its bytes, decoded, and put where
 * a worker takes them.
 */

#include "pipeline/worker.h"

#include <string.h>

enum
{
    SCRIPT_CONNS = 16,
    SCRIPT_DATA_MAX = 1400,
    SCRIPT_HEAD = 54,
    SCRIPT_SYN = 0x60,
};

#define SCRIPT_HOUR_NS (INT64_C(3600) * 1000 * 1000 * 1000)

struct worker_script
{
    struct nta_epoch policies;
    struct nta_owner whose;
    struct nta_wake recorder;
    struct nta_counters counters;
    struct nta_unknowns unknowns;
    struct nta_decode decode;
    struct nta_dispatch *dispatch;
    int64_t wall_ns;
    uint32_t seq[SCRIPT_CONNS][2];
    uint64_t n_bytes, n_packets; ///< Sent, of all.
};

/*
 * Server ports; the first half is TCP.  4660 is what a script may announce for a data connection.
 */
static const uint16_t script_ports[SCRIPT_CONNS] = {80,  443, 21, 25,  445,  1080, 6881, 4660,
                                                    443, 53,  69, 137, 5353, 67,   6881, 4660};

static inline void script_be16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/** Ethernet, IPv4, TCP or UDP: gives the length before the data. */
static inline size_t script_headers(struct worker_script *script, uint8_t *frame, unsigned conn,
                                    unsigned side, uint8_t flags, size_t len)
{
    static const uint8_t start[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45};
    bool tcp = conn < SCRIPT_CONNS / 2;
    size_t transport = tcp ? 20 : 8;

    memset(frame, 0, SCRIPT_HEAD);
    memcpy(frame, start, sizeof(start));
    script_be16(frame + 16, (uint32_t)(20 + transport + len));
    frame[22] = 64;
    frame[23] = tcp ? 6 : 17;
    memcpy(frame + 26, side ? "\xc6\x33\x64\7\12\0\0\5" : "\12\0\0\5\xc6\x33\x64\7", 8);
    script_be16(frame + 34 + (side ? 0 : 2), script_ports[conn]);
    script_be16(frame + 34 + (side ? 2 : 0), 40000 + conn);
    if (!tcp) {
        script_be16(frame + 38, (uint32_t)(8 + len));
        return 42;
    }
    uint32_t seq = flags & 2 ? UINT32_MAX : script->seq[conn][side];

    script_be16(frame + 38, seq >> 16);
    script_be16(frame + 40, seq);
    script_be16(frame + 42, script->seq[conn][side ^ 1] >> 16);
    script_be16(frame + 44, script->seq[conn][side ^ 1]);
    frame[46] = 0x50;
    frame[47] = flags;
    if (!(flags & 2))
        script->seq[conn][side] += (uint32_t)len + (flags & 1);
    return 54;
}

/** False: the block is full. */
static inline bool script_step(struct worker_script *script, uint8_t head, const uint8_t *data,
                               size_t len)
{
    uint8_t frame[SCRIPT_HEAD + SCRIPT_DATA_MAX];
    unsigned conn = head & 15U, side = head >> 4 & 1U;

    script->wall_ns += head & 0x80 ? SCRIPT_HOUR_NS : 1000;
    const bool syn = (head & SCRIPT_SYN) == SCRIPT_SYN;
    const uint8_t flags = syn ? (len & 1 ? 0x12 : 2) : head & 0x40 ? 0x11 : 0x10;

    script->seq[conn][side] += head & 0x20 && !syn ? 100 : 0;
    script->n_bytes +=
        len + (syn ? 0U : (head & 0x20 ? 100U : 0U) + (flags & 1U)); /* FIN: a number */
    script->n_packets++;
    size_t at = script_headers(script, frame, conn, side, flags, len);
    struct nta_packet packet = {.wall_ns = script->wall_ns,
                                .order_ns = script->wall_ns,
                                .cap_len = (uint32_t)(at + len),
                                .wire_len = (uint32_t)(at + len)};

    if (len)
        memcpy(frame + at, data, len);
    nta_decode_packet(&script->decode, 1, frame, &packet);
    return nta_dispatch_put(script->dispatch, 0, &packet, frame, 0) == NTA_PUT_OK;
}
