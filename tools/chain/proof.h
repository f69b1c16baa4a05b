/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a command that reads records says of the chain at its end, on standard error: each thing
 * that does not hold, what could not be seen, and in one line how far the chain was checked.  The
 * judge itself is chain/chain.h.
 */

#include "export/view/view_json.h"
#include "search/search.h"
#include "search/stores.h"

#include <stdbool.h>
#include <stddef.h>

enum
{
    NTA_PROOF_LINES = 20, ///< Findings that a reading command names; nta verify names more.
    NTA_PROOF_TEXT_SIZE = 256
};

/** What to say if nothing was found: of what does not hold, or could not be read, nobody knows. */
const char *nta_proof_nothing(struct nta_search *search);

/**
 * The line itself: "chain checked to its end: 12 batches, 1 sensor; all of it holds".  Gives `buf`.
 */
const char *nta_proof_text(struct nta_search *search, char buf[NTA_PROOF_TEXT_SIZE]);

/** Of all that there was when it was checked. */
enum nta_proof_state nta_proof_state(struct nta_search *search);

/** What was told already, of a command that goes on. */
struct nta_proof_shown
{
    size_t n;       ///< Findings looked at;
    size_t n_lines; ///< of them named, of no more than are named at all.
    bool is_more;
};

/** Name the findings that were not named yet, but for those that are no fault. */
void nta_proof_show(struct nta_search *search, struct nta_proof_shown *shown);
/** The same where stores are walked through without a search. */
void nta_proof_show_stores(struct nta_stores *stores, struct nta_proof_shown *shown);

/**
 * Name what is left and say the line; `quiet` leaves that out if all holds.  NTA_EXIT_INPUT if
 * something does not hold, else NTA_EXIT_OK.  A search that was not opened says nothing.
 */
int nta_proof_conclude(struct nta_search *search, bool quiet, struct nta_proof_shown *shown);

/**
 * The status for what opening or walking failed with: a store that is not ours is wrong, a sensor
 * that is not known is wrong usage, the rest could not run.
 */
int nta_proof_failed(int error);
