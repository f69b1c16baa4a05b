/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/sqlite/sqlite_alike.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/sqlite/sqlite_statements.h"

#include <errno.h>
#include <string.h>

/** Columns of a row, in the order of the statements. */
enum
{
    COLUMN_SENSOR,
    COLUMN_NUMBER,
    COLUMN_CLASS,
    COLUMN_DAY,
    COLUMN_FIRST,
    COLUMN_LAST,
    COLUMN_RECORDS,
    COLUMN_BYTES,
    COLUMN_DATA_KEY,
    COLUMN_MARKS,
    COLUMN_LENS,                    ///< Of header and signature,
    COLUMN_PARTS = COLUMN_LENS + 2, ///< and these.
};

static void take_columns(sqlite3_stmt *statement, struct nta_store_row *row)
{
    if (!nta_sqlite_exact(statement, COLUMN_SENSOR, row->key.sensor, NTA_SENSOR_ID_LEN) ||
        !nta_sqlite_exact(statement, COLUMN_DATA_KEY, row->data_key, NTA_DATA_KEY_ID_LEN))
        row->faults |= NTA_ROW_TYPE;
    row->number = (uint64_t)nta_sqlite_take_number(statement, COLUMN_NUMBER, 1, INT64_MAX, row);
    row->class =
        (enum nta_class)nta_sqlite_take_number(statement, COLUMN_CLASS, 1, NTA_N_CLASSES - 1, row);
    row->key.day =
        nta_sqlite_take_number(statement, COLUMN_DAY, NTA_SQLITE_DAY_MIN, NTA_SQLITE_DAY_MAX, row);
    row->first_ns = nta_sqlite_take_number(statement, COLUMN_FIRST, INT64_MIN, INT64_MAX, row);
    row->last_ns = nta_sqlite_take_number(statement, COLUMN_LAST, INT64_MIN, INT64_MAX, row);
    row->n_records =
        (uint32_t)nta_sqlite_take_number(statement, COLUMN_RECORDS, 0, UINT32_MAX, row);
    row->n_bytes = (uint32_t)nta_sqlite_take_number(statement, COLUMN_BYTES, 0, UINT32_MAX, row);
    row->marks = (uint32_t)nta_sqlite_take_number(statement, COLUMN_MARKS, 0, NTA_MARKS_MAX, row);
    for (int i = 0; i < 2; i++) {
        enum nta_store_part part = i == 0 ? NTA_PART_HEADER : NTA_PART_SIGNATURE;

        if (nta_sqlite_take_len(statement, COLUMN_LENS + i, part, row))
            nta_sqlite_take_part(statement, COLUMN_PARTS + i, part, row);
    }
}

/** Where a row's content is: as the signed header says, and only without one as the columns do. */
struct place
{
    enum nta_class class;
    int64_t day;
    uint64_t number;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
};

static bool find_place(const struct nta_store_row *row, struct place *ret_place)
{
    struct nta_header header;
    bool has_header = nta_store_row_header(row, &header);

    *ret_place = (struct place){
        .class = has_header ? header.class : row->class,
        .day = has_header ? nta_day_of(header.sealed_ns) : row->key.day,
        .number = has_header ? header.number : row->number,
    };
    memcpy(ret_place->sensor, has_header ? header.sensor : row->key.sensor, NTA_SENSOR_ID_LEN);
    return ret_place->class > NTA_CLASS_NONE && (unsigned)ret_place->class < NTA_N_CLASSES &&
           ret_place->number <= INT64_MAX;
}

/** The statement of that class, bound to the place; NULL: there is no such table, or no memory. */
static sqlite3_stmt *get_at(struct nta_sqlite *sqlite, unsigned of_class, const struct place *place,
                            int *ret_result, struct nta_err *err)
{
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, of_class + place->class, ret_result, err);

    if (!statement)
        return NULL;
    (void)sqlite3_bind_int64(statement, 1, place->day);
    nta_sqlite_bind(statement, 2, place->sensor, sizeof(place->sensor));
    (void)sqlite3_bind_int64(statement, 3, (int64_t)place->number);
    return statement;
}

/** Lengths of tokens and body.  1: there are such, 0: there is no content; negative errno. */
static int take_lens(struct nta_sqlite *sqlite, const struct place *place,
                     bool ret_readable[NTA_N_PARTS], struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = get_at(sqlite, NTA_SQLITE_LENS, place, &result, err);

    if (!statement)
        return result;
    result = nta_sqlite_step_row(sqlite, statement, row, err);
    if (result <= 0) {
        if (result == 0 && !(row->faults & NTA_ROW_UNREAD))
            row->faults |= NTA_ROW_ABSENT;
        return result;
    }
    row->lacks_lens = false;
    ret_readable[NTA_PART_TOKENS] = nta_sqlite_take_len(statement, 0, NTA_PART_TOKENS, row);
    ret_readable[NTA_PART_BODY] = nta_sqlite_take_len(statement, 1, NTA_PART_BODY, row);
    return 1;
}

/** Tokens or body. */
static int take_long(struct nta_sqlite *sqlite, const struct place *place, enum nta_store_part part,
                     struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;

    if (!nta_sqlite_may_read(sqlite, part, row)) {
        row->faults |= NTA_ROW_UNREAD;
        return 0;
    }
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = get_at(
        sqlite, part == NTA_PART_TOKENS ? NTA_SQLITE_TOKENS : NTA_SQLITE_BODY, place, &result, err);

    if (!statement)
        return result;
    result = nta_sqlite_step_row(sqlite, statement, row, err);
    if (result > 0)
        nta_sqlite_take_part(statement, 0, part, row);
    return result < 0 ? result : 0;
}

/** Tokens, and body, as far as `search` wants them. */
static int take_content(struct nta_sqlite *sqlite, const struct nta_store_search *search,
                        struct nta_store_row *row, struct nta_err *err)
{
    bool readable[NTA_N_PARTS] = {false}, has_place, is_looked = false;
    struct place place;
    int result = 0;

    row->lacks_lens = true;
    has_place = find_place(row, &place);
    if (has_place && nta_sqlite_lacks(sqlite, (unsigned)NTA_SQLITE_CONTENT + (unsigned)place.class))
        has_place = false;
    if (!search->wants || nta_store_search_narrows(search, row)) {
        is_looked = true;
        result = has_place ? take_lens(sqlite, &place, readable, row, err) : 0;
    }
    if (result > 0 && readable[NTA_PART_TOKENS])
        result = take_long(sqlite, &place, NTA_PART_TOKENS, row, err);
    if (result < 0 || row->bytes.failed)
        return result;
    row->is_whole = !search->wants || search->wants(search->owner, row);
    if (!row->is_whole)
        return 0;
    if (!has_place)
        row->faults |= NTA_ROW_ABSENT;
    if (has_place && !is_looked)
        result = take_lens(sqlite, &place, readable, row, err);
    if (result >= 0 && readable[NTA_PART_TOKENS] && !is_looked)
        result = take_long(sqlite, &place, NTA_PART_TOKENS, row, err);
    if (result >= 0 && readable[NTA_PART_BODY])
        result = take_long(sqlite, &place, NTA_PART_BODY, row, err);
    return result < 0 ? result : 0;
}

/**
 * The row at which a statement stands.  The statement stays there, so that all parts are of one
 * state of the store.
 */
static int take_row(struct nta_sqlite *sqlite, sqlite3_stmt *statement,
                    const struct nta_store_search *search, struct nta_store_row *row,
                    struct nta_err *err)
{
    take_columns(statement, row);

    int result = take_content(sqlite, search, row, err);

    return row->bytes.failed ? nta_err_set(err, -ENOMEM, "out of memory") : result;
}

static int fetch(struct nta_sqlite *sqlite, const struct nta_store_search *search,
                 struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(
        sqlite, search->marked_only ? NTA_SQLITE_SEARCH_MARKED : NTA_SQLITE_SEARCH, &result, err);

    if (!statement)
        return result;
    nta_sqlite_bind_search(statement, 1, search);
    return nta_sqlite_search(sqlite, statement, take_row, search, row, err);
}

static const struct nta_sqlite_heads heads = {.table = NTA_SQLITE_HEAD,
                                              .all = NTA_SQLITE_ALL,
                                              .odd = NTA_SQLITE_ODD,
                                              .fetch = fetch,
                                              .take = take_row};

int nta_sqlite_fetch(struct nta_store *store, const struct nta_store_search *search,
                     struct nta_store_row *row, struct nta_err *err)
{
    return nta_sqlite_fetch_alike(store, &heads, search, row, err);
}

int nta_sqlite_each_odd(struct nta_store *store, const struct nta_store_search *search,
                        struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                        struct nta_err *err)
{
    const struct nta_sqlite_odd odd = {.each = each, .owner = owner};

    return nta_sqlite_each_odd_alike(store, &heads, search, row, &odd, err);
}
