/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records as lines of a table that fits the terminal.  Widths are chosen once: by what the rows
 * that were measured before need, or, if none was, by what each field wishes.  What is too wide for
 * its column is cut with an ellipsis; a site and what was done there in the middle, so that what
 * they end with stays; users and files never, up to half of a terminal of 64 columns or more: who
 * is watched may choose what they are called.  Nor are times: their line is longer then.
 */

#include "output/fields.h"

struct nta_table
{
    struct nta_fields fields; ///< Those that have space.
    size_t widths[NTA_FIELDS_MAX];
    size_t needs[NTA_FIELDS_MAX]; ///< The widest that was measured; 0: none.
    size_t whole;                 ///< Users and files are not cut up to so many columns.
    bool is_cut;                  ///< False: nothing is cut, the last column is not filled.
    bool lacks_grade, lacks_list; ///< They had no space.
};

/** Choose for a terminal of `columns`; 0: none, so nothing is left out or cut. */
void nta_table_fit(struct nta_table *table, const struct nta_fields *fields, unsigned columns);

/** Begin one whose widths the first rows choose. */
void nta_table_begin(struct nta_table *table, const struct nta_fields *fields);

/** See how wide the fields of a record are, before nta_table_fit_measured(). */
void nta_table_measure(struct nta_table *table, const struct nta_found *found);

/** Choose anew, for a terminal of `columns`, by the rows that were measured. */
void nta_table_fit_measured(struct nta_table *table, unsigned columns);

/** How a cell begins where there are colours: by what it is, and how severe; "" as it is. */
const char *nta_table_style(const struct nta_field *field, const struct nta_record *record);

/** Append the head line, or one record, with its line end. */
void nta_table_head(struct nta_buf *out, const struct nta_table *table, bool colour);
/** Append the line of one record. */
void nta_table_row(struct nta_buf *out, const struct nta_table *table,
                   const struct nta_found *found, bool colour);
