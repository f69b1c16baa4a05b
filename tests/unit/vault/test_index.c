/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/index_kit.h"

static struct index_kit *some(void)
{
    struct index_kit *kit = kit_new();

    for (size_t i = 0; i < 50; i++)
        kit_add(kit, 300, 2000);
    kit_build(kit);
    return kit;
}

static void batches_are_found_by_number_and_link(void **state)
{
    struct index_kit *kit = some();
    uint8_t link[NTA_HASH_LEN];
    size_t at;

    (void)state;
    for (size_t i = 0; i < kit->n_batches; i++) {
        kit_link(kit, i, link);
        assert_int_equal(nta_index_number(&kit->index, i), kit_number(i));
        assert_true(nta_index_find(&kit->index, kit_number(i), link, &at));
        assert_int_equal(at, i);
        assert_false(nta_index_find(&kit->index, kit_number(i) + 1, link, &at));
        link[31] ^= 1;
        assert_false(nta_index_find(&kit->index, kit_number(i), link, &at));
    }
    assert_false(nta_index_find(&kit->index, 0, link, &at));
    assert_false(nta_index_find(&kit->index, UINT64_MAX, link, &at));
    kit_free(kit);
}

static void a_list_that_is_cut_or_goes_on_is_none(void **state)
{
    struct index_kit *kit = some();
    const struct nta_span list = nta_index_table_part(&kit->table, 0);
    struct nta_index index;

    (void)state;
    for (size_t len = 0; len < list.len; len++) {
        uint8_t *copy = malloc(len ? len : 1);

        assert_non_null(copy);
        memcpy(copy, list.ptr, len);
        assert_false(nta_index_read((struct nta_span){.ptr = copy, .len = len}, &index));
        free(copy);
    }
    nta_buf_put_u8(&kit->table.list, 0);
    assert_false(nta_index_read(nta_buf_span(&kit->table.list), &index));
    kit_free(kit);
}

static void a_changed_byte_is_borne_or_refused(void **state)
{
    struct index_kit *kit = some();
    const struct nta_span list = nta_index_table_part(&kit->table, 0),
                          page = nta_index_table_part(&kit->table, 1);
    uint8_t *copy = malloc(list.len), *other = malloc(page.len);
    struct nta_index index;
    struct nta_index_set set;

    (void)state;
    assert_true(copy && other);
    for (size_t i = 0; i < list.len; i++) {
        memcpy(copy, list.ptr, list.len);
        copy[i] ^= 0xff;
        if (nta_index_read((struct nta_span){.ptr = copy, .len = list.len}, &index))
            assert_true(index.n_batches <= NTA_INDEX_BATCHES_MAX);
    }
    for (size_t i = 0; i < page.len; i++) {
        memcpy(other, page.ptr, page.len);
        other[i] ^= 0xff;
        assert_false(
            nta_index_page_is(&kit->index, 0, (struct nta_span){.ptr = other, .len = page.len}));
        (void)nta_index_look_up((struct nta_span){.ptr = other, .len = page.len}, 7, &set);
    }
    free(copy);
    free(other);
    kit_free(kit);
}

static void a_page_that_is_cut_within_a_row_is_none(void **state)
{
    struct index_kit *kit = some();
    const struct nta_span page = nta_index_table_part(&kit->table, 1);
    struct nta_index_set set;
    size_t n_whole = 0;

    (void)state;
    for (size_t len = 0; len < page.len; len++)
        n_whole += nta_index_look_up((struct nta_span){.ptr = page.ptr, .len = len}, 0, &set);
    assert_true(n_whole > 0 && n_whole < page.len / 5);
    assert_false(nta_index_page_is(&kit->index, kit->index.n_pages, page));
    kit_free(kit);
}

/** In its one form: places ascend. */
static void places_that_repeat_or_go_back_are_refused(void **state)
{
    static const uint8_t good[] = {0, 0, 0, 1, 1, 4, 9}, twice[] = {0, 0, 0, 1, 1, 4, 4},
                         back[] = {0, 0, 0, 1, 1, 9, 4}, few[] = {0, 0, 0, 1, 1, 4};
    struct nta_index_set set;

    (void)state;
    assert_true(nta_index_look_up((struct nta_span){good, sizeof(good)}, 1, &set));
    assert_true(nta_index_set_has(&set, 4) && nta_index_set_has(&set, 9));
    assert_false(nta_index_set_has(&set, 5));
    assert_false(nta_index_look_up((struct nta_span){twice, sizeof(twice)}, 1, &set));
    assert_false(nta_index_look_up((struct nta_span){back, sizeof(back)}, 1, &set));
    assert_false(nta_index_look_up((struct nta_span){few, sizeof(few)}, 1, &set));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_found_by_number_and_link),
        cmocka_unit_test(a_list_that_is_cut_or_goes_on_is_none),
        cmocka_unit_test(a_changed_byte_is_borne_or_refused),
        cmocka_unit_test(a_page_that_is_cut_within_a_row_is_none),
        cmocka_unit_test(places_that_repeat_or_go_back_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
