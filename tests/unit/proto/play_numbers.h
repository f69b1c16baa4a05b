/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Streams for a parser, as play.h shows them, where sequence numbers are known. */

#include "play.h"

/*
 * One segment of a stream whose numbers are known: `seq` of its first byte, and what it
 * acknowledges.
 */
static inline void play_segment(struct nta_play *play, unsigned side, uint32_t seq, uint32_t ack,
                                struct nta_span bytes)
{
    const unsigned as_parser = side ^ play->swapped;
    const uint64_t jump = play->skip[as_parser] < bytes.len ? play->skip[as_parser] : bytes.len;

    play->io.at = (struct nta_proto_at){
        .known = true,
        .has_ack = true,
        .seq = seq + (uint32_t)jump - (uint32_t)play->kept[as_parser].len,
        .ack = ack,
    };
    play_data(play, side, bytes.ptr, bytes.len);
    play->io.at = (struct nta_proto_at){0};
}

/* As play_gap(); the hole begins at `seq`. */
static inline void play_gap_at(struct nta_play *play, unsigned side, uint32_t seq, uint64_t len)
{
    play->io.at = (struct nta_proto_at){.known = true, .seq = seq};
    play_gap(play, side, len);
    play->io.at = (struct nta_proto_at){0};
}
