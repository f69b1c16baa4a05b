/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "store/format1/sqlite1.h"

#include <errno.h>
#include <string.h>

/** Columns of a row, in the order of the statements. */
enum
{
    COLUMN_DAY,
    COLUMN_SENSOR,
    COLUMN_NUMBER,
    COLUMN_FIRST,
    COLUMN_LAST,
    COLUMN_RECORDS,
    COLUMN_BYTES,
    COLUMN_CONTENT
};

static void take_columns(sqlite3_stmt *statement, struct nta_store_row *row)
{
    row->key.day =
        nta_sqlite_take_number(statement, COLUMN_DAY, NTA_SQLITE_DAY_MIN, NTA_SQLITE_DAY_MAX, row);
    if (!nta_sqlite_exact(statement, COLUMN_SENSOR, row->key.sensor, NTA_SENSOR_ID_LEN))
        row->faults |= NTA_ROW_TYPE;
    row->number = (uint64_t)nta_sqlite_take_number(statement, COLUMN_NUMBER, 1, INT64_MAX, row);
    row->first_ns = nta_sqlite_take_number(statement, COLUMN_FIRST, INT64_MIN, INT64_MAX, row);
    row->last_ns = nta_sqlite_take_number(statement, COLUMN_LAST, INT64_MIN, INT64_MAX, row);
    row->n_records =
        (uint32_t)nta_sqlite_take_number(statement, COLUMN_RECORDS, 0, UINT32_MAX, row);
    row->n_bytes = (uint32_t)nta_sqlite_take_number(statement, COLUMN_BYTES, 0, UINT32_MAX, row);
}

/** 1: a row of the content is there, 0: it is not, or cannot be read; negative errno. */
static int step_content(struct nta_sqlite *sqlite, sqlite3_stmt *statement, int64_t id,
                        struct nta_store_row *row, struct nta_err *err)
{
    int result;

    (void)sqlite3_bind_int64(statement, 1, id);
    result = nta_sqlite_step_row(sqlite, statement, row, err);
    if (result == 0 && !(row->faults & NTA_ROW_UNREAD))
        row->faults |= NTA_ROW_CONTENT;
    return result;
}

/** All lengths, header and signature.  1: there are such, 0: there is no content. */
static int take_head(struct nta_sqlite *sqlite, int64_t id, bool ret_readable[NTA_N_PARTS],
                     struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE1_PARTS, &result, err);

    if (!statement)
        return result;
    result = step_content(sqlite, statement, id, row, err);
    if (result <= 0)
        return result;
    for (enum nta_store_part part = 0; part < NTA_N_PARTS; part++)
        ret_readable[part] = nta_sqlite_take_len(statement, (int)part, part, row);
    if (ret_readable[NTA_PART_HEADER])
        nta_sqlite_take_part(statement, NTA_N_PARTS, NTA_PART_HEADER, row);
    if (ret_readable[NTA_PART_SIGNATURE])
        nta_sqlite_take_part(statement, NTA_N_PARTS + 1, NTA_PART_SIGNATURE, row);
    return 1;
}

/** One of the longer parts. */
static int take_long(struct nta_sqlite *sqlite, int64_t id, enum nta_store_part part,
                     struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;

    if (!nta_sqlite_may_read(sqlite, part, row)) {
        row->faults |= NTA_ROW_UNREAD;
        return 0;
    }
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(
        sqlite, part == NTA_PART_TOKENS ? NTA_SQLITE1_TOKENS : NTA_SQLITE1_BODY, &result, err);

    if (!statement)
        return result;
    result = step_content(sqlite, statement, id, row, err);
    if (result > 0)
        nta_sqlite_take_part(statement, 0, part, row);
    return result < 0 ? result : 0;
}

/** The sealed bytes of a row, as far as `search` wants them. */
static int take_content(struct nta_sqlite *sqlite, int64_t id,
                        const struct nta_store_search *search, struct nta_store_row *row,
                        struct nta_err *err)
{
    bool readable[NTA_N_PARTS] = {false};
    int result = take_head(sqlite, id, readable, row, err);

    if (result > 0)
        result = 0;
    if (result == 0 && search->with_tokens && readable[NTA_PART_TOKENS])
        result = take_long(sqlite, id, NTA_PART_TOKENS, row, err);
    if (result < 0 || row->bytes.failed)
        return result;
    row->is_whole = !search->wants || search->wants(search->owner, row);
    if (row->is_whole && !row->has[NTA_PART_TOKENS] && readable[NTA_PART_TOKENS])
        result = take_long(sqlite, id, NTA_PART_TOKENS, row, err);
    if (result == 0 && row->is_whole && readable[NTA_PART_BODY])
        result = take_long(sqlite, id, NTA_PART_BODY, row, err);
    return result;
}

/**
 * The row at which a statement stands.  The statement stays there, so that all parts are of one
 * state of the store.
 */
static int take_row(struct nta_sqlite *sqlite, sqlite3_stmt *statement,
                    const struct nta_store_search *search, struct nta_store_row *row,
                    struct nta_err *err)
{
    int64_t id = 0;
    int result = 0;

    take_columns(statement, row);
    if (nta_sqlite_number_of(statement, COLUMN_CONTENT, &id)) {
        result = take_content(sqlite, id, search, row, err);
    } else {
        row->faults |= NTA_ROW_TYPE | NTA_ROW_CONTENT;
        row->is_whole = !search->wants || search->wants(search->owner, row);
    }
    return row->bytes.failed ? nta_err_set(err, -ENOMEM, "out of memory") : result;
}

static int fetch(struct nta_sqlite *sqlite, const struct nta_store_search *search,
                 struct nta_store_row *row, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, NTA_SQLITE1_SEARCH, &result, err);

    if (!statement)
        return result;
    (void)sqlite3_bind_int64(statement, 1, search->day);
    nta_sqlite_bind_search(statement, 2, search);
    return nta_sqlite_search(sqlite, statement, take_row, search, row, err);
}

static const struct nta_sqlite_heads heads = {.table = NTA_SQLITE1_BATCH,
                                              .all = NTA_SQLITE1_ALL,
                                              .odd = NTA_SQLITE1_ODD,
                                              .fetch = fetch,
                                              .take = take_row};

int nta_sqlite1_fetch(struct nta_store *store, const struct nta_store_search *search,
                      struct nta_store_row *row, struct nta_err *err)
{
    return nta_sqlite_fetch_alike(store, &heads, search, row, err);
}

int nta_sqlite1_each_odd(struct nta_store *store, const struct nta_store_search *search,
                         struct nta_store_row *row, nta_store_odd_fn *each, void *owner,
                         struct nta_err *err)
{
    const struct nta_sqlite_odd odd = {.each = each, .owner = owner};

    return nta_sqlite_each_odd_alike(store, &heads, search, row, &odd, err);
}
