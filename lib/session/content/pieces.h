/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The SHA-256 of a file whose pieces come in any order: what is next is hashed from where it lies
 * and never copied, what came early is held until it is next.
 *
 * Bytes that come twice, as readings of a file overlap, are compared: with those held, or with the
 * last ones hashed, of which a copy is kept.  What differs is of no one file any more, and has no
 * hash; of what is too far back to be compared the bytes that came first count.  What comes again
 * in its order is compared from where the last bytes were, however much is held.
 *
 * Held bytes and copies lie in blocks of a pool, which is the bound in all; one file has at most
 * NTA_PIECES_MAX pieces that touch no other.
 */

#include "base/memory/pool.h"
#include "blacklist/marks.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_PIECES_MAX = 64,
    NTA_PIECE_BLOCK_SIZE = 16 * 1024, ///< Of an object of the pool, with its head.
    NTA_PIECES_TAIL = 256,            ///< Blocks of what was hashed last: 4 MiB.
};

/** Of bytes that came twice. */
enum nta_pieces_twice
{
    NTA_PIECES_SAME, ///< Or none did.
    NTA_PIECES_FAR,  ///< Some were too far back to be compared.
    NTA_PIECES_DIFFER,
};

struct nta_piece_block; ///< Opaque.

/** Held: from `begin` up to, and without, `end`. */
struct nta_piece
{
    uint64_t begin, end;
    struct nta_piece_block *first, *last;
    /** Where the last comparison ended: bytes that come again go on there.  NULL: nowhere. */
    struct nta_piece_block *compared;
    uint64_t compared_begin; ///< Of its bytes, in the file.
};

/** Zeros, after nta_pieces_begin(). */
struct nta_pieces
{
    struct nta_file_hash hash;
    uint64_t hashed; ///< Bytes from the start.
    enum nta_pieces_twice twice;
    struct nta_piece tail; ///< What was hashed last; may be less than is wanted.
    uint32_t n_tail;       ///< Its blocks.
    uint32_t n;
    struct nta_piece all[NTA_PIECES_MAX]; ///< By their begin.
};

/** `pieces` is zeroed: begin. */
void nta_pieces_begin(struct nta_pieces *pieces);

/**
 * These bytes came, which lie there in the file.  False: they are to be held, and there is no
 * space; what is held may be more than before.  `twice` says what came of a comparison.
 */
bool nta_pieces_take(struct nta_pieces *pieces, struct nta_pool *blocks, uint64_t at,
                     struct nta_span bytes);

/** The copy of what was hashed last is given back; it is made anew as bytes come. */
void nta_pieces_drop_tail(struct nta_pieces *pieces, struct nta_pool *blocks);

/** All that is held is given back; nothing more can be hashed. */
void nta_pieces_drop(struct nta_pieces *pieces, struct nta_pool *blocks);

/** The hash of all that was hashed so far; more may follow. */
void nta_pieces_sha256(const struct nta_pieces *pieces, uint8_t ret_sha256[32]);
