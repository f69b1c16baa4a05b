/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "vault/crypto/digest.h"
#include "vault/hex.h"
#include "vault/tree/merkle.h"

/*
 * The leaves and roots that Certificate Transparency's implementations test RFC 6962 and RFC 9162
 * hashing with.
 */
static const char *const leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static void hash_leaves(uint8_t (*hashes)[32], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct hex leaf = hex_of(leaves[i]);

        nta_merkle_leaf((struct nta_span){0}, hex_span(&leaf), hashes[i]);
    }
}

static void roots_of_none_to_eight_leaves_are_the_known_ones(void **state)
{
    uint8_t hashes[8][32], root[32];

    (void)state;
    for (size_t n = 0; n <= 8; n++) {
        hash_leaves(hashes, n);
        nta_merkle_root(hashes, n, root);
        assert_hex(root, 32, roots[n]);
    }
}

static void the_path_of_a_middle_leaf_is_the_known_one(void **state)
{
    uint8_t hashes[8][32], path[NTA_MERKLE_PATH_MAX][32];

    (void)state;
    hash_leaves(hashes, 5);
    assert_int_equal(nta_merkle_path(hashes, 5, 1, path), 3); /* beside it, above it, the odd one */
    assert_hex(path[0], 32, roots[1]);
    hash_leaves(hashes, 5);
    assert_memory_equal(path[2], hashes[4], 32);
}

/** RFC 9162 section 2.1.1 word for word: split at the largest power of two below n. */
/* NOLINTNEXTLINE(misc-no-recursion): as the RFC defines it */
static void slow_root(uint8_t (*hashes)[32], size_t n, uint8_t *ret_root)
{
    uint8_t input[65] = {1};
    uint8_t out[32];
    size_t k = 1;

    if (n == 1) {
        memcpy(ret_root, hashes[0], 32);
        return;
    }
    while (k * 2 < n)
        k *= 2;
    slow_root(hashes, k, input + 1);
    slow_root(hashes + k, n - k, input + 33);
    nta_digest_of((struct nta_span){input, 65}, out);
    memcpy(ret_root, out, 32);
}

static struct nta_span path_span(uint8_t (*path)[32], size_t n_path)
{
    return (struct nta_span){.ptr = path[0], .len = n_path * 32};
}

static void number_leaves(uint8_t (*hashes)[32], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t index = (uint8_t)i;

        nta_merkle_leaf((struct nta_span){0}, (struct nta_span){&index, 1}, hashes[i]);
    }
}

static void every_leaf_of_every_tree_has_a_good_path(void **state)
{
    static uint8_t hashes[130][32], whole[130][32];
    uint8_t root[32], slow[32], path[NTA_MERKLE_PATH_MAX][32];

    (void)state;
    number_leaves(whole, 130);
    for (size_t n = 1; n <= 130; n++) {
        slow_root(whole, n, slow);
        memcpy(hashes, whole, sizeof(hashes));
        nta_merkle_root(hashes, n, root);
        assert_memory_equal(root, slow, 32);
        for (size_t i = 0; i < n; i++) {
            memcpy(hashes, whole, sizeof(hashes));
            size_t n_path = nta_merkle_path(hashes, n, i, path);

            assert_true(nta_merkle_verify(whole[i], i, n, path_span(path, n_path), root));
            assert_false(nta_merkle_verify(whole[i], i + 1, n, path_span(path, n_path), root));
            assert_false(nta_merkle_verify(whole[i], i, n, path_span(path, n_path + 1), root));
            assert_false(
                nta_merkle_verify(whole[(i + 1) % 130], i, n, path_span(path, n_path), root));
            if (n_path) {
                assert_false(nta_merkle_verify(whole[i], i, n, path_span(path, n_path - 1), root));
                path[n_path - 1][5] ^= 1;
                assert_false(nta_merkle_verify(whole[i], i, n, path_span(path, n_path), root));
            }
        }
    }
}

static void a_node_cannot_pass_for_a_leaf(void **state)
{
    uint8_t hashes[4][32], nodes[2][32], root[32], path[NTA_MERKLE_PATH_MAX][32];

    (void)state;
    number_leaves(hashes, 4);
    slow_root(hashes, 2, nodes[0]);
    slow_root(hashes + 2, 2, nodes[1]);
    slow_root(hashes, 4, root);
    memcpy(path[0], nodes[1], 32);
    assert_false(nta_merkle_verify(nodes[0], 0, 4, path_span(path, 1), root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_of_none_to_eight_leaves_are_the_known_ones),
        cmocka_unit_test(the_path_of_a_middle_leaf_is_the_known_one),
        cmocka_unit_test(every_leaf_of_every_tree_has_a_good_path),
        cmocka_unit_test(a_node_cannot_pass_for_a_leaf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
