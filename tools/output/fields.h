/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What can be shown of a record: the columns of CSV and of tables, and the names of --fields.
 * Most are of the rows of record/fields.inc, the others are made of several fields.
 *
 * A field gives its value as raw text (untrusted: names come off the wire); whoever writes it out
 * escapes it for where it goes.
 */

#include "base/buf.h"
#include "base/err.h"
#include "record/field_table.h"
#include "search/search.h"

#include <stdbool.h>
#include <stddef.h>

/** A column: of a row of record/fields.inc, or made of several. */
struct nta_field
{
    const struct nta_column *column;
    enum nta_field_kind kind;
    const struct nta_record_field *row; ///< NULL: made by `make`.
    bool peer;                          ///< The row's value at the peer.
    void (*make)(struct nta_buf *out, const struct nta_found *found);
};

enum
{
    NTA_FIELDS_PLACES = NTA_COLUMN_PLACES,
    NTA_FIELDS_MAX = NTA_FIELDS_PLACES ///< Of one list: all of them find space.
};

/** Some fields in order. */
struct nta_fields
{
    struct nta_field fields[NTA_FIELDS_MAX];
    size_t n;
};

/** Append the field's value as raw text; nothing if it is not known. */
void nta_field_put(struct nta_buf *out, const struct nta_field *field,
                   const struct nta_found *found);

/** "time,user,site".  0, or -EINVAL with a sentence that lists the names. */
int nta_fields_parse(const char *text, struct nta_fields *ret_fields, struct nta_err *err);

/** Those of CSV without --fields: all but what is made of others. */
struct nta_fields nta_fields_all(void);

/** Add the field that says whether a record's batch does not hold, unless it is there. */
void nta_fields_mark(struct nta_fields *fields);

/** What a table is of. */
enum nta_fields_of
{
    NTA_FIELDS_OF_RECORDS,
    NTA_FIELDS_OF_ALERTS,
    NTA_FIELDS_OF_DOWNLOADS,
};

/** Those of a table without --fields. */
struct nta_fields nta_fields_table(enum nta_fields_of what);

/** All names for a help text, in lines of at most 76 characters, each begun with `indent`. */
void nta_fields_list(struct nta_buf *out, const char *indent);

/**
 * Append the head line, or one record, as CSV (RFC 4180) with its line end; cells cannot become
 * formulas, times are local with their offset.
 */
void nta_fields_csv_head(struct nta_buf *out, const struct nta_fields *fields);
/** Append one record as a row. */
void nta_fields_csv(struct nta_buf *out, const struct nta_fields *fields,
                    const struct nta_found *found);

/** Append the head line: titles with tabs between them. */
void nta_fields_tabs_head(struct nta_buf *out, const struct nta_fields *fields);
/**
 * Append one record as a line of the same values as CSV has, in shown form, with tabs between them:
 * a value has neither tab nor line break.  `style` gives the colour of a cell; NULL: none.
 */
void nta_fields_tabs(struct nta_buf *out, const struct nta_fields *fields,
                     const struct nta_found *found,
                     const char *(*style)(const struct nta_field *field,
                                          const struct nta_record *record));

/**
 * Append one record as a flat JSON object of these fields, without a line end; empty ones are left
 * out.
 */
void nta_fields_json(struct nta_buf *out, const struct nta_fields *fields,
                     const struct nta_found *found);
