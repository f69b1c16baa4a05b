/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rows of record/fields.inc as a table, for whoever shows fields by their names: columns of
 * tables and CSV, fields of the journal, the tables of docs/format.md.  What must be fast
 * (encoder, decoder, JSON, tokens) is made of the rows themselves.
 *
 * Constant, any thread.
 */

#include "base/buf.h"
#include "record/json_names.h"
#include "record/record.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

/** How a value is shown in a table, and written to JSON. */
enum nta_field_kind
{
    NTA_FIELD_TEXT,
    NTA_FIELD_NUMBER, ///< Digits, or empty.
    NTA_FIELD_TIME,   ///< RFC 3339 in UTC; local in tables.
    NTA_FIELD_SIZE,   ///< Bytes: digits; in units in tables.
    NTA_FIELD_FLAG,   ///< "yes" or empty.
};

struct nta_record_field_type
{
    const char *form; ///< As docs/format.md has it (CDDL, RFC 8610).
    enum nta_field_kind kind;
    /**
     * Append the value as raw text, which may be from outside; nothing if not known.  NULL: never
     * shown.
     */
    void (*put)(struct nta_buf *out, const void *value);
    const char *none; ///< Its text in the journal if it is not known; NULL: left out there.
};

enum
{
    NTA_COLUMN_PLACES = 64 ///< Of struct nta_column: how many there are.
};

/** `name` NULL: none. */
struct nta_column
{
    unsigned char at;          ///< Place in CSV and in the list of names.
    bool asked;                ///< Only there if --fields names it.
    const char *name;          ///< In CSV's head line, JSON and --fields.
    const char *title;         ///< In a table's.
    unsigned char least, wish; ///< Width in a table: not narrower, and as wide if there is space.
    bool grows;                ///< Takes what space is left.
    unsigned char rank;        ///< In a table that is too narrow, the highest goes first; 0 stays.
};

/** The maps and arrays that fields are in. */
enum nta_record_field_map
{
    NTA_FIELDS_RECORD,
    NTA_FIELDS_EVIDENCE, ///< An array; its members are the record's.
    NTA_FIELDS_FLAGS,    ///< Bits; likewise.
    NTA_FIELDS_COUNTS,   ///< An array; likewise.
    NTA_FIELDS_QUERY,    ///< An array; likewise.
    NTA_FIELDS_TLS,      ///< A map; likewise.
    NTA_FIELDS_SIDE,     ///< Of user and peer.
    NTA_FIELDS_PLACE,    ///< Of user and peer.
    NTA_FIELDS_FILE,
    NTA_FIELDS_MATCH,
    NTA_FIELDS_MORE,  ///< A map; its members are the record's.
    NTA_FIELDS_MARKS, ///< Bits in it; likewise.
    NTA_FIELDS_SHOWN, ///< Not stored: made of the record.
    NTA_FIELDS_BINDING,
    NTA_FIELDS_LOG,       ///< Never in a column, as those of its lists' items.
    NTA_FIELDS_INTERFACE, ///< Of an item.
    NTA_FIELDS_LISTED,
    NTA_FIELDS_DATABASE,
    NTA_FIELDS_INPUT,
    NTA_N_FIELD_MAPS
};

struct nta_record_field
{
    enum nta_record_field_map map;
    unsigned key; ///< Or bit, or index.
    const struct nta_record_field_type *type;
    size_t offset; ///< In its map's struct.
    int at;        ///< Place in JSON's object; negative: in another.
    const char *json;
    bool required;                         ///< The stored form always has it.
    struct nta_column column, peer_column; ///< The user's or the record's; and the peer's.
    const char *log, *peer_log;            ///< Names in the journal; NULL: not there.
    const char *help;
};

// NOLINTBEGIN(bugprone-macro-parentheses): a sum
enum
{
    NTA_N_RECORD_ROWS = 0
#define RECORD_FIELD(...)    +1
#define RECORD_GROUP(...)    +1
#define RECORD_LIST(...)     +1
#define RECORD_PARTS(...)    +1
#define EVIDENCE_FIELD(...)  +1
#define FLAG_FIELD(...)      +1
#define COUNT_FIELD(...)     +1
#define QUERY_FIELD(...)     +1
#define TLS_FIELD(...)       +1
#define SIDE_FIELD(...)      +1
#define SIDE_GROUP(...)      +1
#define PLACE_FIELD(...)     +1
#define PLACE_GROUP(...)     +1
#define FILE_FIELD(...)      +1
#define MATCH_FIELD(...)     +1
#define RECORD_NEST(...)     +1
#define MORE_FIELD(...)      +1
#define MORE_LIST(...)       +1
#define MORE_PARTS(...)      +1
#define MARK_FIELD(...)      +1
#define SHOWN(...)           +1
#define BINDING_FIELD(...)   +1
#define LOG_FIELD(...)       +1
#define LOG_LIST(...)        +1
#define INTERFACE_FIELD(...) +1
#define LISTED_FIELD(...)    +1
#define DATABASE_FIELD(...)  +1
#define INPUT_FIELD(...)     +1
#include "record/fields.inc"
};

// NOLINTEND(bugprone-macro-parentheses)

/*
 * A constant that is named after a column's place, so that a second column with that place does not
 * compile, nor one behind the last.  The rows' are declared here.
 */
// NOLINTBEGIN(bugprone-macro-parentheses, bugprone-sizeof-expression): constants, none evaluated
#define NTA_COLUMN_PLACE(at) NTA_COLUMN_AT_##at = 1 / ((at) < NTA_COLUMN_PLACES)
#define COLUMN(at, ...)      sizeof(enum {NTA_COLUMN_PLACE(at)})
#define ASKED(at, ...)       sizeof(enum {NTA_COLUMN_PLACE(at)})

struct nta_column_places
{
    size_t column, peer_column;
    bool required;
    const char *log, *peer_log, *help;
};

_Static_assert(sizeof((const struct nta_column_places[]){
#define RECORD_FIELD(key, symbol, type, member, at, json, ...) {__VA_ARGS__},
#define RECORD_GROUP(key, symbol, type, at, json, ...)         {__VA_ARGS__},
#define RECORD_LIST(key, symbol, type, at, json, ...)          {__VA_ARGS__},
#define EVIDENCE_FIELD(index, type, member, at, json, ...)     {__VA_ARGS__},
#define FLAG_FIELD(bit, member, at, json, when, ...)           {__VA_ARGS__},
#define COUNT_FIELD(index, member, json, ...)                  {__VA_ARGS__},
#define QUERY_FIELD(index, type, member, json, ...)            {__VA_ARGS__},
#define TLS_FIELD(key, type, member, at, json, ...)            {__VA_ARGS__},
#define SIDE_FIELD(key, type, member, at, json, ...)           {__VA_ARGS__},
#define SIDE_GROUP(key, type, at, json, ...)                   {__VA_ARGS__},
#define PLACE_FIELD(key, type, member, at, json, ...)          {__VA_ARGS__},
#define PLACE_GROUP(key, type, at, json, ...)                  {__VA_ARGS__},
#define FILE_FIELD(key, type, member, at, json, ...)           {__VA_ARGS__},
#define MATCH_FIELD(key, type, member, at, json, ...)          {__VA_ARGS__},
#include "record/fields.inc"
               }) > 0,
               "places are in");
// NOLINTEND(bugprone-macro-parentheses, bugprone-sizeof-expression)
#undef COLUMN
#undef ASKED

/** In the order of the rows. */
extern const struct nta_record_field nta_record_fields[NTA_N_RECORD_ROWS];

/** Where the field's value is, for its type's put(); `peer`: of the two sides the peer's. */
const void *nta_record_field_value(const struct nta_record_field *field,
                                   const struct nta_record *record, bool peer);
