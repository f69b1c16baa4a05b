/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/pieces.h"

#include <string.h>

struct nta_piece_block
{
    struct nta_piece_block *next;
    size_t len;
    uint8_t bytes[];
};

enum
{
    SPACE = NTA_PIECE_BLOCK_SIZE - (int)sizeof(struct nta_piece_block)
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

void nta_pieces_drop(struct nta_pieces *pieces, struct nta_pool *blocks)
{
    for (uint32_t i = 0; i < pieces->n; i++)
        free_chain(pieces->all[i].first, blocks);
    pieces->n = 0;
}

/** Bytes that begin there, of which some may be hashed already. */
static void hash(struct nta_pieces *pieces, uint64_t at, struct nta_span bytes)
{
    const uint64_t known = pieces->hashed - at;

    if (known >= bytes.len)
        return;
    const struct nta_span rest = nta_span_from(bytes, (size_t)known);

    nta_file_hash_put(&pieces->hash, rest);
    pieces->hashed += rest.len;
}

/** What is held and is next now. */
static void drain(struct nta_pieces *pieces, struct nta_pool *blocks)
{
    uint32_t n = 0;

    for (; n < pieces->n && pieces->all[n].begin <= pieces->hashed; n++) {
        uint64_t at = pieces->all[n].begin;

        for (struct nta_piece_block *block = pieces->all[n].first; block; block = block->next) {
            hash(pieces, at, (struct nta_span){block->bytes, block->len});
            at += block->len;
        }
        free_chain(pieces->all[n].first, blocks);
    }
    if (n == 0)
        return;
    pieces->n -= n;
    memmove(pieces->all, pieces->all + n, pieces->n * sizeof(pieces->all[0]));
}

/** Append to what the piece holds.  False: no space for all of it. */
static bool append(struct nta_piece *piece, struct nta_pool *blocks, struct nta_span bytes)
{
    while (bytes.len > 0) {
        struct nta_piece_block *block = piece->last;

        if (!block || block->len == SPACE) {
            block = nta_pool_take_part(blocks, sizeof(*block));
            if (!block)
                return false;
            *(piece->last ? &piece->last->next : &piece->first) = block;
            piece->last = block;
        }
        const size_t len = nta_smaller(bytes.len, SPACE - block->len);

        memcpy(block->bytes + block->len, bytes.ptr, len);
        block->len += len;
        piece->end += len;
        bytes = nta_span_from(bytes, len);
    }
    return true;
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

    if (!is_new)
        return append(piece, blocks,
                      nta_span_from(bytes, (size_t)(piece->end - at < bytes.len ? piece->end - at
                                                                                : bytes.len)));
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
    if (bytes.len == 0 || at > UINT64_MAX - bytes.len || at + bytes.len <= pieces->hashed)
        return true;
    if (at > pieces->hashed)
        return hold(pieces, blocks, at, bytes);
    hash(pieces, at, bytes);
    drain(pieces, blocks);
    return true;
}

void nta_pieces_sha256(const struct nta_pieces *pieces, uint8_t ret_sha256[32])
{
    struct nta_file_hash copy = pieces->hash;

    nta_file_hash_end(&copy, ret_sha256);
}
