/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/hostile.h"
#include "store/walk.h"

#include <errno.h>

enum
{
    MANY = 2000,
    PAGE = 16384,
    LEAF = 700, ///< More rows than a page holds.
};

/** A store with many small batches: its bytes, made once. */
static uint8_t *many;
static size_t many_len;

/** A copy of it. */
static uint8_t *make_many(struct scene *scene, size_t *ret_len)
{
    uint8_t *copy;

    if (!many) {
        scene_put_some(scene, 1, MANY, 40);
        nta_store_close(&scene->store);
        hostile_sql(scene, "PRAGMA wal_checkpoint(TRUNCATE)");
        many = hostile_read(scene->path, &many_len);
    }
    nta_store_close(&scene->store);
    for (const char *const *suffix = (const char *const[]){"", "-wal", "-shm", NULL}; *suffix;
         suffix++) {
        char name[128];

        (void)snprintf(name, sizeof(name), "%s%s", scene->path, *suffix);
        (void)unlink(name);
    }
    copy = malloc(many_len);
    assert_non_null(copy);
    memcpy(copy, many, many_len);
    hostile_write(scene->path, copy, many_len);
    *ret_len = many_len;
    return copy;
}

static int free_many(void **state)
{
    (void)state;
    free(many);
    return 0;
}

/** Walk the store as it is now; what nta_store_each() gave, or opening it. */
static int walk(struct scene *scene)
{
    int result = nta_store_open_sqlite(scene->path, false, &scene->store, &scene->err);

    scene->seen = (struct sample_seen){0};
    if (result == 0)
        result = nta_store_each(scene->store, &(struct nta_store_query){0}, sample_collect,
                                &scene->seen, &scene->err);
    nta_store_close(&scene->store);
    return result;
}

static void a_damaged_page_costs_what_is_on_it(void **state)
{
    struct scene *scene = *state;
    size_t len = 0;
    NTA_AUTO_FREE uint8_t *bytes = make_many(scene, &len);
    unsigned n_pages = 0, n_all = 0, n_most = 0, n_less = 0;
    uint8_t kept[PAGE];

    assert_int_equal(walk(scene), 0);
    assert_int_equal(scene->seen.n, MANY);
    for (size_t at = PAGE; at < len; at += (size_t)PAGE * 5, n_pages++) {
        memcpy(kept, bytes + at, PAGE);
        memset(bytes + at, 0xff, PAGE);
        hostile_write(scene->path, bytes, len);
        memcpy(bytes + at, kept, PAGE);
        int result = walk(scene);

        assert_true(result == 0 || result == -EIO);
        assert_true(scene->seen.n <= MANY);
        /* a page of contents: all rows are given, and those on it are marked */
        n_all += scene->seen.n == MANY;
        n_most += scene->seen.n < MANY && scene->seen.n >= MANY - LEAF && result == -EIO;
        n_less += scene->seen.n < MANY - LEAF;
        if (scene->seen.n_faulty)
            assert_int_equal(result, -EIO);
    }
    assert_true(n_pages > 40);
    assert_int_equal(n_all + n_most + n_less, n_pages); /* less than all is always said */
    assert_true(n_less <= 3);                           /* a root takes all below it along */
    assert_true(n_all > n_pages / 2);
}

static void each_leaf_of_the_key_costs_its_rows(void **state)
{
    struct scene *scene = *state;
    size_t len = 0;
    NTA_AUTO_FREE uint8_t *bytes = make_many(scene, &len);
    unsigned n_leaves = 0;
    uint8_t kept[PAGE];

    for (size_t at = PAGE; at < len; at += PAGE) {
        if (bytes[at] != 0x0a) /* a leaf of an index, as tables WITHOUT ROWID are */
            continue;
        memcpy(kept, bytes + at, PAGE);
        memset(bytes + at, 0, PAGE);
        hostile_write(scene->path, bytes, len);
        memcpy(bytes + at, kept, PAGE);
        int result = walk(scene);

        if (scene->seen.n < MANY - LEAF)
            fail_msg("page %d: %d rows, %d, %s", (int)(at / PAGE), (int)scene->seen.n, result,
                     scene->err.text);
        if (scene->seen.n < MANY) {
            n_leaves++;
            assert_int_equal(result, -EIO);
            assert_non_null(strstr(scene->err.text, "damaged"));
        }
    }
    assert_true(n_leaves >= 3);
}

static void a_file_cut_short_gives_what_is_left(void **state)
{
    struct scene *scene = *state;
    size_t len = 0;
    NTA_AUTO_FREE uint8_t *bytes = make_many(scene, &len);
    uint64_t most = 0;

    for (size_t part = 0; part < 32; part++) {
        hostile_write(scene->path, bytes, len * part / 32 + part % 3);
        int result = walk(scene);

        assert_true(result < 0);
        if (scene->seen.n > most)
            most = scene->seen.n;
    }
    assert_true(most > MANY / 2);
}

static void garbage_behind_the_end_changes_nothing(void **state)
{
    struct scene *scene = *state;
    size_t len = 0;
    NTA_AUTO_FREE uint8_t *bytes = make_many(scene, &len);
    NTA_AUTO_FREE uint8_t *more = malloc(len + 100000);

    assert_non_null(more);
    memcpy(more, bytes, len);
    sample_fill(more + len, 100000, 5);
    hostile_write(scene->path, more, len + 100000);
    assert_int_equal(walk(scene), 0);
    assert_int_equal(scene->seen.n, MANY);
    assert_int_equal(scene->seen.n_faulty, 0);
}

static void any_bytes_changed_end_in_an_answer(void **state)
{
    struct scene *scene = *state;
    size_t len = 0;
    NTA_AUTO_FREE uint8_t *bytes = make_many(scene, &len);
    NTA_AUTO_FREE uint8_t *copy = malloc(len);
    uint64_t random = 42;

    assert_non_null(copy);
    for (int round = 0; round < 60; round++) {
        memcpy(copy, bytes, len);
        for (int i = 0; i < 40; i++) {
            size_t at = sample_random(&random) % len;

            if (round % 2) /* heads of pages, where structure is */
                at = at / PAGE * PAGE + at % 32;
            copy[at < 100 ? at + 100 : at] ^= (uint8_t)(sample_random(&random) | 1);
        }
        hostile_write(scene->path, copy, len);
        (void)walk(scene);
        assert_true(scene->seen.n <= (uint64_t)2 * MANY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_damaged_page_costs_what_is_on_it),  TEST(each_leaf_of_the_key_costs_its_rows),
        TEST(a_file_cut_short_gives_what_is_left), TEST(garbage_behind_the_end_changes_nothing),
        TEST(any_bytes_changed_end_in_an_answer),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, free_many);
}
