/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/line_tree.h"

#include <string.h>

enum
{
    HASH_LEN = 32
};

static void join(const uint8_t left[HASH_LEN], uint8_t right[HASH_LEN])
{
    static const uint8_t node = 1;
    SHA256_CTX digest;

    (void)SHA256_Init(&digest);
    (void)SHA256_Update(&digest, &node, 1);
    (void)SHA256_Update(&digest, left, HASH_LEN);
    (void)SHA256_Update(&digest, right, HASH_LEN);
    (void)SHA256_Final(right, &digest);
}

static void begin_line(struct nta_line_tree *tree)
{
    static const uint8_t leaf = 0;

    (void)SHA256_Init(&tree->leaf);
    (void)SHA256_Update(&tree->leaf, &leaf, 1);
    tree->in_line = true;
}

/**
 * The last root joins `right`, whose place in the row comes behind it.  Whichever of the two is
 * over the wanted line, the other one is next in its path.
 */
static void join_last(struct nta_line_tree *tree, uint8_t right[HASH_LEN])
{
    const uint8_t *left = tree->roots[--tree->n_roots];
    const size_t place = tree->n_roots + 1;
    const uint8_t *beside = tree->over == place ? right : tree->over == place + 1 ? left : NULL;

    if (beside && tree->path)
        nta_buf_put(tree->path, beside, HASH_LEN);
    if (beside)
        tree->over = place;
    join(left, right);
}

/** Whole subtrees are joined as soon as there are two of one size. */
static void end_line(struct nta_line_tree *tree)
{
    uint8_t root[HASH_LEN];

    (void)SHA256_Final(root, &tree->leaf);
    tree->in_line = false;
    if (tree->n + 1 == tree->wanted)
        tree->over = tree->n_roots + 1;
    for (uint64_t n = tree->n++; n & 1; n >>= 1)
        join_last(tree, root);
    memcpy(tree->roots[tree->n_roots++], root, sizeof(root));
}

void nta_line_tree_take(struct nta_line_tree *tree, struct nta_span text)
{
    while (text.len) {
        const size_t len = nta_span_find_byte(text, '\n');

        if (!tree->in_line)
            begin_line(tree);
        (void)SHA256_Update(&tree->leaf, text.ptr, len);
        if (tree->kept && tree->n + 1 == tree->wanted)
            nta_buf_put(tree->kept, text.ptr, len);
        if (len == text.len)
            return;
        end_line(tree);
        text = nta_span_from(text, len + 1);
    }
}

void nta_line_tree_end(struct nta_line_tree *tree, uint8_t ret_root[HASH_LEN])
{
    if (tree->in_line)
        end_line(tree);
    if (tree->n_roots == 0) {
        (void)SHA256(NULL, 0, ret_root);
        return;
    }
    memcpy(ret_root, tree->roots[--tree->n_roots], HASH_LEN);
    while (tree->n_roots > 0)
        join_last(tree, ret_root);
}
