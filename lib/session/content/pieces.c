/* SPDX-License-Identifier: Apache-2.0 */
#include "session/content/pieces.h"

#include <string.h>

struct nta_piece_block
{
    struct nta_piece_block *next;
    size_t len;
    uint8_t bytes[];
};

enum
{
    SPACE = NTA_PIECE_BLOCK_SIZE - (int)sizeof(struct nta_piece_block),
    COMPARED_MAX = NTA_PIECES_TAIL, ///< Blocks that are walked to where a comparison begins.
};

void nta_pieces_begin(struct nta_pieces *pieces)
{
    nta_file_hash_begin(&pieces->hash);
}

static void free_chain(struct nta_piece_block *block, struct nta_pool *blocks)
{
    while (block) {
        struct nta_piece_block *next = block->next;

        nta_pool_give(blocks, block);
        block = next;
    }
}

void nta_pieces_drop_tail(struct nta_pieces *pieces, struct nta_pool *blocks)
{
    free_chain(pieces->tail.first, blocks);
    pieces->tail = (struct nta_piece){.begin = pieces->hashed, .end = pieces->hashed};
    pieces->n_tail = 0;
}

void nta_pieces_drop(struct nta_pieces *pieces, struct nta_pool *blocks)
{
    nta_pieces_drop_tail(pieces, blocks);
    for (uint32_t i = 0; i < pieces->n; i++)
        free_chain(pieces->all[i].first, blocks);
    pieces->n = 0;
}

/* ---- bytes of a piece ---- */

static void add_block(struct nta_piece *piece, struct nta_piece_block *block)
{
    *(piece->last ? &piece->last->next : &piece->first) = block;
    piece->last = block;
}

/** Into the last block, as much as it takes.  Gives what is left. */
static struct nta_span fill(struct nta_piece *piece, struct nta_span bytes)
{
    struct nta_piece_block *block = piece->last;
    const size_t len = nta_smaller(bytes.len, SPACE - block->len);

    memcpy(block->bytes + block->len, bytes.ptr, len);
    block->len += len;
    piece->end += len;
    return nta_span_from(bytes, len);
}

/** Append to what the piece holds.  False: no space for all of it. */
static bool append(struct nta_piece *piece, struct nta_pool *blocks, struct nta_span bytes)
{
    while (bytes.len > 0) {
        if (!piece->last || piece->last->len == SPACE) {
            struct nta_piece_block *block = nta_pool_take_part(blocks, sizeof(*block));

            if (!block)
                return false;
            add_block(piece, block);
        }
        bytes = fill(piece, bytes);
    }
    return true;
}

/** A place for more of the tail: a block, or that of its oldest bytes.  False: none. */
static bool extend_tail(struct nta_pieces *pieces, struct nta_pool *blocks)
{
    struct nta_piece *tail = &pieces->tail;
    struct nta_piece_block *block =
        pieces->n_tail < NTA_PIECES_TAIL ? nta_pool_take_part(blocks, sizeof(*block)) : NULL;

    if (block) {
        pieces->n_tail++;
    } else if (pieces->n_tail > 1) {
        block = tail->first;
        tail->first = block->next;
        tail->begin += block->len;
        if (tail->compared == block)
            tail->compared = NULL;
        *block = (struct nta_piece_block){.next = NULL};
    } else {
        return false;
    }
    add_block(tail, block);
    return true;
}

/** Keep a copy of what was hashed, which begins where the tail ends. */
static void copy_to_tail(struct nta_pieces *pieces, struct nta_pool *blocks, struct nta_span bytes)
{
    struct nta_piece *tail = &pieces->tail;

    while (bytes.len > 0) {
        if ((!tail->last || tail->last->len == SPACE) && !extend_tail(pieces, blocks)) {
            nta_pieces_drop_tail(pieces, blocks); /* a hole in it would be a false comparison */
            return;
        }
        bytes = fill(tail, bytes);
    }
}

/** Hold bytes that came again, and end in the piece at the latest, against what it holds. */
static enum nta_pieces_twice compare(struct nta_piece *piece, uint64_t at, struct nta_span bytes)
{
    const bool goes_on = piece->compared && at >= piece->compared_begin;
    struct nta_piece_block *block = goes_on ? piece->compared : piece->first;
    uint64_t begin = goes_on ? piece->compared_begin : piece->begin;

    if (bytes.len == 0)
        return NTA_PIECES_SAME;
    if (at < begin)
        return NTA_PIECES_FAR;
    for (int i = 0; block && at >= begin + block->len; i++, block = block->next) {
        if (i == COMPARED_MAX)
            return NTA_PIECES_FAR;
        begin += block->len;
    }
    for (size_t from = (size_t)(at - begin); block && bytes.len > 0; block = block->next) {
        const size_t len = nta_smaller(bytes.len, block->len - from);

        if (memcmp(block->bytes + from, bytes.ptr, len) != 0)
            return NTA_PIECES_DIFFER;
        piece->compared = block;
        piece->compared_begin = begin;
        begin += block->len;
        bytes = nta_span_from(bytes, len);
        from = 0;
    }
    return bytes.len == 0 ? NTA_PIECES_SAME : NTA_PIECES_FAR;
}

static void note_twice(struct nta_pieces *pieces, enum nta_pieces_twice twice)
{
    if (twice > pieces->twice)
        pieces->twice = twice;
}

/* ---- the hash ---- */

/** Bytes that begin there, of which some may be hashed already. */
static void hash(struct nta_pieces *pieces, struct nta_pool *blocks, uint64_t at,
                 struct nta_span bytes)
{
    const uint64_t known = pieces->hashed - at;
    const struct nta_span again =
        nta_span_first(bytes, known < bytes.len ? (size_t)known : bytes.len);
    const struct nta_span rest = nta_span_from(bytes, again.len);

    note_twice(pieces, compare(&pieces->tail, at, again));
    if (rest.len == 0)
        return;
    nta_file_hash_put(&pieces->hash, rest);
    pieces->hashed += rest.len;
    copy_to_tail(pieces, blocks, rest);
}

/** What is held and is next now. */
static void drain(struct nta_pieces *pieces, struct nta_pool *blocks)
{
    uint32_t n = 0;

    for (; n < pieces->n && pieces->all[n].begin <= pieces->hashed; n++) {
        uint64_t at = pieces->all[n].begin;

        for (struct nta_piece_block *block = pieces->all[n].first; block; block = block->next) {
            hash(pieces, blocks, at, (struct nta_span){block->bytes, block->len});
            at += block->len;
        }
        free_chain(pieces->all[n].first, blocks);
    }
    if (n == 0)
        return;
    pieces->n -= n;
    memmove(pieces->all, pieces->all + n, pieces->n * sizeof(pieces->all[0]));
}

/** The piece that holds `at` or ends there; else a new one's place, before those behind it. */
static uint32_t place_of(const struct nta_pieces *pieces, uint64_t at, bool *ret_is_new)
{
    uint32_t i = 0;

    while (i < pieces->n && pieces->all[i].begin <= at)
        i++;
    *ret_is_new = i == 0 || pieces->all[i - 1].end < at;
    return *ret_is_new ? i : i - 1;
}

static bool hold(struct nta_pieces *pieces, struct nta_pool *blocks, uint64_t at,
                 struct nta_span bytes)
{
    bool is_new;
    const uint32_t i = place_of(pieces, at, &is_new);
    struct nta_piece *piece = &pieces->all[i];

    if (!is_new) {
        const uint64_t known = piece->end - at;
        const struct nta_span again =
            nta_span_first(bytes, known < bytes.len ? (size_t)known : bytes.len);

        note_twice(pieces, compare(piece, at, again));
        return append(piece, blocks, nta_span_from(bytes, again.len));
    }
    if (pieces->n == NTA_PIECES_MAX)
        return false;
    memmove(piece + 1, piece, (pieces->n - i) * sizeof(*piece));
    *piece = (struct nta_piece){.begin = at, .end = at};
    pieces->n++;
    return append(piece, blocks, bytes);
}

bool nta_pieces_take(struct nta_pieces *pieces, struct nta_pool *blocks, uint64_t at,
                     struct nta_span bytes)
{
    if (bytes.len == 0 || at > UINT64_MAX - bytes.len)
        return true;
    if (at > pieces->hashed)
        return hold(pieces, blocks, at, bytes);
    hash(pieces, blocks, at, bytes);
    drain(pieces, blocks);
    return true;
}

void nta_pieces_sha256(const struct nta_pieces *pieces, uint8_t ret_sha256[32])
{
    struct nta_file_hash copy = pieces->hash;

    nta_file_hash_end(&copy, ret_sha256);
}
