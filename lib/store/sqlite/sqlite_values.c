/* SPDX-License-Identifier: Apache-2.0 */
/* What a row that a statement stands at says: every value by type and length before it is read. */
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>
#include <string.h>

bool nta_sqlite_number_of(sqlite3_stmt *statement, int column, int64_t *ret_number)
{
    if (sqlite3_column_type(statement, column) != SQLITE_INTEGER)
        return false;
    *ret_number = sqlite3_column_int64(statement, column);
    return true;
}

bool nta_sqlite_exact(sqlite3_stmt *statement, int column, uint8_t *ret_bytes, size_t len)
{
    if (sqlite3_column_type(statement, column) != SQLITE_BLOB)
        return false;
    struct nta_span bytes = nta_sqlite_column(statement, column);

    if (bytes.len != len)
        return false;
    memcpy(ret_bytes, bytes.ptr, len);
    return true;
}

int64_t nta_sqlite_take_number(sqlite3_stmt *statement, int column, int64_t min, int64_t max,
                               struct nta_store_row *row)
{
    int64_t number = 0;

    if (nta_sqlite_number_of(statement, column, &number) && number >= min && number <= max)
        return number;
    row->faults |= NTA_ROW_TYPE;
    return 0;
}

int nta_sqlite_step_row(struct nta_sqlite *sqlite, sqlite3_stmt *statement,
                        struct nta_store_row *row, struct nta_err *err)
{
    int result, code = sqlite3_step(statement);

    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return code == SQLITE_ROW;
    result = nta_sqlite_fail_read(sqlite, code, "read a batch", err);
    if (result != -EIO)
        return result;
    row->faults |= NTA_ROW_UNREAD;
    return 0;
}

bool nta_sqlite_take_len(sqlite3_stmt *statement, int column, enum nta_store_part part,
                         struct nta_store_row *row)
{
    int64_t len = 0;

    if (!nta_sqlite_number_of(statement, column, &len)) {
        row->faults |= NTA_ROW_CONTENT;
        return false;
    }
    row->lens[part] = (uint64_t)len;
    if (row->lens[part] <= nta_store_part_max[part])
        return true;
    row->faults |= NTA_ROW_SIZE;
    return false;
}

void nta_sqlite_take_part(sqlite3_stmt *statement, int column, enum nta_store_part part,
                          struct nta_store_row *row)
{
    struct nta_span bytes = nta_sqlite_column(statement, column);

    row->has[part] = bytes.len == row->lens[part];
    if (row->has[part])
        nta_buf_put(&row->bytes, bytes.ptr, bytes.len);
    else
        row->faults |= NTA_ROW_UNREAD;
}

bool nta_sqlite_may_read(struct nta_sqlite *sqlite, enum nta_store_part part,
                         const struct nta_store_row *row)
{
    sqlite->n_read += row->lens[part];
    if (sqlite->n_read <= sqlite->max_read)
        return true;
    if (!nta_store_row_is_own(row))
        return false;
    sqlite->n_own += row->lens[part]; /* contents may share pages in a file that was made by hand */
    return sqlite->n_own <= sqlite->max_read;
}
