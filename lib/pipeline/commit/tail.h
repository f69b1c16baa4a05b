/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The end of a sensor's chain as a store has it: the last batch, and the tree over the links before
 * it (vault/tree/log_tree.h), which the next header needs.
 *
 * The tree is held against the `log` that the last header signs, so whoever says what it is need
 * not be believed: the store's chain row, the state file, or all heads that the stores have, read
 * once in their order, which takes as long as there are.
 */

#include "store/writer.h"
#include "vault/tree/log_tree.h"

#include <stdbool.h>

struct nta_sealer;

struct nta_tail
{
    struct nta_store_last last; ///< Number 0: there is none.
    struct nta_header header;   ///< Its header, without notes.
    bool has_log;
    struct nta_log_tree log; ///< Over the links of 1 to the number before.
};

/** Who may know the tree. */
struct nta_tail_hints
{
    const struct nta_store_place *const *places; ///< Chain rows and the state file.
    size_t n_places;
    struct nta_store *const *stores; ///< To read all heads of, the one with the oldest first.
    size_t n_stores;
};

/**
 * Fill in header and tree of `last`.  0, with `has_log` false if nobody knows a tree that fits;
 * -EBADMSG: the last batch has no header of ours; or negative errno.
 */
int nta_tail_complete(struct nta_tail *tail, const struct nta_tail_hints *hints,
                      struct nta_err *err);

/** The sensor's first batch, whole. */
void nta_tail_of_first(const struct nta_sealer *sealer, struct nta_tail *ret_tail);

/** The last batch as the sealer takes it.  Borrows from the tail. */
struct nta_sealed nta_tail_sealed(const struct nta_tail *tail);

/** True if its header, or who signed it, says that this key signs what follows. */
bool nta_tail_vouches(const struct nta_tail *tail, const uint8_t signing[NTA_KEY_LEN]);
