/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Pages of 16 KiB: bodies of 100 to 300 KB are read 1.6 times as fast as from pages of 4 KiB, and
 * written as fast as anything (32 KiB writes slower).  What is freed can be given back.  Both are
 * fixed when a file is made.
 */
#define SQL_LAYOUT                                                                                 \
    "PRAGMA page_size = 16384;"                                                                    \
    "PRAGMA auto_vacuum = INCREMENTAL;"                                                            \
    "PRAGMA journal_mode = WAL;"

/*
 * Debian's SQLite overwrites what is deleted unless told otherwise; the bytes are sealed, so that
 * would be writing for nothing, but where data keys are written (sqlite_put.c).  The write-ahead
 * log is emptied into the file every 16 MiB and not kept larger than 64 MiB; where the store has a
 * small bound, earlier (sqlite_drop.c).
 */
#define SQL_WRITER                                                                                 \
    "PRAGMA synchronous = FULL;"                                                                   \
    "PRAGMA secure_delete = OFF;"                                                                  \
    "PRAGMA wal_autocheckpoint = 1024;"                                                            \
    "PRAGMA journal_size_limit = 67108864;"

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

/**
 * Made here for its mode, which SQLite gives to the files beside it too; -EEXIST if it is there.
 * What makes a file goes to the disk at once when all of it is there, not step by step: until then
 * nobody has put anything in.
 *
 * Closing a file ends all POSIX locks that this process has on it, SQLite's too, and without these
 * another program that closes the store last takes its log away.  So no handle outlives the file
 * that is open here, and while it is, no other thread opens one.
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

int nta_sqlite_open(const char *path, bool create, const struct nta_sqlite_form *const *forms,
                    struct nta_store **ret_store, struct nta_err *err)
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
    sqlite->forms = forms;
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
