/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/tree/log_tree.h"

#include "vault/tree/merkle.h"

#include <string.h>

static struct nta_span link_span(const uint8_t link[NTA_LOG_HASH_LEN])
{
    return (struct nta_span){.ptr = link, .len = NTA_LOG_HASH_LEN};
}

/** A perfect subtree of 2^`level` leaves behind what is there, which is a multiple of that. */
static void add_subtree(struct nta_log_tree *tree, size_t level, uint8_t hash[NTA_LOG_HASH_LEN])
{
    const uint64_t size = UINT64_C(1) << level;

    for (; tree->n >> level & 1; level++)
        nta_merkle_node(tree->roots[level], hash, hash);
    memcpy(tree->roots[level], hash, NTA_LOG_HASH_LEN);
    tree->n += size;
}

void nta_log_add(struct nta_log_tree *tree, const uint8_t link[NTA_LOG_HASH_LEN])
{
    uint8_t hash[NTA_LOG_HASH_LEN];

    if (tree->n == UINT64_MAX)
        return;
    nta_merkle_leaf((struct nta_span){0}, link_span(link), hash);
    add_subtree(tree, 0, hash);
}

bool nta_log_add_lost(struct nta_log_tree *tree, uint64_t n_lost)
{
    static const uint8_t zeros[NTA_LOG_HASH_LEN];
    uint8_t roots[NTA_LOG_LEVELS][NTA_LOG_HASH_LEN], hash[NTA_LOG_HASH_LEN];
    size_t n_roots = 0;

    if (n_lost > UINT64_MAX - tree->n)
        return false;
    while (n_lost > 0) {
        /* the largest one that begins where the tree ends and is lost as a whole */
        size_t level = tree->n ? (size_t)__builtin_ctzll(tree->n) : NTA_LOG_LEVELS - 1;
        const size_t most = NTA_LOG_LEVELS - 1 - (size_t)__builtin_clzll(n_lost);

        level = level < most ? level : most;
        for (; n_roots <= level; n_roots++) {
            if (n_roots == 0)
                nta_merkle_leaf((struct nta_span){0}, link_span(zeros), roots[0]);
            else
                nta_merkle_node(roots[n_roots - 1], roots[n_roots - 1], roots[n_roots]);
        }
        memcpy(hash, roots[level], sizeof(hash));
        add_subtree(tree, level, hash);
        n_lost -= UINT64_C(1) << level;
    }
    return true;
}

void nta_log_root(const struct nta_log_tree *tree, uint8_t ret_root[NTA_LOG_HASH_LEN])
{
    bool has_any = false;

    if (tree->n == 0)
        nta_merkle_root(NULL, 0, ret_root);
    for (size_t level = 0; level < NTA_LOG_LEVELS; level++) {
        if (!(tree->n >> level & 1))
            continue;
        if (has_any)
            nta_merkle_node(tree->roots[level], ret_root, ret_root);
        else
            memcpy(ret_root, tree->roots[level], NTA_LOG_HASH_LEN);
        has_any = true;
    }
}

size_t nta_log_frontier(const struct nta_log_tree *tree, uint8_t ret_bytes[NTA_LOG_FRONTIER_MAX])
{
    size_t len = 0;

    for (size_t level = NTA_LOG_LEVELS; level-- > 0;) {
        if (!(tree->n >> level & 1))
            continue;
        memcpy(ret_bytes + len, tree->roots[level], NTA_LOG_HASH_LEN);
        len += NTA_LOG_HASH_LEN;
    }
    return len;
}

bool nta_log_from_frontier(uint64_t n, struct nta_span frontier, struct nta_log_tree *ret_tree)
{
    struct nta_span rest = frontier;

    *ret_tree = (struct nta_log_tree){.n = 0};
    if (frontier.len != (size_t)__builtin_popcountll(n) * NTA_LOG_HASH_LEN)
        return false;
    ret_tree->n = n;
    for (size_t level = NTA_LOG_LEVELS; level-- > 0;) {
        if (!(n >> level & 1))
            continue;
        memcpy(ret_tree->roots[level], rest.ptr, NTA_LOG_HASH_LEN);
        rest = nta_span_from(rest, NTA_LOG_HASH_LEN);
    }
    return true;
}

/* ---- proofs ---- */

/** The largest power of two below `n`, which is at least 2. */
static uint64_t split(uint64_t n)
{
    return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/** A range whose root is a hash of the proof.  Ranges are found from the top down. */
static void want(struct nta_log_proof *proof, uint64_t first, uint64_t size)
{
    proof->first[proof->n] = first;
    proof->size[proof->n++] = size;
}

/** The proof begins with the lowest: what was found last. */
static void turn_around(struct nta_log_proof *proof)
{
    for (size_t i = 0, j = proof->n; i + 1 < j; i++) {
        uint64_t first = proof->first[i], size = proof->size[i];

        j--;
        proof->first[i] = proof->first[j];
        proof->size[i] = proof->size[j];
        proof->first[j] = first;
        proof->size[j] = size;
    }
}

bool nta_log_prove_inclusion(struct nta_log_proof *proof, uint64_t index, uint64_t n)
{
    uint64_t first = 0;

    *proof = (struct nta_log_proof){.n = 0};
    if (index >= n)
        return false;
    while (n > 1) {
        uint64_t k = split(n);

        if (index - first < k) {
            want(proof, first + k, n - k);
            n = k;
        } else {
            want(proof, first, k);
            first += k;
            n -= k;
        }
    }
    turn_around(proof);
    return true;
}

bool nta_log_prove_consistency(struct nta_log_proof *proof, uint64_t old, uint64_t n)
{
    uint64_t first = 0;
    bool is_known = true; /* whether the old tree's root tells this part's */

    *proof = (struct nta_log_proof){.n = 0};
    if (old == 0 || old > n)
        return false;
    while (old < n) {
        uint64_t k = split(n);

        if (old <= k) {
            want(proof, first + k, n - k);
            n = k;
        } else {
            want(proof, first, k);
            first += k;
            old -= k;
            n -= k;
            is_known = false;
        }
    }
    if (!is_known)
        want(proof, first, n);
    turn_around(proof);
    return true;
}

void nta_log_proof_add(struct nta_log_proof *proof, const uint8_t link[NTA_LOG_HASH_LEN])
{
    uint64_t leaf = proof->next++;

    for (size_t i = 0; i < proof->n; i++) { /* they do not overlap */
        if (leaf < proof->first[i] || leaf - proof->first[i] >= proof->size[i])
            continue;
        if (leaf == proof->first[i])
            proof->range.n = 0;
        nta_log_add(&proof->range, link);
        if (proof->range.n == proof->size[i])
            nta_log_root(&proof->range, proof->hashes[i]);
        return;
    }
}

bool nta_log_proof_is_whole(const struct nta_log_proof *proof)
{
    for (size_t i = 0; i < proof->n; i++) {
        if (proof->next < proof->first[i] + proof->size[i])
            return false;
    }
    return true;
}

bool nta_log_check_inclusion(const uint8_t link[NTA_LOG_HASH_LEN], uint64_t index, uint64_t n,
                             struct nta_span path, const uint8_t root[NTA_LOG_HASH_LEN])
{
    uint8_t leaf[NTA_LOG_HASH_LEN];

    nta_merkle_leaf((struct nta_span){0}, link_span(link), leaf);
    return nta_merkle_verify(leaf, index, n, path, root);
}

/** One hash of a path: both roots grow by it, or only the new one. */
static void add_hash(const uint8_t *hash, bool both, uint8_t old_root[NTA_LOG_HASH_LEN],
                     uint8_t new_root[NTA_LOG_HASH_LEN])
{
    if (both) {
        nta_merkle_node(hash, old_root, old_root);
        nta_merkle_node(hash, new_root, new_root);
    } else {
        nta_merkle_node(new_root, hash, new_root);
    }
}

/** The roots that a path makes out of one first hash, for two sizes, 0 < old < n. */
static bool roots_of_path(uint64_t old, uint64_t n, struct nta_span path,
                          uint8_t old_root[NTA_LOG_HASH_LEN], uint8_t new_root[NTA_LOG_HASH_LEN])
{
    uint64_t at = old - 1, last = n - 1;

    for (; at & 1; last >>= 1) /* up to where the old tree's last part is a left child */
        at >>= 1;
    if (at > 0) { /* or the old tree is a perfect one: its root is the first hash */
        if (path.len == 0)
            return false;
        memcpy(old_root, path.ptr, NTA_LOG_HASH_LEN);
        path = nta_span_from(path, NTA_LOG_HASH_LEN);
    }
    memcpy(new_root, old_root, NTA_LOG_HASH_LEN);
    for (; path.len > 0; path = nta_span_from(path, NTA_LOG_HASH_LEN)) {
        const bool both = at & 1 || at == last;

        if (last == 0)
            return false;
        add_hash(path.ptr, both, old_root, new_root);
        for (; both && !(at & 1) && at != 0; at >>= 1)
            last >>= 1;
        at >>= 1;
        last >>= 1;
    }
    return last == 0;
}

bool nta_log_check_consistency(uint64_t old, const uint8_t old_root[NTA_LOG_HASH_LEN], uint64_t n,
                               const uint8_t root[NTA_LOG_HASH_LEN], struct nta_span path)
{
    uint8_t old_hash[NTA_LOG_HASH_LEN], hash[NTA_LOG_HASH_LEN];

    if (old == 0 || old > n || path.len % NTA_LOG_HASH_LEN)
        return false;
    if (old == n)
        return path.len == 0 && memcmp(old_root, root, NTA_LOG_HASH_LEN) == 0;
    memcpy(old_hash, old_root, sizeof(old_hash));
    return roots_of_path(old, n, path, old_hash, hash) &&
           memcmp(old_hash, old_root, sizeof(hash)) == 0 && memcmp(hash, root, sizeof(hash)) == 0;
}
