/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each batch's tokens are sorted.  They are merged slice by slice of what tokens begin with: a
 * slice is so wide that going through the batches costs little, and its tokens are parted once
 * more, into buckets of a few, which are put in order where they are.
 */
#include "vault/index/builder.h"

#include "base/own.h"
#include "vault/index/layout.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SLICE_TOKENS = 1024, ///< About so many in a slice,
    SLICE_BITS_MAX = 20,
    BUCKET_BITS = 7, ///< and 8 in a bucket of it.
    N_BUCKETS = 1 << BUCKET_BITS,
    FEW = 64,
    PLACE_BITS = 8 ///< A pair is a token's beginning, and the place of its batch.
};

void nta_index_builder_done(struct nta_index_builder *builder)
{
    nta_buf_done(&builder->prefixes);
    builder->n_batches = builder->n_tokens = 0;
}

void nta_index_builder_clear(struct nta_index_builder *builder)
{
    nta_index_builder_done(builder);
}

int nta_index_builder_add(struct nta_index_builder *builder, const struct nta_sealed *sealed,
                          const struct nta_header *header)
{
    const size_t n = sealed->tokens.len / NTA_TOKEN_LEN, at = builder->n_batches;
    const bool is_too_many = n > NTA_INDEX_TOKENS_MAX - builder->n_tokens;
    uint8_t *out = is_too_many ? NULL : nta_buf_reserve(&builder->prefixes, n * sizeof(uint32_t));

    assert(at < NTA_INDEX_BATCHES_MAX);
    if (!out && n > 0) {
        nta_index_builder_clear(builder);
        return is_too_many ? -E2BIG : -ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t prefix = nta_index_prefix(sealed->tokens.ptr + i * NTA_TOKEN_LEN);

        memcpy(out + i * sizeof(prefix), &prefix, sizeof(prefix));
    }
    builder->prefixes.len += n * sizeof(uint32_t);
    builder->n_tokens += n;
    builder->ends[at] = (uint32_t)builder->n_tokens;
    builder->numbers[at] = header->number;
    nta_header_hash(sealed, builder->links[at]);
    if (at == 0) {
        builder->class = header->class;
        builder->day = nta_day_of(header->sealed_ns);
        memcpy(builder->data_key, header->data_key, sizeof(builder->data_key));
    }
    builder->n_batches++;
    return 0;
}

/* ---- the table ---- */

void nta_index_table_done(struct nta_index_table *table)
{
    nta_buf_done(&table->list);
    nta_buf_done(&table->pages);
    nta_buf_done(&table->ends);
    table->n_parts = 0;
}

static size_t end_of(const struct nta_index_table *table, size_t page)
{
    uint32_t end;

    memcpy(&end, table->ends.ptr + page * sizeof(end), sizeof(end));
    return end;
}

struct nta_span nta_index_table_part(const struct nta_index_table *table, size_t i)
{
    if (i == 0)
        return nta_buf_span(&table->list);
    const size_t from = i > 1 ? end_of(table, i - 2) : 0;

    return (struct nta_span){.ptr = table->pages.ptr + from, .len = end_of(table, i - 1) - from};
}

static void put_be32(struct nta_buf *out, uint32_t number)
{
    const uint32_t number_be = htobe32(number);

    nta_buf_put(out, &number_be, sizeof(number_be));
}

static void put_be16(struct nta_buf *out, size_t number)
{
    const uint16_t number_be = htobe16((uint16_t)number);

    nta_buf_put(out, &number_be, sizeof(number_be));
}

/** The pages being filled: what each begins with, and the one that is open. */
struct filling
{
    struct nta_index_table *table;
    struct nta_buf firsts; ///< uint32_t each.
    size_t page_from;      ///< Where the open page begins.
};

static void end_page(struct filling *filling)
{
    const uint32_t end = (uint32_t)filling->table->pages.len;

    if (end > filling->page_from)
        nta_buf_put(&filling->table->ends, &end, sizeof(end));
    filling->page_from = end;
}

/** A row of the pairs of one token's beginning. */
static void put_row(struct filling *filling, const uint64_t *pairs, size_t n)
{
    const uint32_t prefix = (uint32_t)(pairs[0] >> PLACE_BITS);
    const size_t len =
        NTA_INDEX_PREFIX_LEN + 1 + (n <= NTA_INDEX_PLACES_MAX ? n : sizeof(struct nta_index_set));
    struct nta_buf *out = &filling->table->pages;
    struct nta_index_set set = {{0}};

    if (out->len - filling->page_from + len > NTA_INDEX_PAGE_MAX)
        end_page(filling);
    if (out->len == filling->page_from)
        nta_buf_put(&filling->firsts, &prefix, sizeof(prefix));
    put_be32(out, prefix);
    nta_buf_put_u8(out, (uint8_t)(n - 1));
    for (size_t i = 0; i < n; i++) {
        const uint8_t place = (uint8_t)pairs[i];

        if (n <= NTA_INDEX_PLACES_MAX)
            nta_buf_put_u8(out, place);
        nta_index_set_put(&set, place);
    }
    if (n > NTA_INDEX_PLACES_MAX)
        nta_buf_put(out, set.bits, sizeof(set.bits));
}

static int compare_pairs(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

    return (one > two) - (one < two);
}

/** A few are quicker put in order one by one. */
static void sort_pairs(uint64_t *pairs, size_t n)
{
    if (n > FEW) {
        qsort(pairs, n, sizeof(*pairs), compare_pairs);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const uint64_t pair = pairs[i];
        size_t at = i;

        for (; at > 0 && pairs[at - 1] > pair; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = pair;
    }
}

/** The rows of a slice, in order; two tokens of one batch may begin alike. */
static void put_slice(struct filling *filling, uint64_t *pairs, size_t n)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (i == 0 || pairs[i] != pairs[n_kept - 1])
            pairs[n_kept++] = pairs[i];
    }
    for (size_t from = 0, to; from < n_kept; from = to) {
        to = from + 1;
        while (to < n_kept && pairs[to] >> PLACE_BITS == pairs[from] >> PLACE_BITS)
            to++;
        put_row(filling, pairs + from, to - from);
    }
}

/** What is merged: where each batch's tokens go on. */
struct merging
{
    const struct nta_index_builder *builder;
    uint32_t next[NTA_INDEX_BATCHES_MAX];
    unsigned bits; ///< That all tokens of a slice have alike.
    struct nta_buf pairs, sorted;
};

/** All up to a last one of what tokens begin with, batch by batch. */
static size_t gather(struct merging *merging, uint32_t last)
{
    const struct nta_index_builder *builder = merging->builder;

    nta_buf_clear(&merging->pairs);
    for (size_t i = 0; i < builder->n_batches; i++) {
        for (; merging->next[i] < builder->ends[i]; merging->next[i]++) {
            uint32_t prefix;

            memcpy(&prefix, builder->prefixes.ptr + merging->next[i] * sizeof(prefix),
                   sizeof(prefix));
            if (prefix > last)
                break;
            const uint64_t pair = (uint64_t)prefix << PLACE_BITS | i;

            nta_buf_put(&merging->pairs, &pair, sizeof(pair));
        }
    }
    return merging->pairs.len / sizeof(uint64_t);
}

/** The pairs of a slice in their order; NULL: there is no memory. */
static uint64_t *sort_slice(struct merging *merging, size_t n)
{
    const unsigned shift = PLACE_BITS + 32 - merging->bits - BUCKET_BITS;
    const uint64_t *pairs = (const uint64_t *)(const void *)merging->pairs.ptr; /* from malloc, */
    uint64_t *sorted = NULL;                                                    /* so aligned */
    size_t ends[N_BUCKETS + 1] = {0};

    nta_buf_clear(&merging->sorted);
    sorted = (uint64_t *)(void *)nta_buf_reserve(&merging->sorted, n * sizeof(*sorted));
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < n; i++)
        ends[(pairs[i] >> shift) % N_BUCKETS + 1]++;
    for (size_t i = 1; i <= N_BUCKETS; i++)
        ends[i] += ends[i - 1];
    for (size_t i = 0; i < n; i++) /* each begins where the one before it ends, and moves on */
        sorted[ends[(pairs[i] >> shift) % N_BUCKETS]++] = pairs[i];
    for (size_t i = 0, from = 0; i < N_BUCKETS; from = ends[i++])
        sort_pairs(sorted + from, ends[i] - from);
    return sorted;
}

static int fill(struct filling *filling, const struct nta_index_builder *builder)
{
    struct merging merging = {.builder = builder};
    bool is_failed = false;

    while (merging.bits < SLICE_BITS_MAX && builder->n_tokens >> merging.bits > SLICE_TOKENS)
        merging.bits++;
    for (size_t i = 1; i < builder->n_batches; i++)
        merging.next[i] = builder->ends[i - 1];
    for (uint64_t slice = 1; slice <= UINT64_C(1) << merging.bits; slice++) {
        const size_t n = gather(&merging, (uint32_t)((slice << (32 - merging.bits)) - 1));
        uint64_t *sorted = n > 0 ? sort_slice(&merging, n) : NULL;

        if (sorted)
            put_slice(filling, sorted, n);
        is_failed = is_failed || (n > 0 && !sorted);
    }
    end_page(filling);
    is_failed = is_failed || merging.pairs.failed || filling->table->pages.failed ||
                filling->table->ends.failed || filling->firsts.failed;
    nta_buf_done(&merging.pairs);
    nta_buf_done(&merging.sorted);
    return is_failed ? -ENOMEM : 0;
}

static void put_list(const struct filling *filling, const struct nta_index_builder *builder)
{
    struct nta_index_table *table = filling->table;
    struct nta_buf *out = &table->list;

    nta_buf_put_u8(out, NTA_INDEX_VERSION);
    nta_buf_put_u8(out, (uint8_t)builder->class);
    put_be32(out, (uint32_t)builder->day);
    nta_buf_put(out, builder->data_key, sizeof(builder->data_key));
    put_be16(out, builder->n_batches);
    put_be16(out, table->n_parts - 1);
    for (size_t i = 0; i < builder->n_batches; i++) {
        const uint64_t number_be = htobe64(builder->numbers[i]);

        nta_buf_put(out, &number_be, sizeof(number_be));
        nta_buf_put(out, builder->links[i], NTA_HASH_LEN);
    }
    for (size_t i = 1; i < table->n_parts; i++) {
        uint8_t hash[NTA_HASH_LEN];
        uint32_t first;

        memcpy(&first, filling->firsts.ptr + (i - 1) * sizeof(first), sizeof(first));
        nta_hash_of(nta_index_table_part(table, i), hash);
        put_be32(out, first);
        nta_buf_put(out, hash, sizeof(hash));
    }
}

int nta_index_build(const struct nta_index_builder *builder, struct nta_index_table *table)
{
    struct filling filling = {.table = table};

    assert(builder->n_batches > 0);
    nta_index_table_done(table);
    int r = fill(&filling, builder);

    table->class = builder->class;
    table->day = builder->day;
    table->n_parts = 1 + table->ends.len / sizeof(uint32_t);
    if (r == 0)
        put_list(&filling, builder);
    nta_buf_done(&filling.firsts);
    if (r < 0 || table->list.failed) {
        nta_index_table_done(table);
        return -ENOMEM;
    }
    nta_hash_of(nta_buf_span(&table->list), table->hash);
    return 0;
}
