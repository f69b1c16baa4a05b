/* SPDX-License-Identifier: Apache-2.0 */
#include "search/token_cache.h"

#include <string.h>

/** Behind the one that was asked for last, since batches in a row share a few. */
static bool find(struct nta_token_cache *cache, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    for (size_t i = 0; i < cache->n; i++) {
        size_t at = (cache->last + i) % cache->n;

        if (memcmp(cache->all[at].id, id, NTA_DATA_KEY_ID_LEN) == 0) {
            cache->last = at;
            return true;
        }
    }
    return false;
}

const struct nta_query_tokens *nta_token_cache_get(struct nta_token_cache *cache,
                                                   const struct nta_header *header)
{
    struct nta_wrapped_keys *wrapped = cache->stores->wrapped;

    if (find(cache, header->data_key))
        return &cache->all[cache->last].tokens;
    if (header->version > 1 && !nta_stores_open_key(cache->stores, cache->opener, header))
        return NULL;
    cache->last = cache->next;
    cache->next = (cache->next + 1) % NTA_TOKENS_KEPT;
    if (cache->n < NTA_TOKENS_KEPT)
        cache->n++;
    memcpy(cache->all[cache->last].id, header->data_key, NTA_DATA_KEY_ID_LEN);
    nta_wrapped_keys_lock(wrapped);
    nta_query_make_tokens(cache->query, cache->opener, header, &cache->all[cache->last].tokens);
    nta_wrapped_keys_unlock(wrapped);
    return &cache->all[cache->last].tokens;
}
