/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of single records while the chain of their batches is checked. */
#include "base/hex.h"
#include "chain.h"
#include "search/shelf.h"

#include <inttypes.h>

/** The journal of a shelf, as the tools open it. */
static struct nta_stores stores_of(struct shelf *shelf)
{
    struct nta_stores stores = {0};

    (void)snprintf(stores.keys_dir, sizeof(stores.keys_dir), "%s", shelf->keys);
    if (nta_store_open_sqlite(shelf->journal, false, &stores.journal, &shelf->err) < 0)
        fail_msg("%s", shelf->err.text);
    return stores;
}

static enum nta_proof_state of(struct nta_chain_findings *found, const struct shelf *shelf,
                               uint64_t number)
{
    uint8_t public_key[NTA_KEY_LEN], sensor[NTA_SENSOR_ID_LEN];
    char id[NTA_FOUND_ID_SIZE];
    struct nta_err err;

    assert_int_equal(nta_keys_sensor_public(shelf->keys, public_key, &err), 0);
    nta_sensor_id(public_key, sensor);
    (void)snprintf(nta_hex_put(sensor, sizeof(sensor), id), 40, "-%" PRIu64 "-0", number);
    return nta_chain_of(found, id);
}

static void nothing_holds_before_it_was_checked(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(nta_chain_done) struct nta_chain chain = {0};

    (void)state;
    shelf_fill(&shelf, 0, 10, 5); /* batches 1 and 2 */
    NTA_AUTO(nta_stores_close) struct nta_stores stores = stores_of(&shelf);

    assert_int_equal(of(&chain.found, &shelf, 1), NTA_PROOF_UNCHECKED);
    assert_int_equal(nta_chain_state(&chain.found), NTA_PROOF_UNCHECKED);
    assert_int_equal(nta_chain_check(&chain, &stores, &shelf.err), 0);
    assert_int_equal(of(&chain.found, &shelf, 1), NTA_PROOF_HOLDS);
    assert_int_equal(of(&chain.found, &shelf, 2), NTA_PROOF_HOLDS);
    assert_int_equal(nta_chain_state(&chain.found), NTA_PROOF_HOLDS);
    assert_int_equal(nta_chain_of(&chain.found, ""), NTA_PROOF_UNCHECKED);
    assert_int_equal(nta_chain_of(&chain.found, "00112233445566778899aabbccddeeff-1-0"),
                     NTA_PROOF_UNCHECKED);
}

static void what_comes_after_a_check_is_unchecked_until_the_next(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(nta_chain_done) struct nta_chain chain = {0};

    (void)state;
    shelf_fill(&shelf, 0, 10, 5);
    NTA_AUTO(nta_stores_close) struct nta_stores stores = stores_of(&shelf);

    assert_int_equal(nta_chain_check(&chain, &stores, &shelf.err), 0);
    shelf_fill(&shelf, 10, 20, 5); /* batches 3 and 4 */
    struct nta_chain_findings before = chain.found;

    assert_int_equal(of(&before, &shelf, 2), NTA_PROOF_HOLDS);
    assert_int_equal(of(&before, &shelf, 3), NTA_PROOF_UNCHECKED);
    assert_int_equal(nta_chain_check(&chain, &stores, &shelf.err), 0);
    assert_int_equal(chain.found.n_batches, 4); /* each once */
    assert_int_equal(chain.found.n_bad, 0);
    assert_int_equal(of(&chain.found, &shelf, 4), NTA_PROOF_HOLDS);
    assert_int_equal(of(&chain.found, &shelf, 5), NTA_PROOF_UNCHECKED);
    assert_int_equal(of(&before, &shelf, 3), NTA_PROOF_UNCHECKED); /* a copy stays as it was */
}

static void a_check_that_was_stopped_proves_nothing_and_begins_anew(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    volatile sig_atomic_t stop = 1;
    NTA_AUTO(nta_chain_done) struct nta_chain chain = {.stop = &stop};

    (void)state;
    shelf_fill(&shelf, 0, 20, 5);
    NTA_AUTO(nta_stores_close) struct nta_stores stores = stores_of(&shelf);

    assert_int_equal(nta_chain_check(&chain, &stores, &shelf.err), 0);
    assert_int_equal(chain.found.n_batches, 1);
    assert_int_equal(of(&chain.found, &shelf, 1), NTA_PROOF_UNCHECKED);
    assert_int_equal(nta_chain_state(&chain.found), NTA_PROOF_UNCHECKED);
    stop = 0;
    assert_int_equal(nta_chain_check(&chain, &stores, &shelf.err), 0);
    assert_int_equal(chain.found.n_batches, 4);
    assert_int_equal(nta_chain_state(&chain.found), NTA_PROOF_HOLDS);
}

/** A batch is left out: its number is missing in the store. */
static void a_batch_after_a_gap_is_broken_and_the_others_hold(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new(), other = shelf_new();
    NTA_AUTO(nta_chain_done) struct nta_chain chain = {0};

    (void)state;
    shelf_fill(&shelf, 0, 10, 5);
    shelf_add(&shelf, 10);
    shelf_commit_to(&shelf, other.store); /* batch 3 */
    shelf_fill(&shelf, 15, 25, 5);        /* batches 4 and 5 */
    NTA_AUTO(nta_stores_close) struct nta_stores stores = stores_of(&shelf);

    assert_int_equal(nta_chain_check(&chain, &stores, &shelf.err), 0);
    assert_int_equal(chain.found.n_bad, 1);
    assert_int_equal(of(&chain.found, &shelf, 2), NTA_PROOF_HOLDS);
    assert_int_equal(of(&chain.found, &shelf, 4), NTA_PROOF_BROKEN);
    assert_int_equal(of(&chain.found, &shelf, 5), NTA_PROOF_HOLDS);
    assert_int_equal(nta_chain_state(&chain.found), NTA_PROOF_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_holds_before_it_was_checked),
        cmocka_unit_test(what_comes_after_a_check_is_unchecked_until_the_next),
        cmocka_unit_test(a_check_that_was_stopped_proves_nothing_and_begins_anew),
        cmocka_unit_test(a_batch_after_a_gap_is_broken_and_the_others_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
