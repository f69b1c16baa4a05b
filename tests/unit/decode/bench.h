/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Frames decoded: a decoder of a test's own, and what it makes of one. */

#include "decode/frame.h"

/** A decoder with its own counters. */
struct bench
{
    struct nta_counters counters;
    struct nta_unknowns unknowns;
    struct nta_decode decode;
};

static inline void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    bench->decode = (struct nta_decode){
        .key = {.k0 = 1, .k1 = 2}, .counters = &bench->counters, .unknowns = &bench->unknowns};
}

/** Decode from an exact heap copy, so that a sanitizer sees a read past the end. */
static inline struct nta_packet bench_decode(struct bench *bench, int link_type,
                                             const uint8_t *bytes, size_t cap_len, size_t wire_len)
{
    struct nta_packet packet = {.wall_ns = 42,
                                .cap_len = (uint32_t)cap_len,
                                .wire_len = (uint32_t)wire_len,
                                .data_off = 7,
                                .source = 3};
    uint8_t *copy = malloc(cap_len ? cap_len : 1);

    assert(copy);
    memcpy(copy, bytes, cap_len);
    nta_decode_packet(&bench->decode, link_type, copy, &packet);
    free(copy);
    return packet;
}

static inline struct nta_packet bench_frame(struct bench *bench, int link_type,
                                            const struct frame *frame)
{
    return bench_decode(bench, link_type, frame_bytes(frame), frame_len(frame), frame_len(frame));
}

static inline struct nta_packet bench_steps(struct bench *bench, int link_type,
                                            const struct step *steps, size_t n_steps)
{
    struct frame frame;

    frame_init(&frame);
    frame_steps(&frame, steps, n_steps);
    return bench_frame(bench, link_type, &frame);
}

/** Build the steps, the first of them innermost, and decode. */
#define DECODE(bench, link_type, ...)                                                              \
    bench_steps((bench), (link_type), (const struct step[]){__VA_ARGS__},                          \
                sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))
