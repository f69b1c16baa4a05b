/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/index_kit.h"

#include <errno.h>

/** Of every value that any batch may have, and of some that none has. */
static void check_all(struct index_kit *kit, uint64_t among)
{
    size_t n_more = 0;

    for (uint64_t value = 0; value < among + 100; value++) {
        const uint64_t token = kit_token(value);
        const struct nta_index_set set = kit_look_up(kit, token);

        for (size_t i = 0; i < kit->n_batches; i++) {
            if (kit_has(kit, i, token))
                assert_true(nta_index_set_has(&set, i));
            else
                n_more += nta_index_set_has(&set, i);
        }
    }
    /* tokens that begin alike are rare */
    assert_true(n_more <= kit->n_batches / 8);
}

static void every_token_of_every_batch_is_found_and_no_other(void **state)
{
    static const struct
    {
        size_t n_batches, n_tokens;
        uint64_t among;
    } rows[] = {{1, 0, 1},   {1, 1, 1},      {3, 5, 4},     {256, 40, 60},     {256, 1, 1},
                {256, 0, 1}, {33, 200, 200}, {32, 300, 20}, {20, 4000, 30000}, {256, 1000, 3000}};

    (void)state;
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        struct index_kit *kit = kit_new();

        for (size_t k = 0; k < rows[i].n_batches; k++)
            kit_add(kit, rows[i].n_tokens, rows[i].among);
        kit_build(kit);
        assert_int_equal(kit->index.n_batches, rows[i].n_batches);
        assert_int_equal(kit->index.day, -1);
        assert_int_equal(kit->index.class, NTA_CLASS_TRAFFIC);
        check_all(kit, rows[i].among);
        kit_free(kit);
    }
}

static void pages_have_their_bound_and_rows_their_order(void **state)
{
    struct index_kit *kit = kit_new();
    uint32_t last = 0;
    size_t n_rows = 0;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        kit_add(kit, 2000, 40000);
    kit_build(kit);
    assert_true(kit->index.n_pages > 10);
    for (size_t i = 1; i < kit->table.n_parts; i++) {
        const struct nta_span page = nta_index_table_part(&kit->table, i);
        struct nta_reader r = nta_reader_of(page.ptr, page.len);
        struct nta_index_row row;

        assert_true(page.len <= NTA_INDEX_PAGE_MAX);
        for (; nta_index_next(&r, &row); n_rows++) {
            assert_true(n_rows == 0 || row.prefix > last);
            last = row.prefix;
        }
        assert_true(nta_reader_done(&r));
    }
    assert_true(n_rows > 39000 && n_rows <= 40000);
    kit_free(kit);
}

static void an_index_is_the_same_when_it_is_made_again(void **state)
{
    struct index_kit *kit = kit_new();
    uint8_t hash[NTA_HASH_LEN];

    (void)state;
    for (size_t i = 0; i < 40; i++)
        kit_add(kit, 500, 3000);
    kit_build(kit);
    memcpy(hash, kit->table.hash, sizeof(hash));
    kit_build(kit);
    assert_memory_equal(hash, kit->table.hash, sizeof(hash));
    kit_add(kit, 1, 1);
    kit_build(kit);
    assert_memory_not_equal(hash, kit->table.hash, sizeof(hash));
    nta_index_builder_clear(&kit->builder);
    assert_int_equal(kit->builder.n_batches, 0);
    kit_free(kit);
}

/** Of the most tokens that a store reads of a batch, by some rule. */
enum many
{
    MANY_SORTED,
    MANY_ALIKE,
    MANY_BACKWARDS, ///< As no sensor has them.
    MANY_RULES
};

static const size_t n_many = (8 << 20) / NTA_TOKEN_LEN;

static void fill_many(uint8_t (*tokens)[NTA_TOKEN_LEN], enum many rule)
{
    for (size_t i = 0; i < n_many; i++) {
        const uint64_t value = rule == MANY_ALIKE    ? 7
                               : rule == MANY_SORTED ? (uint64_t)i << 44
                                                     : (uint64_t)(n_many - i) << 44;
        const uint64_t value_be = htobe64(value);

        memcpy(tokens[i], &value_be, NTA_TOKEN_LEN);
    }
}

/** As many as go in, and one batch more, which empties it. */
static void fill_up(struct nta_index_builder *builder, struct nta_span tokens)
{
    const struct nta_sealed sealed = {.header = tokens, .tokens = tokens};
    struct nta_header header = {.class = NTA_CLASS_TRAFFIC, .number = 1};

    while (builder->n_tokens + n_many <= NTA_INDEX_TOKENS_MAX) {
        assert_int_equal(nta_index_builder_add(builder, &sealed, &header), 0);
        header.number++;
    }
}

static void more_tokens_than_the_bound_are_not_held(void **state)
{
    uint8_t(*tokens)[NTA_TOKEN_LEN] = calloc(n_many, NTA_TOKEN_LEN);
    struct nta_index_builder *builder = calloc(1, sizeof(*builder));
    struct nta_index_table table = {.n_parts = 0};

    (void)state;
    assert_true(tokens && builder);
    const struct nta_span span = {tokens[0], n_many * NTA_TOKEN_LEN};
    const struct nta_sealed sealed = {.header = span, .tokens = span};
    const struct nta_header header = {.class = NTA_CLASS_TRAFFIC, .number = 9};

    for (enum many rule = 0; rule < MANY_RULES; rule++) {
        fill_many(tokens, rule);
        fill_up(builder, span);
        assert_int_equal(builder->n_batches, 3);
        assert_int_equal(nta_index_build(builder, &table), 0);
        assert_in_range(table.n_parts, 2, NTA_INDEX_PAGES_MAX + 1);
        assert_true(table.pages.len <= (size_t)NTA_INDEX_TOKENS_MAX * 6);
        assert_int_equal(nta_index_builder_add(builder, &sealed, &header), -E2BIG);
        assert_int_equal(builder->n_batches, 0);
        assert_int_equal(builder->n_tokens, 0);
        assert_int_equal(builder->prefixes.size, 0);
    }
    nta_index_table_done(&table);
    nta_index_builder_done(builder);
    free(builder);
    free(tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_token_of_every_batch_is_found_and_no_other),
        cmocka_unit_test(pages_have_their_bound_and_rows_their_order),
        cmocka_unit_test(an_index_is_the_same_when_it_is_made_again),
        cmocka_unit_test(more_tokens_than_the_bound_are_not_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
