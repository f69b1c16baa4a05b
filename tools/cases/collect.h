/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case out of the stores: the wanted records with salts and paths, the headers of their batches,
 * those that name keys or hold notes, the newest one, and paths in its tree.  All headers are
 * judged in one walk, so what does not hold is a finding as in every command, and is not taken.
 */

#include "cases/noted.h"
#include "cases/wanted.h"
#include "evidence/proof/case.h"

/**
 * `given`: heads that somebody noted; NULL: none.  `ret_case` owns all that is in it.  What does
 * not keep a case from being made (no path to the newest tree, since batches are missing) is said
 * on standard error.  0; -ENODATA with the sentence: a wanted record cannot be proved; or what
 * reading failed with.
 */
int nta_case_collect(struct nta_search *search, const struct nta_wanted *wanted,
                     struct nta_case_given_heads *given, struct nta_case **ret_case,
                     struct nta_err *err);
