/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Data keys that are destroyed are nowhere in the store's files any more: neither in the file nor
 * in its log, in no piece of 16 bytes.
 */

#include "base/own.h"
#include "store/hostile.h"
#include "store/writer.h"

#include <errno.h>

enum
{
    KEYS = 400,     ///< Enough for several pages, and for a root that is taken apart.
    BLOB_MAX = 900, ///< As eight auditors have it.
    PIECE = 16,
};

static size_t make_blob(unsigned i, uint8_t blob[BLOB_MAX])
{
    size_t len = 200 + i * 37 % (BLOB_MAX - 200);

    sample_fill(blob, len, 1000 + i);
    return len;
}

static struct nta_wrapped_key make_key(unsigned i, uint8_t blob[BLOB_MAX])
{
    struct nta_wrapped_key key = {.class = (enum nta_class)(NTA_CLASS_EVIDENCE + i % 4),
                                  .day = 20000 + i / 40,
                                  .blob = {blob, make_blob(i, blob)}};

    memset(key.sensor, i % 5 ? 1 : 2, sizeof(key.sensor));
    memcpy(key.id, &i, sizeof(i));
    key.id[15] = 1;
    return key;
}

/** Those that the tests destroy: the first ones, too, which lay where the table's root is now. */
static bool is_destroyed(const struct nta_wrapped_key *key)
{
    return key->class == NTA_CLASS_WHO && key->day <= 20002 && key->sensor[0] == 1;
}

/** Eight bytes of a file at each place, sorted: a piece of 16 is looked for by its first half. */
static int compare_words(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;

    return (one > two) - (one < two);
}

struct words
{
    uint64_t *all;
    size_t n;
};

static void read_words(struct words *words, const char *path, const char *suffix)
{
    char name[128];
    size_t len = 0;

    (void)snprintf(name, sizeof(name), "%s%s", path, suffix);
    if (access(name, F_OK) != 0)
        return;
    NTA_AUTO_FREE uint8_t *bytes = hostile_read(name, &len);

    if (len < sizeof(uint64_t))
        return;
    words->all = reallocarray(words->all, words->n + len, sizeof(uint64_t));
    assert_non_null(words->all);
    for (size_t at = 0; at + sizeof(uint64_t) <= len; at++)
        memcpy(&words->all[words->n++], bytes + at, sizeof(uint64_t));
}

/** How many of the blob's pieces begin somewhere in the files; their 8 bytes are random. */
static unsigned count_pieces(const struct words *words, struct nta_span blob)
{
    unsigned n = 0;

    for (size_t at = 0; at + PIECE <= blob.len; at++) {
        uint64_t word;

        memcpy(&word, blob.ptr + at, sizeof(word));
        n += bsearch(&word, words->all, words->n, sizeof(word), compare_words) != NULL;
    }
    return n;
}

/** Pieces of destroyed keys, and keys of the others that are not there as a whole. */
static void search_files(struct scene *scene, unsigned *ret_n_pieces, unsigned *ret_n_lacking)
{
    struct words words = {.n = 0};
    uint8_t blob[BLOB_MAX];

    read_words(&words, scene->path, "");
    read_words(&words, scene->path, "-wal");
    read_words(&words, scene->path, "-shm");
    if (!words.all)
        fail_msg("%s cannot be read", scene->path);
    else
        qsort(words.all, words.n, sizeof(*words.all), compare_words);
    *ret_n_pieces = *ret_n_lacking = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        struct nta_wrapped_key key = make_key(i, blob);
        unsigned n = count_pieces(&words, key.blob);

        if (is_destroyed(&key))
            *ret_n_pieces += n;
        else
            *ret_n_lacking += n != key.blob.len - PIECE + 1;
    }
    free(words.all);
}

/** Keys among batches, so that pages of both come and go. */
static void fill(struct scene *scene)
{
    uint8_t blob[BLOB_MAX];

    for (unsigned i = 0; i < KEYS; i++) {
        struct nta_wrapped_key key = make_key(i, blob);

        assert_int_equal(nta_store_put_key(scene->store, &key, &scene->err), 0);
        scene_put_some(scene, i + 1, i + 1, 3000);
        if (i % 100 == 99)
            assert_int_equal(nta_store_forget(scene->store, scene_sensor, i - 3, &scene->err), 0);
    }
}

static int destroy(struct scene *scene, int64_t day)
{
    return nta_store_destroy_key(scene->store, scene_sensor, NTA_CLASS_WHO, day, &scene->err);
}

static void nothing_of_a_destroyed_key_is_left_in_any_file(void **state)
{
    struct scene *scene = *state;
    unsigned n_pieces = 0, n_lacking = 0;

    fill(scene);
    search_files(scene, &n_pieces, &n_lacking);
    assert_true(n_pieces > 1000);
    assert_int_equal(n_lacking, 0);
    for (int64_t day = 20000; day <= 20002; day++)
        assert_int_equal(destroy(scene, day), 0);
    search_files(scene, &n_pieces, &n_lacking);
    assert_int_equal(n_pieces, 0);
    assert_int_equal(n_lacking, 0);
    /* and it stays so when others come, and the store is closed and opened */
    scene_put_some(scene, KEYS + 1, KEYS + 50, 30000);
    nta_store_close(&scene->store);
    search_files(scene, &n_pieces, &n_lacking);
    assert_int_equal(n_pieces, 0);
    assert_int_equal(n_lacking, 0);
}

static int look_at_key(void *owner, const struct nta_stored_key *stored, struct nta_err *err)
{
    unsigned *n_zeros = owner, i;
    uint8_t blob[BLOB_MAX];
    struct nta_span had, has = stored->key.blob;
    bool is_zero = true;

    (void)err;
    memcpy(&i, stored->key.id, sizeof(i));
    had = make_key(i, blob).blob;
    assert_int_equal(stored->faults, 0);
    assert_int_equal(has.len, had.len);
    for (size_t at = 0; at < has.len; at++)
        is_zero &= has.ptr[at] == 0;
    assert_true(is_zero == is_destroyed(&stored->key));
    *n_zeros += is_zero;
    return 0;
}

static void the_rows_stay_with_zeros_as_long_as_the_keys_were(void **state)
{
    struct scene *scene = *state;
    unsigned n_zeros = 0;

    fill(scene);
    for (int64_t day = 20000; day <= 20002; day++)
        assert_int_equal(destroy(scene, day), 0);
    assert_int_equal(destroy(scene, 20002), 0); /* again, and of a day that had none */
    assert_int_equal(destroy(scene, 5), 0);
    assert_int_equal(nta_store_each_key(scene->store, look_at_key, &n_zeros, &scene->err), 0);
    assert_true(n_zeros >= 20 && n_zeros <= 30);
}

static void a_reader_that_holds_the_log_is_told_of(void **state)
{
    struct scene *scene = *state;
    struct nta_store *reader = NULL;
    unsigned n_pieces = 0, n_lacking = 0;

    fill(scene);
    assert_int_equal(nta_store_open_sqlite(scene->path, false, &reader, &scene->err), 0);
    assert_int_equal(nta_store_freeze(reader, &scene->err), 0);
    assert_int_equal(destroy(scene, 20002), -EBUSY);
    assert_non_null(strstr(scene->err.text, "a reader holds the log"));
    nta_store_thaw(reader);
    for (int64_t day = 20000; day <= 20002; day++)
        assert_int_equal(destroy(scene, day), 0);
    search_files(scene, &n_pieces, &n_lacking);
    assert_int_equal(n_pieces, 0);
    nta_store_close(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(nothing_of_a_destroyed_key_is_left_in_any_file),
        TEST(the_rows_stay_with_zeros_as_long_as_the_keys_were),
        TEST(a_reader_that_holds_the_log_is_told_of),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
