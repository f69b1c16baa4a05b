/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/tree/merkle.h"

#include "base/own.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/digests.h"

#include <assert.h>

static const uint8_t leaf_tag = 0x00, node_tag = 0x01;

void nta_merkle_leaf(struct nta_span prefix, struct nta_span data,
                     uint8_t ret_hash[NTA_MERKLE_HASH_LEN])
{
    struct nta_digest digest;

    nta_digest_init(&digest);
    nta_digest_put(&digest, &leaf_tag, 1);
    nta_digest_put(&digest, prefix.ptr, prefix.len);
    nta_digest_put(&digest, data.ptr, data.len);
    nta_digest_end(&digest, ret_hash);
}

void nta_merkle_put_leaf(struct nta_digests *digests, struct nta_span prefix, struct nta_span data,
                         uint8_t ret_hash[NTA_MERKLE_HASH_LEN])
{
    struct nta_digests_head head = {.bytes = {leaf_tag}, .len = 1 + prefix.len};

    assert(head.len <= sizeof(head.bytes));
    memcpy(head.bytes + 1, prefix.ptr, prefix.len);
    nta_digests_put(digests, &head, data, ret_hash);
}

void nta_merkle_node(const uint8_t left[NTA_MERKLE_HASH_LEN],
                     const uint8_t right[NTA_MERKLE_HASH_LEN],
                     uint8_t ret_hash[NTA_MERKLE_HASH_LEN])
{
    struct nta_digest digest;
    uint8_t input[1 + 2 * NTA_MERKLE_HASH_LEN];

    input[0] = node_tag;
    memcpy(input + 1, left, NTA_MERKLE_HASH_LEN);
    memcpy(input + 1 + NTA_MERKLE_HASH_LEN, right, NTA_MERKLE_HASH_LEN);
    nta_digest_init(&digest);
    nta_digest_put(&digest, input, sizeof(input));
    nta_digest_end(&digest, ret_hash);
}

/** Replace a level by the one above it; gives how many nodes that has. */
static size_t climb(struct nta_digests *digests, uint8_t (*hashes)[NTA_MERKLE_HASH_LEN], size_t n)
{
    const struct nta_digests_head tag = {.bytes = {node_tag}, .len = 1};

    /* a hash is written by a later call than that which has read its place, and all before it */
    for (size_t i = 0; i < n / 2; i++) {
        const struct nta_span children = {.ptr = hashes[2 * i], .len = 2 * sizeof(hashes[0])};

        nta_digests_put(digests, &tag, children, hashes[i]);
    }
    nta_digests_end(digests);
    if (n % 2)
        memmove(hashes[n / 2], hashes[n - 1], NTA_MERKLE_HASH_LEN);
    return n / 2 + n % 2;
}

void nta_merkle_root(uint8_t (*hashes)[NTA_MERKLE_HASH_LEN], size_t n,
                     uint8_t ret_root[NTA_MERKLE_HASH_LEN])
{
    struct nta_digests digests;

    if (n == 0) {
        nta_digest_of((struct nta_span){0}, ret_root);
        return;
    }
    nta_digests_init(&digests);
    while (n > 1)
        n = climb(&digests, hashes, n);
    memcpy(ret_root, hashes[0], NTA_MERKLE_HASH_LEN);
}

size_t nta_merkle_path(uint8_t (*hashes)[NTA_MERKLE_HASH_LEN], size_t n, size_t index,
                       uint8_t ret_path[NTA_MERKLE_PATH_MAX][NTA_MERKLE_HASH_LEN])
{
    struct nta_digests digests;
    size_t n_path = 0;

    nta_digests_init(&digests);
    for (; n > 1 && n_path < NTA_MERKLE_PATH_MAX; index /= 2) {
        size_t sibling = index ^ 1;

        if (sibling < n)
            memcpy(ret_path[n_path++], hashes[sibling], NTA_MERKLE_HASH_LEN);
        n = climb(&digests, hashes, n);
    }
    return n_path;
}

bool nta_merkle_verify(const uint8_t leaf[NTA_MERKLE_HASH_LEN], uint64_t index, uint64_t n,
                       struct nta_span path, const uint8_t root[NTA_MERKLE_HASH_LEN])
{
    uint8_t hash[NTA_MERKLE_HASH_LEN];

    if (index >= n || path.len % NTA_MERKLE_HASH_LEN)
        return false;
    uint64_t last = n - 1;

    memcpy(hash, leaf, sizeof(hash));
    for (size_t at = 0; at < path.len; at += NTA_MERKLE_HASH_LEN) {
        if (last == 0)
            return false;
        if (index % 2 || index == last) {
            nta_merkle_node(path.ptr + at, hash, hash);
            while (index % 2 == 0 && index != 0) { /* moved up without a sibling */
                index /= 2;
                last /= 2;
            }
        } else {
            nta_merkle_node(hash, path.ptr + at, hash);
        }
        index /= 2;
        last /= 2;
    }
    return last == 0 && memcmp(hash, root, sizeof(hash)) == 0;
}
