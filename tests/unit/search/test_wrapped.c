/* SPDX-License-Identifier: Apache-2.0 */
#include "../vault/forge.h"
#include "search/wrapped.h"
#include "shelf.h"

#include <errno.h>

#define DAY_NS (INT64_C(86400) * NTA_NS_PER_S)

struct ring
{
    struct nta_wrapped_keys *keys;
    struct nta_opener *opener;
};

static void ring_done(struct ring *ring)
{
    nta_wrapped_keys_free(&ring->keys);
    nta_opener_free(&ring->opener);
}

static struct ring ring_new(struct shelf *shelf)
{
    struct ring ring = {.keys = nta_wrapped_keys_new()};

    assert_non_null(ring.keys);
    assert_int_equal(nta_opener_new(shelf->keys, &ring.opener, &shelf->err), 0);
    return ring;
}

static struct nta_wrapped_key make(struct shelf *shelf, enum nta_class class, int64_t wall_ns)
{
    struct nta_wrapped_key key;

    assert_int_equal(nta_sealer_make_key(shelf->sealer, class, wall_ns, &key, &shelf->err), 0);
    return key;
}

static void a_key_is_unwrapped_once_it_is_asked_for(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(ring_done) struct ring ring = ring_new(&shelf);
    const struct nta_wrapped_key one = make(&shelf, NTA_CLASS_WHO, SHELF_START_NS);
    const struct nta_wrapped_key two = make(&shelf, NTA_CLASS_TRAFFIC, SHELF_START_NS);

    (void)state;
    assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, one.id, &shelf.err),
                     NTA_WRAPPED_ABSENT);
    assert_int_equal(nta_wrapped_keys_put(ring.keys, &one), 0);
    assert_int_equal(nta_wrapped_keys_put(ring.keys, &two), 0);
    assert_int_equal(nta_wrapped_keys_put(ring.keys, &two), 0);
    assert_false(nta_opener_has_key(ring.opener, one.id));
    for (int i = 0; i < 2; i++)
        assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, one.id, &shelf.err),
                         NTA_WRAPPED_OPEN);
    assert_true(nta_opener_has_key(ring.opener, one.id));
    assert_false(nta_opener_has_key(ring.opener, two.id));
}

static void what_does_not_open_is_said_once(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(ring_done) struct ring ring = ring_new(&shelf);
    NTA_AUTO(nta_buf_done) struct nta_buf blob = {0};
    struct nta_wrapped_key broken = make(&shelf, NTA_CLASS_TRAFFIC, SHELF_START_NS);
    struct nta_wrapped_key other = {.class = NTA_CLASS_WHO, .day = 7};
    uint8_t auditor[NTA_KEY_LEN];

    (void)state;
    forge_auditor(auditor);
    forge_key_2(&other, auditor, auditor, &blob);
    broken.blob.len--;
    assert_int_equal(nta_wrapped_keys_put(ring.keys, &broken), 0);
    assert_int_equal(nta_wrapped_keys_put(ring.keys, &other), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, broken.id, &shelf.err),
                         NTA_WRAPPED_BROKEN);
        assert_int_equal(shelf.err.text[0] != '\0', i == 0);
        assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, other.id, &shelf.err),
                         NTA_WRAPPED_OTHER);
        assert_int_equal(shelf.err.text[0] != '\0', i == 0);
    }
}

/** Four a day and a restart now and then; the time is told by tests/bench/bench_search.c. */
static void a_year_of_keys_is_unwrapped(void **state)
{
    enum
    {
        N = 1500
    };
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(ring_done) struct ring ring = ring_new(&shelf);
    static uint8_t ids[N][NTA_DATA_KEY_ID_LEN];

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        const struct nta_wrapped_key key =
            make(&shelf, (enum nta_class)(1 + i % 4), SHELF_START_NS + i / 4 * DAY_NS);

        memcpy(ids[i], key.id, sizeof(ids[i]));
        assert_int_equal(nta_wrapped_keys_put(ring.keys, &key), 0);
    }
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, ids[i], &shelf.err),
                         NTA_WRAPPED_OPEN);
}

/** Whichever hash their ids have, all of those that are kept are found, and none that is not. */
static void the_oldest_gives_way(void **state)
{
    enum
    {
        N_MORE = 5000
    };
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(ring_done) struct ring ring = ring_new(&shelf);
    struct nta_wrapped_key key = {.class = NTA_CLASS_WHO};

    (void)state;
    for (uint32_t i = 0; i < NTA_WRAPPED_KEPT + N_MORE; i++) {
        memcpy(key.id, &i, sizeof(i));
        assert_int_equal(nta_wrapped_keys_put(ring.keys, &key), 0);
    }
    for (uint32_t i = 0; i < NTA_WRAPPED_KEPT + N_MORE; i++) {
        memcpy(key.id, &i, sizeof(i));
        assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, key.id, &shelf.err),
                         i < N_MORE ? NTA_WRAPPED_ABSENT : NTA_WRAPPED_BROKEN);
    }
    const struct nta_wrapped_key good = make(&shelf, NTA_CLASS_TRAFFIC, SHELF_START_NS);

    assert_int_equal(nta_wrapped_keys_put(ring.keys, &good), 0);
    assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, good.id, &shelf.err),
                     NTA_WRAPPED_OPEN);
    for (uint32_t i = 0; i < NTA_WRAPPED_KEPT; i++) { /* and it gives way itself */
        key.id[9] = 1;
        memcpy(key.id, &i, sizeof(i));
        assert_int_equal(nta_wrapped_keys_put(ring.keys, &key), 0);
    }
    assert_int_equal(nta_wrapped_keys_open(ring.keys, ring.opener, good.id, &shelf.err),
                     NTA_WRAPPED_OPEN); /* as the opener has it */
}

struct opened
{
    struct nta_opener *opener;
    size_t n;
};

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    (void)err;
    assert_true(verdict->shows);
    assert_true(nta_opener_has_key(((struct opened *)owner)->opener, row->header.data_key));
    ((struct opened *)owner)->n++;
    return 0;
}

/** More of them than the ring keeps: those of the batches gave way before the walk. */
static void what_gave_way_is_found_in_the_store(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(ring_done) struct ring ring = ring_new(&shelf);
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    const struct nta_stores_options options = {.dir = shelf.dir};
    struct nta_wrapped_key key = {.class = NTA_CLASS_WHO};
    struct opened opened = {.opener = ring.opener};

    (void)state;
    shelf_fill(&shelf, 0, 40, 10);
    assert_int_equal(nta_stores_open(&options, &stores, &shelf.err), 0);
    assert_int_equal(nta_stores_judge(&stores, true, &chain, &shelf.err), 0);
    for (uint32_t i = 0; i < NTA_WRAPPED_KEPT; i++) {
        memcpy(key.id, &i, sizeof(i));
        assert_int_equal(nta_wrapped_keys_put(stores.wrapped, &key), 0);
    }
    const struct nta_stores_walk walk = {
        .chain = chain, .opener = ring.opener, .each = on_batch, .owner = &opened};

    assert_int_equal(nta_stores_each(&stores, &walk, &shelf.err), 0);
    assert_int_equal(opened.n, 5);
    assert_int_equal(nta_findings_of(stores.findings, NTA_WRONG), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_unwrapped_once_it_is_asked_for),
        cmocka_unit_test(what_does_not_open_is_said_once),
        cmocka_unit_test(a_year_of_keys_is_unwrapped),
        cmocka_unit_test(the_oldest_gives_way),
        cmocka_unit_test(what_gave_way_is_found_in_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
