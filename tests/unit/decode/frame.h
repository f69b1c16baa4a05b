/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Packets for tests, built from the inside out: each step puts one header in front of what is
 * there, with the right lengths.  Includes what cmocka.h wants before it.
 */

#include "decode/decode.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum step_kind
{
    STEP_NONE, ///< The end of a list.
    STEP_HEX,  ///< These bytes.
    STEP_TAIL, ///< These bytes behind all that is there.
    STEP_ETH,  ///< Ethernet, 02:…:01 to 02:…:02, with this type.
    STEP_IPV4, ///< 10.0.0.1 to 10.0.0.2, this protocol.
    STEP_IPV6, ///< 2001:db8::1 to ::2, this protocol.
    STEP_UDP,  ///< From 40000 to this port.
    STEP_LEN,  ///< Two bytes: how many follow, plus this number.
};

struct step
{
    enum step_kind kind;
    unsigned number;
    const char *hex;
};

#define HEX(text)                                                                                  \
    {                                                                                              \
        .kind = STEP_HEX, .hex = (text)                                                            \
    }
#define TAIL(text)                                                                                 \
    {                                                                                              \
        .kind = STEP_TAIL, .hex = (text)                                                           \
    }
#define ETH(type)                                                                                  \
    {                                                                                              \
        .kind = STEP_ETH, .number = (type)                                                         \
    }
#define IPV4(proto)                                                                                \
    {                                                                                              \
        .kind = STEP_IPV4, .number = (proto)                                                       \
    }
#define IPV6(proto)                                                                                \
    {                                                                                              \
        .kind = STEP_IPV6, .number = (proto)                                                       \
    }
#define UDP(port)                                                                                  \
    {                                                                                              \
        .kind = STEP_UDP, .number = (port)                                                         \
    }
#define LEN(add)                                                                                   \
    {                                                                                              \
        .kind = STEP_LEN, .number = (unsigned)(add)                                                \
    }

enum
{
    FRAME_SIZE = 4096,
    STEPS_MAX = 12
};

struct frame
{
    uint8_t buf[2 * FRAME_SIZE];
    size_t start, end;
};

static inline size_t frame_len(const struct frame *frame)
{
    return frame->end - frame->start;
}

static inline const uint8_t *frame_bytes(const struct frame *frame)
{
    return frame->buf + frame->start;
}

static inline size_t hex_bytes(const char *hex, uint8_t *bytes)
{
    size_t len = 0;

    for (const char *at = hex; *at; at++) {
        char pair[3] = "";

        if (*at == ' ')
            continue;
        pair[0] = *at++;
        pair[1] = *at;
        bytes[len++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return len;
}

static inline void frame_front(struct frame *frame, const void *bytes, size_t len)
{
    assert(len <= frame->start);
    frame->start -= len;
    memcpy(frame->buf + frame->start, bytes, len);
}

static inline void frame_back(struct frame *frame, const void *bytes, size_t len)
{
    assert(frame->end + len <= sizeof(frame->buf));
    memcpy(frame->buf + frame->end, bytes, len);
    frame->end += len;
}

static inline void set_be16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/** RFC 1071, the slow way. */
static inline void set_checksum(uint8_t *h, size_t at, size_t len)
{
    uint32_t sum = 0;

    set_be16(h + at, 0);
    for (size_t i = 0; i < len; i += 2)
        sum += (uint32_t)h[i] << 8 | h[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    set_be16(h + at, ~(sum + (sum >> 16)) & 0xffff);
}

/** An empty frame with space on both sides. */
static inline void frame_init(struct frame *frame)
{
    *frame = (struct frame){.start = FRAME_SIZE, .end = FRAME_SIZE};
}

static inline void frame_step(struct frame *frame, const struct step *step)
{
    uint8_t h[512] = {0};
    size_t len = 0;

    switch (step->kind) {
    case STEP_NONE: return;
    case STEP_HEX: len = hex_bytes(step->hex, h); break;
    case STEP_TAIL: frame_back(frame, h, hex_bytes(step->hex, h)); return;
    case STEP_ETH:
        len = hex_bytes("020000000002 020000000001 0000", h);
        set_be16(h + 12, step->number);
        break;
    case STEP_IPV4:
        len = hex_bytes("45000000 12340000 40000000 0a000001 0a000002", h);
        set_be16(h + 2, len + frame_len(frame));
        h[9] = (uint8_t)step->number;
        set_checksum(h, 10, len);
        break;
    case STEP_IPV6:
        len = hex_bytes("60000000 00000040 20010db8000000000000000000000001"
                        "20010db8000000000000000000000002",
                        h);
        set_be16(h + 4, frame_len(frame));
        h[6] = (uint8_t)step->number;
        break;
    case STEP_UDP:
        len = hex_bytes("9c400000 00000000", h);
        set_be16(h + 2, step->number);
        set_be16(h + 4, len + frame_len(frame));
        break;
    case STEP_LEN:
        len = 2;
        set_be16(h, frame_len(frame) + step->number);
        break;
    }
    frame_front(frame, h, len);
}

/** The steps, the first of them innermost. */
static inline void frame_steps(struct frame *frame, const struct step *steps, size_t n_steps)
{
    for (size_t i = 0; i < n_steps && steps[i].kind != STEP_NONE; i++)
        frame_step(frame, &steps[i]);
}

/** 192.0.2.1:1234 > 198.51.100.2:80, "hello". */
static inline void frame_tcp(struct frame *frame)
{
    static const struct step steps[] = {
        HEX("04d20050 11223344 55667788 50180400 00000000 68656c6c6f"),
        HEX("4500002d 12344000 40060000 c0000201 c6336402"),
    };

    frame_init(frame);
    frame_steps(frame, steps, 2);
    set_checksum(frame->buf + frame->start, 10, 20);
}
