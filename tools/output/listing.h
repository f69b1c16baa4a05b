/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Found records on their way out: as lines, a table that fits the terminal, tabs, JSON or
 * CSV; through a
 * pager; with names of addresses where they are asked for.
 */

#include "output/fields.h"
#include "output/resolve.h"
#include "output/table.h"
#include "output/term.h"

enum nta_form
{
    NTA_FORM_LINES, ///< A table on a terminal, the same columns with tabs elsewhere.
    NTA_FORM_JSON,
    NTA_FORM_CSV
};

struct nta_listing
{
    enum nta_form form;
    enum nta_colour colour;
    enum nta_fields_of what;     ///< Which columns, where none are named.
    bool wide;                   ///< Whole lines for people, wherever they go.
    bool pager;                  ///< Use one, if there is a terminal.
    bool marks;                  ///< Say of each record whether its batch holds.
    struct nta_fields fields;    ///< n 0: those of the form.
    struct nta_resolve *resolve; ///< Owned; NULL: addresses are not asked about.

    /* private */
    bool is_table, is_tabs, is_coloured, is_begun, is_gone;
    bool measures; ///< The widths of the table are not chosen yet.
    struct nta_table table;
    struct nta_buf line, held;
    size_t n_held;
};

/**
 * Append to a whole JSON object, behind its last member, that its batch does not hold: `unverified`
 * as of struct nta_found; NULL: nothing.
 */
void nta_put_json_mark(struct nta_buf *line, const char *unverified);

/** The same for a line, before all else of it, where nothing can look like it. */
void nta_put_mark(struct nta_buf *line, const char *unverified);

/** After the options are set, before the first record. */
void nta_listing_begin(struct nta_listing *listing);

/**
 * Show a record.  1: nobody reads any more (the pager was left).  With names asked for, and for the
 * first ones of a table, which choose its widths, records are held until some have come together or
 * nta_listing_flush().
 */
int nta_listing_show(struct nta_listing *listing, const struct nta_found *found,
                     struct nta_err *err);

/** Whether records are held that choose the widths: then nothing is on the terminal yet. */
bool nta_listing_measures(const struct nta_listing *listing);

/** Write what is held.  1: nobody reads any more. */
int nta_listing_flush(struct nta_listing *listing);

/** Write the rest, wait for the pager.  0, or negative errno if it could not be written. */
int nta_listing_end(struct nta_listing *listing);

/** Frees. */
void nta_listing_done(struct nta_listing *listing);
