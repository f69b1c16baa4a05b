/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which entries of a view a map shows, in the order in which it shows them.  Borrows from the view,
 * whose tables must not change meanwhile.
 */

#include "base/err.h"
#include "export/view/view.h"

struct nta_pick
{
    const struct nta_tally_entry **items; ///< Owned.
    size_t n;
    size_t n_left_out;
};

/** The heaviest `n_max` incidents in the order of time.  0, or -ENOMEM with `err`. */
int nta_pick_incidents(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                       struct nta_err *err);

/**
 * These and the places of each user without a match, user by user, incidents first.  0, or -ENOMEM
 * with `err`.
 */
int nta_pick_by_user(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                     struct nta_err *err);

/** Free what it owns; the entries are the view's. */
void nta_pick_done(struct nta_pick *pick);

/** True if both are of one user, by the beginning of their keys. */
bool nta_pick_same_user(const struct nta_tally_entry *a, const struct nta_tally_entry *b);

/** True if both begin with the same list (of NTA_VIEW_LIST_PLACES). */
static inline bool nta_pick_same_list(const struct nta_tally_entry *a,
                                      const struct nta_tally_entry *b)
{
    return nta_pick_same_user(a, b); /* both keys begin with a length and a text */
}
