/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nta map and nta report have in common: read the records that fit into a view, with progress
 * on a terminal, until the end or Ctrl-C.
 */

#include "base/err.h"
#include "chain/proof.h"
#include "export/view/view.h"
#include "options/filters.h"

#include <stdio.h>

struct nta_gathered
{
    struct nta_view *view;
    struct nta_search_state state;
    struct nta_search *search; ///< Owned: it knows how far the chain was checked.
};

/**
 * 0, or negative errno with `err`.  Ctrl-C ends the reading, not the program: state.is_stopped says
 * so.
 */
int nta_gather(struct nta_filters *filters, struct nta_gathered *ret_gathered, struct nta_err *err);

/** Say what there is in the file, and of incidents what there is not. */
void nta_gather_print(const struct nta_gathered *gathered, const char *output);

/** Free what it owns. */
void nta_gathered_done(struct nta_gathered *gathered);

/** True once Ctrl-C was pressed. */
bool nta_gather_interrupted(void);

/** Say what was left out or does not hold.  Gives the exit status. */
int nta_gather_status(const struct nta_filters *filters, const struct nta_gathered *gathered);
