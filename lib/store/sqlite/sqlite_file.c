/* SPDX-License-Identifier: Apache-2.0 */
/* The database behind a handle: opened with what everybody sets, and closed. */
#include "base/own.h"
#include "store/sqlite/sqlite_internal.h"

#include <stdlib.h>
#include <string.h>

/** Waiting for the other writer (recorder and shipper share the journal). */
#define BUSY_TIMEOUT_MS 10000

#define SQL_EVERYBODY                                                                              \
    "PRAGMA cache_size = -8192;"                                                                   \
    "PRAGMA cell_size_check = ON;"                                                                 \
    "PRAGMA temp_store = MEMORY;"

void nta_sqlite_free(struct nta_sqlite **sqlite)
{
    struct nta_sqlite *dead = NTA_TAKE(*sqlite);

    if (!dead)
        return;
    for (size_t i = 0; i < NTA_N_ELEMENTS(dead->statements); i++)
        (void)sqlite3_finalize(dead->statements[i]);
    (void)sqlite3_close(dead->db);
    free(dead->shown);
    free(dead->path);
    free(dead);
}

/**
 * Blobs and numbers, which all of ours are, have no collation; a column that has one is read all
 * the same.
 */
static int compare_bytes(void *owner, int len_a, const void *a, int len_b, const void *b)
{
    (void)owner;
    return nta_span_order((struct nta_span){a, (size_t)len_a}, (struct nta_span){b, (size_t)len_b});
}

static void make_collation(void *owner, sqlite3 *db, int form, const char *name)
{
    (void)sqlite3_create_collation_v2(db, name, form, owner, compare_bytes, NULL);
}

int nta_sqlite_open_file(struct nta_sqlite *sqlite, const char *name, int flags,
                         struct nta_err *err)
{
    int code = sqlite3_open_v2(name, &sqlite->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
    int off = 0, result = 0;

    if (code != SQLITE_OK)
        return nta_sqlite_fail(sqlite, code, "be opened", err);
    (void)sqlite3_extended_result_codes(sqlite->db, 1);
    (void)sqlite3_busy_timeout(sqlite->db, BUSY_TIMEOUT_MS);
    /* a file that somebody prepared must not make us run what its schema says */
    (void)sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_DEFENSIVE, !sqlite->is_cut, &off);
    (void)sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &off);
    if (sqlite->is_reader)
        (void)sqlite3_collation_needed(sqlite->db, NULL, make_collation);
    /* so SQLite reads what is left of a file that was cut; nothing is written here */
    if (sqlite->is_cut)
        result = nta_sqlite_run(sqlite, "PRAGMA writable_schema = ON", "be opened", err);
    /* alone: the log's index is in memory, and the log stays as it is */
    if (sqlite->is_alone) {
        (void)sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &off);
        result = result < 0
                     ? result
                     : nta_sqlite_run(sqlite, "PRAGMA locking_mode = EXCLUSIVE", "be opened", err);
    }
    return result < 0 ? result : nta_sqlite_run(sqlite, SQL_EVERYBODY, "be opened", err);
}
