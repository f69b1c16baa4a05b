/* SPDX-License-Identifier: Apache-2.0 */
/* SQL text that runs at once, what an answer holds, and the sentence for what fails. */
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>

static int errno_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM: return -ENOMEM;
    case SQLITE_FULL: return -ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return -EBUSY;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return -EACCES;
    case SQLITE_READONLY: return -EROFS;
    case SQLITE_NOTADB: return -EPROTO;
    case SQLITE_TOOBIG: return -E2BIG;
    case SQLITE_CONSTRAINT: return -EEXIST;
    default: return -EIO;
    }
}

int nta_sqlite_fail(const struct nta_sqlite *sqlite, int code, const char *what,
                    struct nta_err *err)
{
    int system = errno, result = errno_of(code);
    char text[256];

    /* SQLite knows a full disk as such, but calls a full quota or the largest file size an I/O
     * error */
    if (code == SQLITE_IOERR_WRITE && (system == EDQUOT || system == EFBIG))
        result = -ENOSPC;
    if (result == -ENOSPC)
        return nta_err_set(err, result, "store %s: cannot %s: no room left", sqlite->shown, what);
    if ((code & 0xff) == SQLITE_NOTADB)
        return nta_err_set(err, result, "%s is not a store of NTA: not an SQLite file",
                           sqlite->shown);
    if ((code & 0xff) == SQLITE_CORRUPT)
        return nta_err_set(err, result,
                           "store %s: cannot %s: the file is damaged; \"nta verify\" says which "
                           "batches still hold",
                           sqlite->shown, what);
    (void)nta_text_escape_to(text, sizeof(text), nta_span_of(sqlite3_errmsg(sqlite->db)));
    return nta_err_set(err, result, "store %s: cannot %s: %s", sqlite->shown, what, text);
}

int nta_sqlite_fail_read(const struct nta_sqlite *sqlite, int code, const char *what,
                         struct nta_err *err)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
    case SQLITE_INTERRUPT:
        return nta_err_set(
            err, -EIO,
            "store %s: cannot %s: the file is damaged, or was made to be read without "
            "end",
            sqlite->shown, what);
    default: return nta_sqlite_fail(sqlite, code, what, err);
    }
}

int nta_sqlite_run(const struct nta_sqlite *sqlite, const char *sql, const char *what,
                   struct nta_err *err)
{
    int code = sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : nta_sqlite_fail(sqlite, code, what, err);
}

int nta_sqlite_number(const struct nta_sqlite *sqlite, const char *sql, int64_t *ret_number,
                      struct nta_err *err)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return code == SQLITE_ROW ? 0 : nta_sqlite_fail(sqlite, code, "be read", err);
}

struct nta_span nta_sqlite_column(sqlite3_stmt *statement, int column)
{
    const uint8_t *ptr = sqlite3_column_blob(statement, column);

    return (struct nta_span){.ptr = ptr,
                             .len = ptr ? (size_t)sqlite3_column_bytes(statement, column) : 0};
}
