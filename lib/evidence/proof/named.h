/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines of lists that records of a case name as what forbade something.  A record has the SHA-256
 * of the list's file and the number of the line; a policy record says which tree that file has.  So
 * of all lines of all lists only these can be the one that forbade it.  Pure; one thread.
 */

#include "evidence/proof/case.h"

/** One of them; spans borrow from the case. */
struct nta_named_line
{
    struct nta_span list;         ///< Its name, as the record has it.
    struct nta_span sha256, tree; ///< NTA_HASH_LEN bytes each.
    uint64_t n_lines, number;     ///< Of the list; of the line, from 1.
};

/** In order of tree, lines and number; each once. */
struct nta_named_lines
{
    struct nta_named_line *all; ///< Owned.
    size_t n, size;
};

/** Those whose list stands in a policy record of the case.  0, or -ENOMEM. */
int nta_named_lines_init(struct nta_named_lines *lines, const struct nta_case *kase);
/** Free what it owns. */
void nta_named_lines_done(struct nta_named_lines *lines);

/** What forbade something by this line; NULL: no record names it.  Its path is another question. */
const struct nta_named_line *nta_named_lines_find(const struct nta_named_lines *lines,
                                                  const struct nta_case_line *line);
