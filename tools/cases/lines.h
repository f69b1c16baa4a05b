/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The lines of lists that forbid what is in a case, out of the texts that are kept beside the store
 * (blacklist/file/history.h), each with its path to the tree hash in a policy record of the case.
 */

#include "base/err.h"
#include "evidence/proof/case.h"

/**
 * Add those that there are; a text that is not kept any more is said on standard error.
 * `store_path` is the journal's.  0, or -ENOMEM with `err`.
 */
int nta_case_collect_lines(struct nta_case *kase, const char *store_path, struct nta_err *err);
