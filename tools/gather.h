/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nta map and nta report have in common: read the records that fit into a view, with progress on a terminal, until
 * the end or Ctrl-C.
 */

#include "base/err.h"
#include "chain.h"
#include "export/view.h"
#include "filters.h"

#include <stdio.h>

struct nta_gathered
{
    struct nta_view *view;
    struct nta_search_state state;
    struct nta_chain chain; ///< Keys may be put in before.
};

/** 0, or negative errno with `err`.  Ctrl-C ends the reading, not the program: state.is_stopped says so. */
int nta_gather(struct nta_filters *filters, bool check_chain, struct nta_gathered *ret_gathered,
               struct nta_err *err);

void nta_gathered_done(struct nta_gathered *gathered);

/** True once Ctrl-C was pressed. */
bool nta_gather_interrupted(void);

/** Say what was left out (unreadable batches, interruption).  Gives the exit status. */
int nta_gather_status(const struct nta_gathered *gathered);
