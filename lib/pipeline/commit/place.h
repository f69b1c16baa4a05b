/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the chain goes on: at the start, and when its store is not as it was left.  The committing
 * thread's.  All give 0, or negative errno with a sentence; calling again is right.
 */

#include "pipeline/commit/state.h"

/** The start: keys, store and state are open then. */
int nta_commit_find(struct nta_commit *commit, struct nta_err *err);

/** The file is gone, or another one: make or take what is there now, and go on from memory. */
int nta_commit_open_again(struct nta_commit *commit, struct nta_err *err);

/** Somebody moved the chain's row, or put batches there: go on behind what is there. */
int nta_commit_find_again(struct nta_commit *commit, const struct nta_err *conflict,
                          struct nta_err *err);

/** MySQL has more than we ever wrote down: journal and state file were put back together. */
int nta_commit_follow_mysql(struct nta_commit *commit, struct nta_err *err);

/** Remember which key signs what follows batch `behind`, whether or not it can be written down. */
void nta_commit_keep_signing(struct nta_commit *commit, uint64_t behind);
