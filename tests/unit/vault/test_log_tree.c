/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "vault/crypto/digest.h"
#include "vault/hex.h"
#include "vault/tree/log_tree.h"
#include "vault/tree/merkle.h"

enum
{
    MOST = 70 ///< Leaves of the largest tree that every pair of sizes is tried with.
};

/** Link i is SHA-256 of the byte i. */
static void link_of(size_t i, uint8_t ret_link[32])
{
    const uint8_t byte = (uint8_t)i;

    nta_digest_of((struct nta_span){.ptr = &byte, .len = 1}, ret_link);
}

static struct nta_log_tree tree_of(size_t n)
{
    struct nta_log_tree tree = {.n = 0};
    uint8_t link[32];

    for (size_t i = 0; i < n; i++) {
        link_of(i, link);
        nta_log_add(&tree, link);
    }
    return tree;
}

static void root_of(size_t n, uint8_t ret_root[32])
{
    const struct nta_log_tree tree = tree_of(n);

    nta_log_root(&tree, ret_root);
}

static void roots_are_those_of_another_program(void **state)
{
    static const struct
    {
        size_t n;
        const char *root;
    } rows[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "d9de27625445003d8a9739a851e3ff8d41c0683630b4d63a88327a6aaa37c409"},
        {7, "bee2275db16667589a4515f63e0d053a2fa602c1d9f9703e98920a5bdad59baf"},
        {11, "ed1d954562b2a1663d5a2630ffaf20dc151d543c96bd785369c8ab3e3fc3df6c"},
    };

    uint8_t root[32];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        root_of(rows[i].n, root);
        assert_hex(root, sizeof(root), rows[i].root);
    }
}

static void a_tree_that_grows_has_the_root_of_one_that_is_hashed_whole(void **state)
{
    uint8_t hashes[MOST][32], link[32], root[32], whole[32];

    (void)state;
    for (size_t n = 0; n <= MOST; n++) {
        for (size_t i = 0; i < n; i++) {
            link_of(i, link);
            nta_merkle_leaf((struct nta_span){0}, (struct nta_span){link, sizeof(link)}, hashes[i]);
        }
        nta_merkle_root(hashes, n, whole);
        root_of(n, root);
        assert_memory_equal(root, whole, sizeof(root));
    }
}

static void a_frontier_comes_back(void **state)
{
    uint8_t bytes[NTA_LOG_FRONTIER_MAX], root[32], again[32];

    (void)state;
    for (size_t n = 0; n <= MOST; n++) {
        const struct nta_log_tree tree = tree_of(n);
        struct nta_log_tree back;
        size_t len = nta_log_frontier(&tree, bytes);

        assert_true(nta_log_from_frontier(n, (struct nta_span){bytes, len}, &back));
        nta_log_root(&tree, root);
        nta_log_root(&back, again);
        assert_memory_equal(root, again, sizeof(root));
        /* of another size it is none, and a size that needs as many hashes has another root */
        assert_false(nta_log_from_frontier(n, (struct nta_span){bytes, len + 32}, &back));
        assert_int_equal(back.n, 0);
        assert_true(n == 0 || !nta_log_from_frontier(n, (struct nta_span){bytes, len - 1}, &back));
    }
    assert_true(nta_log_from_frontier(UINT64_MAX, (struct nta_span){bytes, sizeof(bytes)},
                                      &(struct nta_log_tree){0}));
}

static void add_all(struct nta_log_proof *proof, size_t n)
{
    uint8_t link[32];

    for (size_t i = 0; i < n; i++) {
        link_of(i, link);
        nta_log_proof_add(proof, link);
    }
    assert_true(nta_log_proof_is_whole(proof));
}

static struct nta_span path_of(const struct nta_log_proof *proof)
{
    return (struct nta_span){.ptr = proof->hashes[0], .len = proof->n * 32};
}

static void every_leaf_of_every_tree_is_proved_and_no_other(void **state)
{
    struct nta_log_proof proof;
    uint8_t root[32], link[32], other[32];

    (void)state;
    for (size_t n = 1; n <= MOST; n++) {
        root_of(n, root);
        for (size_t index = 0; index < n; index++) {
            assert_true(nta_log_prove_inclusion(&proof, index, n));
            add_all(&proof, n);
            link_of(index, link);
            assert_true(nta_log_check_inclusion(link, index, n, path_of(&proof), root));
            link_of(index + 1, other);
            assert_false(nta_log_check_inclusion(other, index, n, path_of(&proof), root));
            assert_false(nta_log_check_inclusion(link, (index + 1) % n, n, path_of(&proof), root) &&
                         n > 1);
        }
    }
    assert_false(nta_log_prove_inclusion(&proof, 5, 5));
}

static void a_proof_needs_every_leaf(void **state)
{
    struct nta_log_proof proof;
    uint8_t link[32];

    (void)state;
    assert_true(nta_log_prove_inclusion(&proof, 2, 9));
    for (size_t i = 0; i < 8; i++) {
        link_of(i, link);
        nta_log_proof_add(&proof, link);
        assert_false(nta_log_proof_is_whole(&proof));
    }
    nta_log_proof_add(&proof, link);
    assert_true(nta_log_proof_is_whole(&proof));
}

static void known_paths(void **state)
{
    struct nta_log_proof proof;
    uint8_t hash[32];

    (void)state;
    assert_true(nta_log_prove_inclusion(&proof, 5, 11));
    add_all(&proof, 11);
    nta_digest_of(path_of(&proof), hash);
    assert_int_equal(proof.n, 4);
    assert_hex(hash, 32, "ff3a07e4cf0dac6ecf9a1393415b0bfa65f9ace749ea9ee340a9e8ee7fb94a0e");
    assert_true(nta_log_prove_consistency(&proof, 6, 11));
    add_all(&proof, 11);
    nta_digest_of(path_of(&proof), hash);
    assert_int_equal(proof.n, 4);
    assert_hex(hash, 32, "a0a765dbe519bc12db283bbc97fedc9e58aeacaa90e32ded2b21295c485717e7");
    assert_true(nta_log_prove_consistency(&proof, 8, 11));
    add_all(&proof, 11);
    nta_digest_of(path_of(&proof), hash);
    assert_int_equal(proof.n, 1);
    assert_hex(hash, 32, "cb3ae2f485bfc172c2d3495244176b6ae76419373653e474a00327e5f650ff88");
}

static void every_beginning_is_proved_and_no_other_tree(void **state)
{
    struct nta_log_proof proof;
    uint8_t roots[MOST + 1][32];

    (void)state;
    for (size_t n = 0; n <= MOST; n++)
        root_of(n, roots[n]);
    for (size_t n = 1; n <= MOST; n++) {
        for (size_t old = 1; old <= n; old++) {
            assert_true(nta_log_prove_consistency(&proof, old, n));
            add_all(&proof, n);
            assert_true(nta_log_check_consistency(old, roots[old], n, roots[n], path_of(&proof)));
            if (old == n)
                continue;
            assert_false(
                nta_log_check_consistency(old, roots[old - 1], n, roots[n], path_of(&proof)));
            assert_false(
                nta_log_check_consistency(old, roots[old], n, roots[n - 1], path_of(&proof)));
            proof.hashes[proof.n - 1][7] ^= 1;
            assert_false(nta_log_check_consistency(old, roots[old], n, roots[n], path_of(&proof)));
        }
    }
    assert_false(nta_log_prove_consistency(&proof, 0, 5));
    assert_false(nta_log_prove_consistency(&proof, 6, 5));
    assert_false(nta_log_check_consistency(0, roots[0], 5, roots[5], (struct nta_span){0}));
}

static void paths_of_any_length_are_borne(void **state)
{
    uint8_t hashes[200][32] = {{0}};
    uint8_t root[32], link[32];

    (void)state;
    root_of(MOST, root);
    link_of(3, link);
    for (size_t len = 0; len <= sizeof(hashes); len += 8) {
        const struct nta_span path = {.ptr = hashes[0], .len = len};

        assert_false(nta_log_check_inclusion(link, 3, MOST, path, root));
        assert_false(nta_log_check_consistency(3, link, MOST, root, path));
        assert_false(nta_log_check_consistency(UINT64_MAX - 1, link, UINT64_MAX, root, path));
    }
}

static void lost_leaves_are_zeros_however_many(void **state)
{
    static const uint8_t zeros[32];
    uint8_t root[32], expected[32];

    (void)state;
    for (size_t before = 0; before < 40; before++) {
        struct nta_log_tree one_by_one = tree_of(before);

        for (size_t n_lost = 0; n_lost < 70; n_lost++) {
            struct nta_log_tree at_once = tree_of(before);

            assert_true(nta_log_add_lost(&at_once, n_lost));
            assert_int_equal(at_once.n, one_by_one.n);
            nta_log_root(&at_once, root);
            nta_log_root(&one_by_one, expected);
            assert_memory_equal(root, expected, sizeof(root));
            nta_log_add(&one_by_one, zeros);
        }
    }
    struct nta_log_tree tree = tree_of(3), was = tree;

    assert_false(nta_log_add_lost(&tree, UINT64_MAX - 2));
    assert_memory_equal(&tree, &was, sizeof(tree));
    assert_true(nta_log_add_lost(&tree, UINT64_MAX - 3)); /* the last that fits, at once */
    assert_true(tree.n == UINT64_MAX);
    struct nta_log_tree twice = tree_of(3);

    assert_true(nta_log_add_lost(&twice, UINT64_C(1) << 63));
    assert_true(nta_log_add_lost(&twice, UINT64_MAX - 3 - (UINT64_C(1) << 63)));
    nta_log_root(&tree, root);
    nta_log_root(&twice, expected);
    assert_memory_equal(root, expected, sizeof(root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_another_program),
        cmocka_unit_test(a_tree_that_grows_has_the_root_of_one_that_is_hashed_whole),
        cmocka_unit_test(a_frontier_comes_back),
        cmocka_unit_test(every_leaf_of_every_tree_is_proved_and_no_other),
        cmocka_unit_test(a_proof_needs_every_leaf),
        cmocka_unit_test(known_paths),
        cmocka_unit_test(every_beginning_is_proved_and_no_other_tree),
        cmocka_unit_test(paths_of_any_length_are_borne),
        cmocka_unit_test(lost_leaves_are_zeros_however_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
