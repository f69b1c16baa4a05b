/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The SHA-256 of a file whose pieces come in any order: what is next is hashed from where it lies
 * and never copied, what came early is held until it is next.
 *
 * Held bytes lie in blocks of a pool, which is the bound in all; one file has at most
 * NTA_PIECES_MAX pieces that touch no other.  Of bytes that come twice the first ones count.
 */

#include "base/memory/pool.h"
#include "blacklist/marks.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_PIECES_MAX = 64,
    NTA_PIECE_BLOCK_SIZE = 16 * 1024, ///< Of an object of the pool, with its head.
};

struct nta_piece_block; ///< Opaque.

/** Held: from `begin` up to, and without, `end`. */
struct nta_piece
{
    uint64_t begin, end;
    struct nta_piece_block *first, *last;
};

/** Zeros, after nta_pieces_begin(). */
struct nta_pieces
{
    struct nta_file_hash hash;
    uint64_t hashed; ///< Bytes from the start.
    uint32_t n;
    struct nta_piece all[NTA_PIECES_MAX]; ///< By their begin.
};

/** `pieces` is zeroed: begin. */
void nta_pieces_begin(struct nta_pieces *pieces);

/**
 * These bytes came, which lie there in the file.  False: they are to be held, and there is no
 * space; what is held may be more than before.
 */
bool nta_pieces_take(struct nta_pieces *pieces, struct nta_pool *blocks, uint64_t at,
                     struct nta_span bytes);

/** What is held is given back; nothing more can be hashed. */
void nta_pieces_drop(struct nta_pieces *pieces, struct nta_pool *blocks);

/** The hash of all that was hashed so far; more may follow. */
void nta_pieces_sha256(const struct nta_pieces *pieces, uint8_t ret_sha256[32]);
