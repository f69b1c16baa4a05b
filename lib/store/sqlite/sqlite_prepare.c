/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: made ready once a handle, bound and stepped. */
#include "base/own.h"
#include "store/sqlite/sqlite_internal.h"

sqlite3_stmt *nta_sqlite_get(struct nta_sqlite *sqlite, unsigned which, int *ret_result,
                             struct nta_err *err)
{
    sqlite3_stmt **statement = &sqlite->statements[which];
    NTA_AUTO(nta_buf_done) struct nta_buf sql = {0};
    int code = SQLITE_NOMEM;

    sqlite->n_ticks = 0;
    if (*statement)
        return *statement;
    nta_sqlite_put_sql(sqlite, sqlite->form->statements[which], &sql);
    if (!sql.failed)
        code = sqlite3_prepare_v3(sqlite->db, (const char *)sql.ptr, (int)sql.len,
                                  SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (code != SQLITE_OK)
        *ret_result = nta_sqlite_fail(sqlite, code, "be read", err);
    return *statement;
}

void nta_sqlite_finish(sqlite3_stmt **statement)
{
    if (!*statement)
        return;
    (void)sqlite3_reset(*statement);
    (void)sqlite3_clear_bindings(*statement); /* they point into the caller's bytes */
    *statement = NULL;
}

void nta_sqlite_bind(sqlite3_stmt *statement, int at, const void *ptr, size_t len)
{
    (void)sqlite3_bind_blob64(statement, at, len ? ptr : "", len, SQLITE_STATIC);
}

int nta_sqlite_step(struct nta_sqlite *sqlite, sqlite3_stmt *statement, const char *what,
                    struct nta_err *err)
{
    int code = sqlite3_step(statement);

    return code == SQLITE_DONE ? 0 : nta_sqlite_fail(sqlite, code, what, err);
}

int nta_sqlite_do(struct nta_sqlite *sqlite, unsigned which, const char *what, struct nta_err *err)
{
    int result = 0;
    NTA_AUTO(nta_sqlite_finish)
    sqlite3_stmt *statement = nta_sqlite_get(sqlite, which, &result, err);

    return statement ? nta_sqlite_step(sqlite, statement, what, err) : result;
}
