/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tree over the lines of a text (RFC 9162 section 2.1.1; a line has no newline), as the text
 * comes: only the roots of whole subtrees are kept.  On the way one line and its inclusion path can
 * be picked out.  Private to blacklist/file/history.h.
 */
#ifndef OPENSSL_SUPPRESS_DEPRECATED /* plain states: two hashes a line (vault/crypto/digest.h) */
#    define OPENSSL_SUPPRESS_DEPRECATED
#endif
#include "base/buf.h"

#include <openssl/sha.h>

enum
{
    NTA_LINE_TREE_LEVELS = 64
};

/** Zeroed: no text yet. */
struct nta_line_tree
{
    uint64_t wanted;             ///< The line to pick out, from 1; 0: none.
    struct nta_buf *kept, *path; ///< Where it goes, and its path; NULL: nowhere.
    uint64_t n;                  ///< Lines that ended.
    /* private */
    SHA256_CTX leaf;
    bool in_line;
    uint8_t roots[NTA_LINE_TREE_LEVELS][32]; ///< Of whole subtrees, the largest first.
    size_t n_roots;
    size_t over; ///< Which of the roots is over the wanted line, and 1; 0: none.
};

/** The next piece of the text. */
void nta_line_tree_take(struct nta_line_tree *tree, struct nta_span text);

/** The end of the text: the tree's hash; how many lines there were is in `n`. */
void nta_line_tree_end(struct nta_line_tree *tree, uint8_t ret_root[32]);
