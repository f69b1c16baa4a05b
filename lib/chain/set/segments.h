/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which numbers of one sensor's chain were proved, as stretches in which each header links to the
 * one before.  Private to the judge.
 *
 * They may come in any order: what is missing, or does not follow, is reported at the end, so that
 * a journal fills what another store lacks.  Memory is 8 bytes a batch, and about 120 a stretch.
 */

#include "vault/vault.h"

#include <stddef.h>
#include <stdint.h>

struct nta_segment
{
    uint64_t first, last;
    uint8_t previous[NTA_HASH_LEN]; ///< What the first names.
    uint8_t hash[NTA_HASH_LEN];     ///< What follows the last must name.
    uint64_t *prints;               ///< Owned: the first bytes of each one's hash.
    size_t size;
};

struct nta_segments
{
    struct nta_segment *all; ///< Owned; by `first`, none overlaps another.
    size_t n, size;
    /**
     * Segments that were moved to put others between them: work that a store can choose, so it has
     * an end.
     */
    uint64_t n_moved;
};

/** Free what they own; they are empty afterwards. */
void nta_segments_done(struct nta_segments *segments);

enum nta_put
{
    NTA_PUT_NEW,
    NTA_PUT_SAME,  ///< It was there: the same header with the same signature.
    NTA_PUT_OTHER, ///< Another one has the number.
    NTA_PUT_LOST,  ///< So much is out of order that this one was not put.
    NTA_PUT_FAILED ///< No memory.
};

/** Put one that was proved, whose hash (nta_header_hash()) is `hash`. */
enum nta_put nta_segments_put(struct nta_segments *segments, const struct nta_header *header,
                              const uint8_t hash[NTA_HASH_LEN]);

/** Whether it is there: as put, without putting (NTA_PUT_NEW: it is not). */
enum nta_put nta_segments_find(const struct nta_segments *segments, uint64_t number,
                               const uint8_t hash[NTA_HASH_LEN]);
