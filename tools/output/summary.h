/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The answer in a table: which user fetched how much of what from which forbidden site, and where
 * that is.
 *
 * Rows are summed by (user, site, list, file) as records come, and what is weak is not summed with
 * what is not; bounded, the rest is counted.
 */

#include "record/record.h"

#include <stdint.h>
#include <stdio.h>

struct nta_summary; ///< Opaque.

/** NULL: out of memory. */
struct nta_summary *nta_summary_new(void);
/** Takes NULL too. */
void nta_summary_free(struct nta_summary **summary);

/** Count a record; one without a match only counts in the totals. */
void nta_summary_add(struct nta_summary *summary, const struct nta_record *record);

/**
 * The table, downloads and then the largest first; a line may be longer than a terminal: evidence
 * is not cut.  Flows whose requests have rows go before.
 */
void nta_summary_print(struct nta_summary *summary, FILE *out, bool colour);

/** How many rows the table has. */
size_t nta_summary_n_rows(const struct nta_summary *summary);
