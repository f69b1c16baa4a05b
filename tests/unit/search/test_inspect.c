/* SPDX-License-Identifier: Apache-2.0 */
/* Batches opened by several threads, and told in their order. */
#include "search/inspect.h"
#include "shelf.h"

enum
{
    N_BATCHES = 100, ///< Some times as many as there are places.
    RECORDS = 7,
    SPOILED = 50, ///< A byte of the body of this one is changed,
    STOPPED = 20,
    STOP = 77
};

struct inspecting
{
    struct nta_stores stores;
    struct nta_opener *opener;
    struct nta_chain *chain;
    struct nta_inspection *inspection;
    uint64_t spoiled, stop, n_told, n_records, n_closed, n_unopened;
};

/** Each tenth record of the shelf is an alert, which is of another class than its batch. */
static enum nta_values_check values_of(uint64_t number)
{
    const uint64_t first = number < 2 ? 0 : (number - 2) * RECORDS;

    return number > 1 && first % 10 + RECORDS > 9 ? NTA_VALUES_CLASS : NTA_VALUES_OK;
}

static int on_inspected(void *owner, const struct nta_inspected *inspected, struct nta_err *err)
{
    struct inspecting *inspecting = owner;

    (void)err;
    assert_int_equal(inspected->header.number, ++inspecting->n_told);
    assert_int_equal(inspected->batch.n_records,
                     inspected->is_open ? inspected->header.n_records : 0);
    assert_true(inspected->has_key || !inspected->is_open);
    if (inspected->is_open)
        assert_int_equal(inspected->values, values_of(inspected->header.number));
    inspecting->n_records += inspected->batch.n_records;
    inspecting->n_closed += !inspected->has_key;
    inspecting->n_unopened += inspected->has_key && !inspected->is_open;
    return inspected->header.number == inspecting->stop ? STOP : 0;
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct inspecting *inspecting = owner;

    (void)verdict;
    if (row->header.number == inspecting->spoiled)
        row->bytes->ptr[row->bytes->len - 1] ^= 1;
    return nta_inspect_put(inspecting->inspection, row, err);
}

/** What the walk gives, and `inspecting` says what was told. */
static int inspect(const struct shelf *shelf, bool with_keys, struct inspecting *inspecting)
{
    const struct nta_stores_options options = {.dir = shelf->dir};
    struct nta_err err = {0};

    assert_int_equal(nta_stores_open(&options, &inspecting->stores, &err), 0);
    assert_int_equal(nta_opener_new(shelf->keys, &inspecting->opener, &err), 0);
    assert_int_equal(nta_stores_judge(&inspecting->stores, true, &inspecting->chain, &err), 0);
    assert_int_equal(nta_inspect_start(inspecting->stores.wrapped, inspecting->opener, on_inspected,
                                       inspecting, &inspecting->inspection, &err),
                     0);
    const struct nta_stores_walk walk = {.chain = inspecting->chain,
                                         .opener = with_keys ? inspecting->opener : NULL,
                                         .each = on_batch,
                                         .owner = inspecting};
    int r = nta_stores_each(&inspecting->stores, &walk, &err);

    if (r == 0)
        r = nta_inspect_finish(inspecting->inspection, &err);
    nta_inspect_free(&inspecting->inspection);
    nta_chain_free(&inspecting->chain);
    nta_opener_free(&inspecting->opener);
    nta_stores_close(&inspecting->stores);
    return r;
}

static void fill(struct shelf *shelf)
{
    shelf_fill(shelf, 0, (N_BATCHES - 1) * RECORDS, RECORDS); /* behind the first batch */
    nta_store_close(&shelf->store);
}

static void all_are_told_in_their_order(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct inspecting inspecting = {.spoiled = 0};

    (void)state;
    fill(&shelf);
    assert_int_equal(inspect(&shelf, true, &inspecting), 0);
    assert_int_equal(inspecting.n_told, N_BATCHES);
    assert_int_equal(inspecting.n_records, (N_BATCHES - 1) * RECORDS + 1);
    assert_int_equal(inspecting.n_closed + inspecting.n_unopened, 0);
}

static void one_that_does_not_open_is_told_in_its_place(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct inspecting inspecting = {.spoiled = SPOILED};

    (void)state;
    fill(&shelf);
    assert_int_equal(inspect(&shelf, true, &inspecting), 0);
    assert_int_equal(inspecting.n_told, N_BATCHES);
    assert_int_equal(inspecting.n_unopened, 1);
    assert_int_equal(inspecting.n_records, (N_BATCHES - 2) * RECORDS + 1);
}

static void without_their_keys_none_is_opened(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct inspecting inspecting = {.spoiled = 0};

    (void)state;
    fill(&shelf);
    assert_int_equal(inspect(&shelf, false, &inspecting), 0);
    assert_int_equal(inspecting.n_told, N_BATCHES);
    assert_int_equal(inspecting.n_closed, N_BATCHES);
}

static void who_is_told_may_stop(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct inspecting inspecting = {.stop = STOPPED};

    (void)state;
    fill(&shelf);
    assert_int_equal(inspect(&shelf, true, &inspecting), STOP);
    assert_int_equal(inspecting.n_told, STOPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_told_in_their_order),
        cmocka_unit_test(one_that_does_not_open_is_told_in_its_place),
        cmocka_unit_test(without_their_keys_none_is_opened),
        cmocka_unit_test(who_is_told_may_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
