/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes that a parser asked to be skipped: how many of them went by, and how many of these the
 * sensor never had, so that what is counted is what sequence numbers prove.
 */

#include "proto/parser.h"

/** All zeros: nothing is skipped. */
struct nta_skip
{
    uint64_t len;  ///< Asked for, and not accounted for yet.
    uint32_t lost; ///< io->lost of the side then.
};

/** Bytes that went by. */
struct nta_gone
{
    uint64_t bytes, lost; ///< `lost` are among `bytes`.
};

/** Ask to skip `len` bytes of the side at work. */
static inline void nta_skip_ask(struct nta_skip *skip, struct nta_proto_io *io, uint64_t len)
{
    *skip = (struct nta_skip){.len = len, .lost = io->lost[io->side]};
    io->skip = len;
}

/**
 * What went by since, of `side` as io counts them; nothing is skipped any more.  `hole`: of a hole
 * that is told just now, its length, since it lies behind.
 */
static inline struct nta_gone nta_skip_take(struct nta_skip *skip, const struct nta_proto_io *io,
                                            enum nta_side side, uint64_t hole)
{
    struct nta_gone gone = {
        .bytes = skip->len > io->unskipped[side] ? skip->len - io->unskipped[side] : 0};
    const uint64_t lost = io->lost[side] - skip->lost;

    if (gone.bytes > 0 && lost > (uint32_t)hole)
        gone.lost = lost - (uint32_t)hole < gone.bytes ? lost - (uint32_t)hole : gone.bytes;
    skip->len = 0;
    return gone;
}
