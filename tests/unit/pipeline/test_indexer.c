/* SPDX-License-Identifier: Apache-2.0 */
/* Which indexes a sensor notes, and when. */
#include "heads.h"
#include "vault/index/index.h"

static struct sensor sensor;
static struct sensor_heads heads;

static int setup(void **state)
{
    (void)state;
    sensor_init(&sensor);
    sensor_open(&sensor);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sensor_done(&sensor);
    return 0;
}

static void put_some(unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        (void)sensor_put(&sensor);
}

/** The header with this number notes an index of traffic over these batches. */
static void notes_index(uint64_t number, uint64_t first, size_t n)
{
    const struct sensor_head *head = &heads.heads[number - 1];
    const struct nta_store_index_at at = {
        .number = number, .class = NTA_CLASS_TRAFFIC, .day = head->note.day};
    struct nta_store_index_at here = at;
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf list = {0};
    struct nta_index index;
    struct nta_err err;

    assert_int_equal(head->note.kind, NTA_HEADER_NOTE_INDEX);
    assert_int_equal(head->note.class, NTA_CLASS_TRAFFIC);
    memcpy(here.sensor, head->header.sensor, NTA_SENSOR_ID_LEN);
    assert_int_equal(nta_store_open_sqlite(sensor.store, false, &store, &err), 0);
    assert_int_equal(nta_store_get_index(store, &here, &list, &err), 1);
    assert_true(nta_hash_is(nta_buf_span(&list), head->note.key));
    assert_true(nta_index_read(nta_buf_span(&list), &index));
    assert_int_equal(index.n_batches, n);
    assert_int_equal(nta_index_number(&index, 0), first);
    for (size_t i = 0; i < n; i++) {
        size_t place;

        assert_true(nta_index_find(&index, first + i, heads.heads[first + i - 1].link, &place));
        assert_int_equal(place, i);
    }
}

static size_t n_noted(void)
{
    size_t n = 0;

    for (size_t i = 0; i < heads.n; i++)
        n += heads.heads[i].note.kind == NTA_HEADER_NOTE_INDEX;
    return n;
}

static void a_full_index_is_noted_by_the_next_header_and_keeps_the_key(void **state)
{
    (void)state;
    put_some(NTA_INDEX_BATCHES_MAX + 3); /* 2 to 258, and the one that changes no key */
    sensor_close(&sensor);
    sensor_holds(&sensor, NTA_INDEX_BATCHES_MAX + 4);
    sensor_look(&sensor, &heads);
    assert_int_equal(n_noted(), 1);
    notes_index(NTA_INDEX_BATCHES_MAX + 2, 2, NTA_INDEX_BATCHES_MAX);
    assert_false(heads.heads[NTA_INDEX_BATCHES_MAX + 1].header.has_next);
}

/** Where the key changes, what is worth it is noted, and the rest has none. */
static void the_last_header_of_a_key_notes_what_is_there(void **state)
{
    (void)state;
    put_some(NTA_INDEXER_MIN);
    assert_int_equal(sensor_put_last(&sensor), NTA_INDEXER_MIN + 2);
    put_some(NTA_INDEXER_MIN - 1);
    assert_int_equal(sensor_put_last(&sensor), 2 * NTA_INDEXER_MIN + 2);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(n_noted(), 1);
    notes_index(NTA_INDEXER_MIN + 2, 2, NTA_INDEXER_MIN);
    assert_true(heads.heads[NTA_INDEXER_MIN + 1].header.has_next);
}

static void a_new_day_begins_another(void **state)
{
    (void)state;
    put_some(NTA_INDEXER_MIN + 1);
    sensor.commit->day--; /* as if that had been yesterday */
    put_some(NTA_INDEXER_MIN + 1);
    (void)sensor_put_last(&sensor);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(n_noted(), 2);
    notes_index(NTA_INDEXER_MIN + 3, 2, NTA_INDEXER_MIN + 1);
    notes_index(2 * NTA_INDEXER_MIN + 4, NTA_INDEXER_MIN + 4, NTA_INDEXER_MIN);
}

static void batches_of_a_store_that_went_away_are_in_none(void **state)
{
    (void)state;
    put_some(NTA_INDEXER_MIN + 4);
    sensor_shell(&sensor, "rm -f journal.db*");
    put_some(2);
    (void)sensor_put_last(&sensor);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    assert_int_equal(n_noted(), 0);
}

/** It goes with the contents of its day. */
static void an_index_goes_with_its_contents(void **state)
{
    uint8_t id[NTA_SENSOR_ID_LEN];
    struct nta_store_day day = {.class = NTA_CLASS_TRAFFIC};
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf list = {0};
    struct nta_err err;
    int r = 1;

    (void)state;
    put_some(NTA_INDEXER_MIN);
    const uint64_t noted = sensor_put_last(&sensor);

    nta_commit_get_sensor(sensor.commit, id);
    assert_int_equal(
        nta_store_next_day(sensor.commit->store, id, NTA_CLASS_TRAFFIC, -1, &day, &err), 1);
    struct nta_store_index_at at = {.number = noted, .class = day.class, .day = day.day};

    memcpy(at.sensor, id, sizeof(id));
    assert_int_equal(nta_store_open_sqlite(sensor.store, false, &store, &err), 0);
    assert_int_equal(nta_store_get_index(store, &at, &list, &err), 1);
    while (r > 0)
        r = nta_store_drop_day(sensor.commit->store, id, &day, &err);
    assert_int_equal(r, 0);
    assert_int_equal(nta_store_get_index(store, &at, &list, &err), 0);
}

/** A store gone through as somebody brings it into another one. */
struct again
{
    struct nta_indexer indexer;
    struct nta_store *store; ///< Where it came from.
    uint64_t left_out;       ///< This batch did not come; 0: all did.
    size_t n_made;
};

/** Each part is the one that was stored when it was sealed. */
static void compare_parts(const struct again *again, const struct nta_stored *stored)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_err err;

    for (size_t i = 0; i < stored->n_indexes; i++) {
        const struct nta_stored_index *part = &stored->indexes[i];
        struct nta_store_index_at at = {.number = stored->header.number,
                                        .class = part->class,
                                        .day = part->day,
                                        .part = part->part};

        memcpy(at.sensor, stored->header.sensor, NTA_SENSOR_ID_LEN);
        assert_int_equal(nta_store_get_index(again->store, &at, &bytes, &err), 1);
        assert_int_equal(bytes.len, part->bytes.len);
        assert_memory_equal(bytes.ptr, part->bytes.ptr, bytes.len);
    }
}

static int make_again(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct again *again = owner;
    struct nta_stored stored = *row;

    (void)err;
    if (row->header.number == again->left_out)
        return 0;
    nta_indexer_make_again(&again->indexer, &stored.header);
    nta_indexer_put(&again->indexer, &stored);
    compare_parts(again, &stored);
    again->n_made += stored.n_indexes > 0;
    nta_indexer_take(&again->indexer, stored.header.has_next, &stored);
    return 0;
}

static size_t n_made_again(uint64_t left_out)
{
    const struct nta_store_query all = {.sensor = NULL};
    struct again again = {.left_out = left_out};
    struct nta_err err;

    assert_int_equal(nta_store_open_sqlite(sensor.store, false, &again.store, &err), 0);
    assert_int_equal(nta_store_each(again.store, &all, make_again, &again, &err), 0);
    nta_store_close(&again.store);
    nta_indexer_done(&again.indexer);
    return again.n_made;
}

/* Full, at a key's end, after a day's end, and behind a run that was killed and noted none. */
static void the_same_are_made_again_of_the_batches(void **state)
{
    (void)state;
    put_some(NTA_INDEX_BATCHES_MAX + 20);
    (void)sensor_put_last(&sensor);
    put_some(NTA_INDEXER_MIN + 1);
    sensor.commit->day--;
    put_some(NTA_INDEXER_MIN + 1);
    sensor_close(&sensor); /* without its last batch */
    sensor_open(&sensor);
    put_some(NTA_INDEXER_MIN);
    (void)sensor_put_last(&sensor);
    sensor_close(&sensor);
    sensor_look(&sensor, &heads);
    const size_t n = n_noted();

    assert_in_range(n, 4, 8);
    assert_int_equal(n_made_again(0), n);
    assert_int_equal(n_made_again(10), n - 1); /* what lacks a batch is not what was noted */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_index_is_noted_by_the_next_header_and_keeps_the_key,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_header_of_a_key_notes_what_is_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_new_day_begins_another, setup, teardown),
        cmocka_unit_test_setup_teardown(batches_of_a_store_that_went_away_are_in_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_index_goes_with_its_contents, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_are_made_again_of_the_batches, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
