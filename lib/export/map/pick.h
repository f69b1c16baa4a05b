/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What of a view a map shows, in the order in which it shows it.  Borrows from the view, whose
 * tables and incidents must not change meanwhile.
 */

#include "base/err.h"
#include "export/view/view.h"

/** An incident, or the traffic of one user with one place. */
struct nta_pick_item
{
    const struct nta_incident *incident; ///< NULL: it is none.
    const struct nta_tally_entry *entry; ///< NULL: it is an incident.
    uint8_t user[1 + 256];               ///< The user's key, with its length before it.
    char site[NTA_LABEL_SIZE];           ///< What is listed, in shown form; empty: no incident.
    int64_t first_ns;
};

struct nta_pick
{
    struct nta_pick_item *items; ///< Owned.
    size_t n;
    size_t n_left_out; ///< Incidents that fit and are lighter than all of these.
};

/** The weightiest `n_max` incidents in the order of time.  0, or -ENOMEM with `err`. */
int nta_pick_incidents(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                       struct nta_err *err);

/**
 * These and the places of each user without a match, user by user, incidents first, these site by
 * site.  0, or -ENOMEM with `err`.
 */
int nta_pick_by_user(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                     struct nta_err *err);

/** Free what it owns; the rest is the view's. */
void nta_pick_done(struct nta_pick *pick);

/** True if both are of one user. */
bool nta_pick_same_user(const struct nta_pick_item *a, const struct nta_pick_item *b);

/** True if both are incidents of one user with one site. */
bool nta_pick_same_site(const struct nta_pick_item *a, const struct nta_pick_item *b);

/** True if both begin with the same list (of NTA_VIEW_LIST_PLACES). */
bool nta_pick_same_list(const struct nta_tally_entry *a, const struct nta_tally_entry *b);
