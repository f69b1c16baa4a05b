/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs for single batches and for trees, out of one store and out of two. */
#include "search/inclusion.h"
#include "search/shelf.h"

#include <errno.h>
#include <string.h>

enum
{
    N = 21 ///< Batches, with the first one.
};

/** The trees after each batch, of a shelf with so many. */
struct trees
{
    struct nta_tree_head heads[N + 1];
    uint8_t links[N + 1][NTA_HASH_LEN];
};

static void note_tree(const struct shelf *shelf, struct trees *trees)
{
    const struct nta_sealer_at *at = nta_sealer_get_at(shelf->sealer);
    struct nta_tree_head *head = &trees->heads[at->number];

    nta_sealer_get_sensor(shelf->sealer, head->sensor);
    head->n = at->number;
    nta_log_root(&at->log, head->root);
    memcpy(trees->links[at->number], at->previous, NTA_HASH_LEN);
}

/** Batches from `from` to `to`, each as it is sealed into `store`. */
static void add_batches(struct shelf *shelf, struct nta_store *store, unsigned from, unsigned to,
                        struct trees *trees)
{
    for (unsigned i = from; i <= to; i++) {
        shelf_add(shelf, i);
        shelf_commit_to(shelf, store);
        note_tree(shelf, trees);
    }
}

static void prove_all(struct nta_stores *stores, const struct trees *trees, uint64_t n)
{
    const struct nta_tree_head *head = &trees->heads[n];
    struct nta_tree_proof proof;
    uint8_t link[NTA_HASH_LEN];
    struct nta_err err;

    for (uint64_t number = 1; number <= n; number++) {
        assert_int_equal(nta_stores_prove_inclusion(stores, head, number, link, &proof, &err), 0);
        assert_memory_equal(link, trees->links[number], NTA_HASH_LEN);
        assert_true(nta_log_check_inclusion(
            link, number - 1, n,
            (struct nta_span){.ptr = proof.hashes[0], .len = proof.n * NTA_HASH_LEN}, head->root));
        assert_int_equal(
            nta_stores_prove_consistency(stores, &trees->heads[number], head, &proof, &err), 0);
    }
    assert_int_equal(nta_stores_prove_inclusion(stores, head, n + 1, link, &proof, &err), -EINVAL);
    assert_int_equal(nta_stores_prove_inclusion(stores, head, 0, link, &proof, &err), -EINVAL);
}

static void each_batch_is_in_each_tree(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct nta_stores stores = {.journal = shelf.store};
    struct trees trees = {0};

    (void)state;
    note_tree(&shelf, &trees);
    add_batches(&shelf, shelf.store, 2, N, &trees);
    for (uint64_t n = 1; n <= N; n++)
        prove_all(&stores, &trees, n);
}

static void two_stores_make_one_tree(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    NTA_AUTO(nta_store_close) struct nta_store *other = NULL;
    struct trees trees = {0};
    char path[160];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/other.db", shelf.dir);
    assert_int_equal(nta_store_open_sqlite(path, true, &other, &shelf.err), 0);
    note_tree(&shelf, &trees);
    add_batches(&shelf, shelf.store, 2, 3, &trees);
    add_batches(&shelf, other, 4, 9, &trees);
    add_batches(&shelf, shelf.store, 10, 10, &trees);
    add_batches(&shelf, other, 11, 15, &trees);
    add_batches(&shelf, shelf.store, 16, N, &trees);
    prove_all(&(struct nta_stores){.journal = shelf.store, .mysql = other}, &trees, N);
    prove_all(&(struct nta_stores){.journal = other, .mysql = shelf.store}, &trees, N);

    struct nta_stores half = {.journal = other};
    struct nta_tree_proof proof;
    uint8_t link[NTA_HASH_LEN];

    assert_int_equal(
        nta_stores_prove_inclusion(&half, &trees.heads[9], 5, link, &proof, &shelf.err), -ENODATA);
    assert_non_null(strstr(shelf.err.text, "batch 1 is missing"));
}

static void lost_numbers_are_zeros(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct nta_note lost = {.kind = NTA_HEADER_NOTE_LOST, .from = 4, .to = 7, .reason = 1};
    struct nta_stores stores = {.journal = shelf.store};
    struct trees trees = {0};

    (void)state;
    note_tree(&shelf, &trees);
    add_batches(&shelf, shelf.store, 2, 3, &trees);
    struct nta_sealer_at at = *nta_sealer_get_at(shelf.sealer);

    for (at.number = 4; at.number <= 7; at.number++) {
        trees.heads[at.number] = trees.heads[3];
        trees.heads[at.number].n = at.number;
        (void)nta_log_add_lost(&at.log, 1);
        nta_log_root(&at.log, trees.heads[at.number].root);
    }
    at.number = 7;
    nta_sealer_continue(shelf.sealer, &at);
    shelf_note(&shelf, &lost, SHELF_START_NS + NTA_NS_PER_S);
    note_tree(&shelf, &trees);
    add_batches(&shelf, shelf.store, 9, 12, &trees);
    for (uint64_t n = 3; n <= 12; n++)
        prove_all(&stores, &trees, n);
}

static void what_makes_another_tree_proves_nothing(void **state)
{
    NTA_AUTO(shelf_done) struct shelf shelf = shelf_new();
    struct nta_stores stores = {.journal = shelf.store};
    struct nta_tree_proof proof;
    struct trees trees = {0};
    uint8_t link[NTA_HASH_LEN];

    (void)state;
    note_tree(&shelf, &trees);
    add_batches(&shelf, shelf.store, 2, N, &trees);
    struct nta_tree_head head = trees.heads[N], old = trees.heads[5];

    head.root[7] ^= 1;
    assert_int_equal(nta_stores_prove_inclusion(&stores, &head, 5, link, &proof, &shelf.err),
                     -EBADMSG);
    assert_int_equal(nta_stores_prove_consistency(&stores, &old, &head, &proof, &shelf.err),
                     -EBADMSG);
    old.root[7] ^= 1;
    assert_int_equal(
        nta_stores_prove_consistency(&stores, &old, &trees.heads[N], &proof, &shelf.err), -EBADMSG);
    old.n = N + 1;
    assert_int_equal(
        nta_stores_prove_consistency(&stores, &old, &trees.heads[N], &proof, &shelf.err), -EINVAL);
    head = trees.heads[N];
    head.n++;
    assert_int_equal(nta_stores_prove_inclusion(&stores, &head, 5, link, &proof, &shelf.err),
                     -ENODATA);
    head = trees.heads[N];
    head.sensor[0] ^= 1;
    assert_int_equal(nta_stores_prove_inclusion(&stores, &head, 5, link, &proof, &shelf.err),
                     -ENODATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_batch_is_in_each_tree),
        cmocka_unit_test(two_stores_make_one_tree),
        cmocka_unit_test(lost_numbers_are_zeros),
        cmocka_unit_test(what_makes_another_tree_proves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
