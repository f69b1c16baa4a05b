/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Waiting for the other writer (recorder and shipper share the journal). */
#define BUSY_TIMEOUT_MS 10000

/*
 * Pages of 16 KiB: bodies of 100 to 300 KB are read 1.6 times as fast as from pages of 4 KiB, and written as fast as
 * anything (32 KiB writes slower).  What is freed can be given back.  Both are fixed when a file is made.
 */
#define SQL_LAYOUT                                                                                 \
    "PRAGMA page_size = 16384;"                                                                    \
    "PRAGMA auto_vacuum = INCREMENTAL;"                                                            \
    "PRAGMA journal_mode = WAL;"

/*
 * Debian's SQLite overwrites what is deleted unless told otherwise; the bytes are sealed, so that would be writing
 * for nothing.  The write-ahead log is emptied into the file every 16 MiB and not kept larger than 64 MiB.
 */
#define SQL_WRITER                                                                                 \
    "PRAGMA synchronous = FULL;"                                                                   \
    "PRAGMA secure_delete = OFF;"                                                                  \
    "PRAGMA wal_autocheckpoint = 1024;"                                                            \
    "PRAGMA journal_size_limit = 67108864;"

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

    /* SQLite knows a full disk as such, but calls a full quota or the largest file size an I/O error */
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

static int make_schema(struct nta_sqlite *sqlite, struct nta_err *err)
{
    int result = nta_sqlite_run(sqlite, SQL_LAYOUT "BEGIN IMMEDIATE", "be made", err);

    if (result < 0)
        return result;
    result = nta_sqlite_look_at_schema(sqlite, err); /* another process may have been faster */
    if (result == 0)
        result = nta_sqlite_make_tables(sqlite, err);
    if (result >= 0)
        result = nta_sqlite_run(sqlite, "COMMIT", "be made", err);
    if (result < 0)
        (void)sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
    return result;
}

/** Blobs and numbers, which all of ours are, have no collation; a column that has one is read all the same. */
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

/**
 * Made here for its mode, which SQLite gives to the files beside it too; -EEXIST if it is there.  What makes a file goes
 * to the disk at once when all of it is there, not step by step: until then nobody has put anything in.
 *
 * Closing a file ends all POSIX locks that this process has on it, SQLite's too, and without these another program that
 * closes the store last takes its log away.  So no handle outlives the file that is open here, and while it is, no
 * other thread opens one.
 */
static int make_file(struct nta_sqlite *sqlite, const char *path, struct nta_err *err)
{
    NTA_AUTO_FD int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    if (fd < 0 && errno == EEXIST)
        return -EEXIST;
    if (fd < 0)
        return nta_err_sys(err, -errno, "store %s cannot be made", sqlite->shown);
    int result = nta_sqlite_open_file(sqlite, path, SQLITE_OPEN_READWRITE, err);

    if (result == 0)
        result = nta_sqlite_run(sqlite, "PRAGMA synchronous = OFF", "be made", err);
    if (result == 0)
        result = make_schema(sqlite, err);
    (void)sqlite3_close(NTA_TAKE(sqlite->db));
    if (result < 0)
        return result;
    result = fsync(fd) < 0 ? -errno : nta_sync_folder(path);
    return result < 0 ? nta_err_sys(err, result, "store %s cannot be made", sqlite->shown) : 0;
}

static int open_made(struct nta_sqlite *sqlite, const char *path, struct nta_err *err)
{
    int persist = 1, result = make_file(sqlite, path, err);

    if (result == 0 || result == -EEXIST)
        result = nta_sqlite_open_file(sqlite, path, SQLITE_OPEN_READWRITE, err);
    /* what must not be written, if only now, SQLite opens to be read, and it would stay so */
    if (result == 0 && sqlite3_db_readonly(sqlite->db, "main") == 1)
        result = nta_err_set(err, -EROFS, "store %s cannot be opened to be written", sqlite->shown);
    if (result == 0)
        result = nta_sqlite_look_at_schema(sqlite, err);
    if (result ==
        0) /* an empty file that was there already may be another's, too, at this moment */
        result = make_schema(sqlite, err);
    if (result < 0)
        return result;
    /* readers without the right to make the -shm file find it then, also when no writer runs */
    (void)sqlite3_file_control(sqlite->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    return nta_sqlite_run(sqlite, SQL_WRITER, "be opened", err);
}

static int open_writer(struct nta_sqlite *sqlite, const char *path, struct nta_err *err)
{
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

    (void)pthread_mutex_lock(&making);
    int result = open_made(sqlite, path, err);

    (void)pthread_mutex_unlock(&making);
    return result;
}

int nta_store_open_sqlite(const char *path, bool create, struct nta_store **ret_store,
                          struct nta_err *err)
{
    NTA_AUTO(nta_sqlite_free) struct nta_sqlite *sqlite = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};
    int result;

    nta_text_escape(&shown, nta_span_of(path));
    nta_buf_put_u8(&shown, 0);
    if (!shown.failed)
        sqlite = calloc(1, sizeof(*sqlite));
    if (!sqlite)
        return nta_err_set(err, -ENOMEM, "out of memory");
    sqlite->store.ops = &nta_sqlite_ops;
    sqlite->shown = (char *)NTA_TAKE(shown.ptr);
    sqlite->is_reader = !create;
    sqlite->path = strdup(path);
    if (!sqlite->path)
        return nta_err_set(err, -ENOMEM, "out of memory");
    result = create ? open_writer(sqlite, path, err) : nta_sqlite_open_reader(sqlite, err);
    if (result < 0)
        return result; /* NOLINT(clang-analyzer-unix.Malloc): its destructor frees it */
    *ret_store = &sqlite->store;
    sqlite = NULL;
    return 0;
}
