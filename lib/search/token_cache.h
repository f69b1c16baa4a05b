/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A query's tokens, which are others under each data key: made once for each that is met, and kept
 * for the last few.  The walking thread's.  Private to the search.
 */

#include "search/query.h"
#include "search/stores.h"

enum
{
    NTA_TOKENS_KEPT = 16 ///< Data keys: four classes, of a few days.
};

struct nta_token_cache
{
    const struct nta_query *query; ///< Borrowed, as
    struct nta_stores *stores;     ///< are these.
    struct nta_opener *opener;

    /* private */
    struct
    {
        uint8_t id[NTA_DATA_KEY_ID_LEN];
        struct nta_query_tokens tokens;
    } all[NTA_TOKENS_KEPT];

    size_t n, next, last;
};

/**
 * The tokens of what is asked for in batches like that of this header, until the next call; NULL:
 * its data key is not here, so nobody can tell.
 */
const struct nta_query_tokens *nta_token_cache_get(struct nta_token_cache *cache,
                                                   const struct nta_header *header);
