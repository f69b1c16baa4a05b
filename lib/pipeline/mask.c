/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of one direction laid out as the stream they are, read (mask_text.c), and masked. */
#include "pipeline/mask.h"

#include <string.h>

void nta_mask_all(struct nta_mask_piece *piece)
{
    memset(piece->bytes, 'x', piece->len);
    piece->masked = piece->len;
}

static int32_t ahead(const struct nta_mask_piece *a, const struct nta_mask_piece *b)
{
    return (int32_t)(a->seq - b->seq);
}

/** By sequence number; equal ones in the order in which they came.  Nearly sorted as they come. */
static void sort(uint32_t *order, const struct nta_mask_piece *pieces, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;

        for (; at > 0 && ahead(&pieces[order[at - 1]], &pieces[i]) > 0; at--)
            order[at] = order[at - 1];
        order[at] = (uint32_t)i;
    }
}

/** As a place: this piece does not lie in the stream. */
#define MASK_WHOLE UINT32_MAX

/** Bytes without a hole, in the stream from `base` on. */
struct run
{
    uint32_t seq;
    size_t base, len;
};

/** Lay a piece behind or over what is there.  False: it contradicts that. */
static bool lay(struct nta_mask *mask, struct run *run, const struct nta_mask_piece *piece,
                uint32_t *ret_at)
{
    size_t from = piece->seq - run->seq;
    size_t known = run->len - from < piece->len ? run->len - from : piece->len;

    if (memcmp(mask->stream + run->base + from, piece->bytes, known) != 0)
        return false;
    memcpy(mask->stream + run->base + run->len, piece->bytes + known, piece->len - known);
    run->len += piece->len - known;
    *ret_at = (uint32_t)(run->base + from);
    return true;
}

static void read_run(struct nta_mask *mask, struct nta_mask_scan *scan, const struct run *run)
{
    if (run->len == 0)
        return;
    scan->bytes = mask->stream + run->base;
    scan->secret = mask->secret + run->base;
    scan->len = run->len;
    memset(scan->secret, 0, run->len);
    scan->at = 0;
    scan->starts_stream = scan->options->from_start && run->seq == scan->options->first_seq;
    nta_mask_run(scan, scan->starts_stream);
}

static size_t apply(const struct nta_mask *mask, struct nta_mask_piece *pieces, size_t n)
{
    size_t n_masked = 0;

    for (size_t i = 0; i < n; i++) {
        struct nta_mask_piece *piece = &pieces[i];

        piece->masked = 0;
        for (uint32_t k = 0; mask->at[i] != MASK_WHOLE && k < piece->len; k++) {
            if (!mask->secret[mask->at[i] + k])
                continue;
            piece->bytes[k] = 'x';
            piece->masked++;
        }
        if (mask->at[i] == MASK_WHOLE)
            nta_mask_all(piece);
        n_masked += piece->masked;
    }
    return n_masked;
}

size_t nta_mask_stream(struct nta_mask *mask, const struct nta_mask_options *options,
                       struct nta_mask_piece *pieces, size_t n_pieces)
{
    struct nta_mask_scan scan = {.options = options};
    struct run run = {0};
    size_t n = n_pieces < NTA_MASK_PIECES ? n_pieces : NTA_MASK_PIECES;
    size_t n_masked = 0;

    sort(mask->order, pieces, n);
    for (size_t i = 0; i < n; i++) {
        const struct nta_mask_piece *piece = &pieces[mask->order[i]];
        uint32_t *at = &mask->at[mask->order[i]];

        *at = MASK_WHOLE;
        if (piece->len > NTA_MASK_BYTES - run.base - run.len)
            continue;
        if (run.len == 0 || piece->seq - run.seq > run.len) {
            read_run(mask, &scan, &run);
            run = (struct run){.seq = piece->seq, .base = run.base + run.len};
        }
        (void)lay(mask, &run, piece, at);
    }
    read_run(mask, &scan, &run);
    n_masked = apply(mask, pieces, n);
    for (size_t i = n; i < n_pieces; i++) {
        nta_mask_all(&pieces[i]);
        n_masked += pieces[i].masked;
    }
    return n_masked;
}
