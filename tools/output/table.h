/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records as lines of a table that fits the terminal.  Since records come one by one, widths are
 * chosen before the first: by what each field wishes, and what is too wide for its column is cut
 * with an ellipsis.
 */

#include "output/fields.h"

struct nta_table
{
    struct nta_fields fields; ///< Those that have space.
    size_t widths[NTA_FIELDS_MAX];
    bool is_cut; ///< False: nothing is cut, the last column is not filled.
};

/** Choose for a terminal of `columns`; 0: none, so nothing is left out or cut. */
void nta_table_fit(struct nta_table *table, const struct nta_fields *fields, unsigned columns);

/** Append the head line, or one record, with its line end. */
void nta_table_head(struct nta_buf *out, const struct nta_table *table, bool colour);
/** Append the line of one record. */
void nta_table_row(struct nta_buf *out, const struct nta_table *table,
                   const struct nta_found *found, bool colour);
