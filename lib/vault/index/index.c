/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/index/index.h"

#include "vault/index/layout.h"

#include <string.h>

/** Numbers, or what pages begin with, ascend. */
static bool ascends(struct nta_span entries, size_t len, size_t len_key)
{
    for (size_t at = len; at < entries.len; at += len) {
        if (memcmp(entries.ptr + at - len, entries.ptr + at, len_key) >= 0)
            return false;
    }
    return true;
}

bool nta_index_read(struct nta_span list, struct nta_index *ret_index)
{
    struct nta_reader r = nta_reader_of(list.ptr, list.len);
    struct nta_index index = {.n_batches = 0};
    const unsigned version = nta_read_u8(&r), class = nta_read_u8(&r);

    index.class = (enum nta_class) class;
    index.day = (int32_t)nta_read_be32(&r);
    const struct nta_span key = nta_read_span(&r, NTA_DATA_KEY_ID_LEN);

    index.n_batches = nta_read_be16(&r);
    index.n_pages = nta_read_be16(&r);
    if (!nta_reader_ok(&r) || version != NTA_INDEX_VERSION || class < NTA_CLASS_EVIDENCE ||
        class > NTA_CLASS_LOG || index.n_batches == 0 || index.n_batches > NTA_INDEX_BATCHES_MAX ||
        index.n_pages > NTA_INDEX_PAGES_MAX)
        return false;
    memcpy(index.data_key, key.ptr, NTA_DATA_KEY_ID_LEN);
    index.batches = nta_read_span(&r, index.n_batches * NTA_INDEX_BATCH_LEN);
    index.pages = nta_read_span(&r, index.n_pages * NTA_INDEX_ENTRY_LEN);
    if (!nta_reader_done(&r) || !ascends(index.batches, NTA_INDEX_BATCH_LEN, sizeof(uint64_t)) ||
        !ascends(index.pages, NTA_INDEX_ENTRY_LEN, NTA_INDEX_PREFIX_LEN))
        return false;
    *ret_index = index;
    return true;
}

uint64_t nta_index_number(const struct nta_index *index, size_t i)
{
    struct nta_reader r =
        nta_reader_of(index->batches.ptr + i * NTA_INDEX_BATCH_LEN, NTA_INDEX_BATCH_LEN);

    return nta_read_be64(&r);
}

/** How many entries have a key up to this one; both begin with it. */
static size_t n_up_to(struct nta_span entries, size_t len, const uint8_t *key, size_t len_key)
{
    size_t low = 0, high = entries.len / len;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (memcmp(entries.ptr + middle * len, key, len_key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool nta_index_find(const struct nta_index *index, uint64_t number,
                    const uint8_t link[NTA_HASH_LEN], size_t *ret_i)
{
    const uint64_t number_be = htobe64(number);
    uint8_t entry[NTA_INDEX_BATCH_LEN];

    memcpy(entry, &number_be, sizeof(number_be));
    memcpy(entry + sizeof(number_be), link, NTA_HASH_LEN);
    const size_t n = n_up_to(index->batches, sizeof(entry), entry, sizeof(number_be));

    if (n == 0 || memcmp(index->batches.ptr + (n - 1) * sizeof(entry), entry, sizeof(entry)) != 0)
        return false;
    *ret_i = n - 1;
    return true;
}

uint32_t nta_index_prefix(const uint8_t token[NTA_TOKEN_LEN])
{
    struct nta_reader r = nta_reader_of(token, NTA_TOKEN_LEN);

    return nta_read_be32(&r);
}

bool nta_index_page_of(const struct nta_index *index, uint32_t prefix, size_t *ret_page)
{
    const uint32_t prefix_be = htobe32(prefix);
    const size_t n =
        n_up_to(index->pages, NTA_INDEX_ENTRY_LEN, (const uint8_t *)&prefix_be, sizeof(prefix_be));

    if (n == 0)
        return false;
    *ret_page = n - 1;
    return true;
}

bool nta_index_page_is(const struct nta_index *index, size_t page, struct nta_span bytes)
{
    return page < index->n_pages &&
           nta_hash_is(bytes, index->pages.ptr + page * NTA_INDEX_ENTRY_LEN + NTA_INDEX_PREFIX_LEN);
}

/** Their places one by one, which ascend. */
static void read_places(struct nta_reader *page, size_t n, struct nta_index_set *set)
{
    int last = -1;

    for (size_t i = 0; i < n; i++) {
        const uint8_t place = nta_read_u8(page);

        if (place <= last)
            nta_reader_fail(page);
        last = place;
        nta_index_set_put(set, place);
    }
}

bool nta_index_next(struct nta_reader *page, struct nta_index_row *ret_row)
{
    struct nta_index_row row = {.prefix = 0};

    if (nta_reader_left(page) == 0)
        return false;
    row.prefix = nta_read_be32(page);
    const size_t n = (size_t)nta_read_u8(page) + 1;

    if (n <= NTA_INDEX_PLACES_MAX) {
        read_places(page, n, &row.set);
    } else {
        const struct nta_span bits = nta_read_span(page, sizeof(row.set.bits));

        if (bits.len)
            memcpy(row.set.bits, bits.ptr, sizeof(row.set.bits));
    }
    if (!nta_reader_ok(page))
        return false;
    *ret_row = row;
    return true;
}

bool nta_index_look_up(struct nta_span page, uint32_t prefix, struct nta_index_set *ret_set)
{
    struct nta_reader r = nta_reader_of(page.ptr, page.len);
    struct nta_index_row row;

    *ret_set = (struct nta_index_set){{0}};
    while (nta_index_next(&r, &row)) {
        if (row.prefix == prefix)
            *ret_set = row.set;
    }
    return nta_reader_done(&r);
}
