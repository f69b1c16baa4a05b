/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Batches with made-up tokens, and an index over them. */

#include "base/hash.h"
#include "base/own.h"
#include "vault/hex.h"
#include "vault/index/builder.h"

#include <endian.h>
#include <stdlib.h>

enum
{
    KIT_BATCHES = 256,
    KIT_TOKENS_MAX = 4000
};

struct index_kit
{
    uint64_t tokens[KIT_BATCHES][KIT_TOKENS_MAX]; ///< Big-endian, sorted.
    size_t n_tokens[KIT_BATCHES], n_batches;
    uint8_t bytes[KIT_BATCHES][4]; ///< Of a header.
    struct nta_index_builder builder;
    struct nta_index_table table;
    struct nta_index index;
};

static inline int kit_compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(uint64_t));
}

/** The token of a value, as good as random. */
static inline uint64_t kit_token(uint64_t value)
{
    static const struct nta_hash_key key = {0};

    return htobe64(nta_hash_bytes(&key, &value, sizeof(value)));
}

static inline void kit_link(struct index_kit *kit, size_t i, uint8_t ret_link[NTA_HASH_LEN])
{
    const struct nta_sealed sealed = {.header = {.ptr = kit->bytes[i], .len = 4}};

    nta_header_hash(&sealed, ret_link);
}

static inline uint64_t kit_number(size_t i)
{
    return 10 + 3 * i;
}

/** One batch more, with the tokens of `n` of `among` values. */
static inline void kit_add(struct index_kit *kit, size_t n, uint64_t among)
{
    const size_t at = kit->n_batches++;
    size_t n_kept = 0;

    assert_true(n <= KIT_TOKENS_MAX && at < KIT_BATCHES);
    for (size_t i = 0; i < n; i++)
        kit->tokens[at][i] = kit_token((uint64_t)rand() % among);
    if (n > 0)
        qsort(kit->tokens[at], n, sizeof(uint64_t), kit_compare);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || kit->tokens[at][i] != kit->tokens[at][n_kept - 1])
            kit->tokens[at][n_kept++] = kit->tokens[at][i];
    kit->n_tokens[at] = n_kept;
    memset(kit->bytes[at], (int)at, sizeof(kit->bytes[at]));
    const struct nta_sealed sealed = {
        .header = {.ptr = kit->bytes[at], .len = 4},
        .tokens = {.ptr = (const uint8_t *)kit->tokens[at], .len = n_kept * NTA_TOKEN_LEN},
    };
    const struct nta_header header = {.class = NTA_CLASS_TRAFFIC,
                                      .number = kit_number(at),
                                      .sealed_ns = -1, /* the last moment of day -1 */
                                      .data_key = {1, 2, 3}};

    assert_int_equal(nta_index_builder_add(&kit->builder, &sealed, &header), 0);
}

/** Its index, read again. */
static inline void kit_build(struct index_kit *kit)
{
    assert_int_equal(nta_index_build(&kit->builder, &kit->table), 0);
    assert_true(nta_index_read(nta_index_table_part(&kit->table, 0), &kit->index));
    assert_true(nta_hash_is(nta_index_table_part(&kit->table, 0), kit->table.hash));
    assert_int_equal(kit->table.n_parts, kit->index.n_pages + 1);
}

static inline bool kit_has(const struct index_kit *kit, size_t i, uint64_t token)
{
    return kit->n_tokens[i] > 0 &&
           bsearch(&token, kit->tokens[i], kit->n_tokens[i], sizeof(uint64_t), kit_compare) != NULL;
}

/** Which batches the index says have this token. */
static inline struct nta_index_set kit_look_up(const struct index_kit *kit, uint64_t token)
{
    const uint32_t prefix = nta_index_prefix((const uint8_t *)&token);
    struct nta_index_set set = {{0}};
    size_t page;

    if (nta_index_page_of(&kit->index, prefix, &page)) {
        const struct nta_span bytes = nta_index_table_part(&kit->table, 1 + page);

        assert_true(nta_index_page_is(&kit->index, page, bytes));
        assert_true(nta_index_look_up(bytes, prefix, &set));
    }
    return set;
}

static inline struct index_kit *kit_new(void)
{
    struct index_kit *kit = calloc(1, sizeof(*kit));

    assert_non_null(kit);
    return kit;
}

static inline void kit_free(struct index_kit *kit)
{
    nta_index_builder_done(&kit->builder);
    nta_index_table_done(&kit->table);
    free(kit);
}
