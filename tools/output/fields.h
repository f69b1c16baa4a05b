/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What can be shown of a record, one row a field: the columns of CSV and of tables, and the names of --fields.
 *
 * A field gives its value as raw text (untrusted: names come off the wire); whoever writes it out escapes it for where it
 * goes.
 */

#include "base/buf.h"
#include "base/err.h"
#include "search/search.h"

#include <stdbool.h>
#include <stddef.h>

enum nta_field_kind
{
    NTA_FIELD_TEXT,
    NTA_FIELD_NUMBER, ///< Digits, or empty.
    NTA_FIELD_TIME,   ///< RFC 3339 in UTC; local in tables.
    NTA_FIELD_SIZE,   ///< Bytes: digits; in units in tables.
    NTA_FIELD_FLAG,   ///< "yes" or empty.
};

struct nta_field
{
    const char *name;  ///< In CSV's head line, JSON and --fields.
    const char *title; ///< In a table's.
    enum nta_field_kind kind;
    unsigned char least, wish; ///< Width in a table: not narrower, and as wide if there is space.
    bool grows;                ///< Takes what space is left.
    unsigned char rank;        ///< In a table that is too narrow, the highest goes first; 0 stays.
    void (*put)(struct nta_buf *out, const struct nta_found *found);
};

enum
{
    NTA_FIELDS_MAX = 48
};

/** Some fields in order; points into the table. */
struct nta_fields
{
    const struct nta_field *fields[NTA_FIELDS_MAX];
    size_t n;
};

/** "time,user,site".  0, or -EINVAL with a sentence that lists the names. */
int nta_fields_parse(const char *text, struct nta_fields *ret_fields, struct nta_err *err);

/** Those of CSV without --fields: all but what is made of others. */
struct nta_fields nta_fields_all(void);

/** Add the field that says whether a record's batch does not hold, unless it is there. */
void nta_fields_mark(struct nta_fields *fields);

/** Those of a table without --fields. */
struct nta_fields nta_fields_table(bool alerts);

/** All names for a help text, in lines of at most 76 characters, each begun with `indent`. */
void nta_fields_list(struct nta_buf *out, const char *indent);

/** Append the head line, or one record, as CSV (RFC 4180) with its line end; cells cannot become formulas. */
void nta_fields_csv_head(struct nta_buf *out, const struct nta_fields *fields);
/** Append one record as a row. */
void nta_fields_csv(struct nta_buf *out, const struct nta_fields *fields,
                    const struct nta_found *found);

/** Append one record as a flat JSON object of these fields, without a line end; empty ones are left out. */
void nta_fields_json(struct nta_buf *out, const struct nta_fields *fields,
                     const struct nta_found *found);
