/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a store to read it, so that nothing beside it changes.
 *
 * SQLite makes a -shm and a -wal file beside what it opens, and a reader that is the last one
 * leaves them.  So only where somebody has the store open, and with it these files, is it opened as
 * SQLite does.  Else nobody writes: the file is read as it stands, and the log beside it, if there
 * is any, through an index in memory.  A writer that comes then is seen by the files' times and
 * sizes, which are compared before and after each read; the store is opened anew.
 */
#include "base/buf.h"
#include "base/own.h"
#include "store/sqlite/sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    SHM_DMS = 128, ///< The byte of a -shm file that everybody holds who has it open.
    LENGTH_MAX = 16 * 1024 * 1024, ///< No value is longer that is read at all.
    TICK_STEPS = 16384,            ///< Steps of a statement between two looks.
    TICKS_MIN = 65536,             ///< So many looks any statement may take,
    BYTES_PER_TICK = 1024,         ///< and one more for each of these in the file.
    READ_MIN = 64 * 1024 * 1024,   ///< So many bytes any walk may read, beside what the file has.
    OPEN_TRIES = 5,
};

#define HEAP_MAX (INT64_C(96) << 20) ///< What SQLite may take in this process.

static int stat_beside(const char *path, const char *suffix, struct stat *ret_status)
{
    NTA_AUTO(nta_buf_done) struct nta_buf name = {0};

    nta_buf_puts(&name, path);
    nta_buf_puts(&name, suffix);
    nta_buf_put_u8(&name, 0);
    if (name.failed)
        return -ENOMEM;
    return stat((const char *)name.ptr, ret_status) < 0 ? -errno : 0;
}

static struct nta_sqlite_state state_of(const char *path)
{
    struct nta_sqlite_state state = {.file = {.st_size = 0}};

    (void)stat_beside(path, "", &state.file);
    (void)stat_beside(path, "-wal", &state.log);
    return state;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool nta_sqlite_is_stale(const struct nta_sqlite *sqlite)
{
    if (!sqlite->is_alone)
        return false;
    struct nta_sqlite_state now = state_of(sqlite->path);

    return !is_same_file(&now.file, &sqlite->state.file) ||
           !is_same_file(&now.log, &sqlite->state.log);
}

/** In a process of its own, since closing the file would end this process's own locks on it. */
static int ask_for_lock(const char *name)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHM_DMS, .l_len = 1};
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno == ENOENT ? 0 : 1;
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK ? 0 : 1;
}

/** True if somebody has the store open, or if that cannot be told. */
static bool is_in_use(const char *path)
{
    NTA_AUTO(nta_buf_done) struct nta_buf name = {0};
    int status = 0;
    pid_t child, ended;

    nta_buf_puts(&name, path);
    nta_buf_puts(&name, "-shm");
    nta_buf_put_u8(&name, 0);
    if (name.failed || access((const char *)name.ptr, F_OK) < 0)
        return name.failed;
    child = fork();
    if (child < 0)
        return true;
    if (child == 0)
        _exit(ask_for_lock((const char *)name.ptr));
    do
        ended = waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

/** The path as a URI with these parameters. */
static void put_uri(struct nta_buf *uri, const char *path, const char *parameters)
{
    nta_buf_puts(uri, "file:");
    for (; *path; path++) {
        if (strchr("%?#", *path))
            nta_buf_printf(uri, "%%%02x", (unsigned char)*path);
        else
            nta_buf_put_u8(uri, (uint8_t)*path);
    }
    nta_buf_puts(uri, parameters);
    nta_buf_put_u8(uri, 0);
}

static int on_tick(void *owner)
{
    struct nta_sqlite *sqlite = owner;

    return ++sqlite->n_ticks > sqlite->max_ticks;
}

/** Bytes that lie on the disk: a file can say that it is longer than any disk. */
static uint64_t bytes_of(const struct stat *status)
{
    uint64_t len = status->st_size > 0 ? (uint64_t)status->st_size : 0,
             held = UINT64_C(512) * (uint64_t)status->st_blocks;

    return len < held ? len : held;
}

static uint64_t file_bytes(const struct nta_sqlite_state *state)
{
    return bytes_of(&state->file) + bytes_of(&state->log);
}

void nta_sqlite_begin_walk(struct nta_sqlite *sqlite)
{
    const struct nta_sqlite_state now = state_of(sqlite->path);

    sqlite->n_read = 0;
    sqlite->n_own = 0;
    sqlite->max_read = READ_MIN + 2 * file_bytes(&now);
}

/** Bounds on what one statement, and one value, may cost. */
static void set_bounds(struct nta_sqlite *sqlite)
{
    (void)sqlite3_hard_heap_limit64(HEAP_MAX);
    (void)sqlite3_limit(sqlite->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    (void)sqlite3_limit(sqlite->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite->n_ticks = 0;
    sqlite->max_ticks = TICKS_MIN + file_bytes(&sqlite->state) / BYTES_PER_TICK;
    sqlite3_progress_handler(sqlite->db, TICK_STEPS, on_tick, sqlite);
}

/**
 * Open, in the way that `parameters` of the URI say (NULL: as SQLite does); 1, or 0: it is empty,
 * or negative errno.
 */
static int open_as(struct nta_sqlite *sqlite, const char *parameters, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf uri = {0};
    int result;

    if (sqlite->db)
        (void)sqlite3_close(NTA_TAKE(sqlite->db));
    if (parameters)
        put_uri(&uri, sqlite->path, parameters);
    if (uri.failed)
        return nta_err_set(err, -ENOMEM, "out of memory");
    sqlite->is_alone = parameters != NULL;
    result = nta_sqlite_open_file(sqlite, parameters ? (const char *)uri.ptr : sqlite->path,
                                  SQLITE_OPEN_READONLY | (parameters ? SQLITE_OPEN_URI : 0), err);
    if (result < 0)
        return result;
    set_bounds(sqlite);
    return nta_sqlite_look_at_schema(sqlite, err);
}

static int check_file(const struct nta_sqlite *sqlite, struct nta_err *err)
{
    if (access(sqlite->path, F_OK) < 0 || sqlite->state.file.st_mode == 0)
        return nta_err_sys(err, errno ? -errno : -ENOENT, "store %s cannot be read", sqlite->shown);
    if (!S_ISREG(sqlite->state.file.st_mode))
        return nta_err_set(err, -EPROTO, "%s is not a store of NTA: no file", sqlite->shown);
    return 0;
}

/** Open as is right for who else has it open. */
static int open_beside(struct nta_sqlite *sqlite, bool in_use, struct nta_err *err)
{
    bool has_log = sqlite->state.log.st_size > 0;
    int result = in_use ? open_as(sqlite, NULL, err) : 0;

    /* where SQLite may not use the -shm file it need not, if there is no log */
    if (!in_use || (!has_log && (result == -EACCES || result == -EROFS)))
        result = open_as(sqlite, has_log ? "?vfs=unix-none" : "?immutable=1", err);
    return result;
}

/** One try; -EAGAIN: a writer came in between. */
static int try_open(struct nta_sqlite *sqlite, struct nta_err *err)
{
    bool in_use;
    int result;

    sqlite->state = state_of(sqlite->path);
    result = check_file(sqlite, err);
    if (result < 0)
        return result;
    if (sqlite->state.file.st_size ==
        0) /* nor would SQLite leave the log beside an empty file alone */
        return 0;
    in_use = is_in_use(sqlite->path);
    sqlite->is_cut = false;
    result = open_beside(sqlite, in_use, err);
    if (result == -EIO) {
        sqlite->is_cut = true;
        result = open_beside(sqlite, in_use, err);
    }
    return nta_sqlite_is_stale(sqlite) ? -EAGAIN : result;
}

int nta_sqlite_open_reader(struct nta_sqlite *sqlite, struct nta_err *err)
{
    int result = -EAGAIN;

    for (int i = 0; i < OPEN_TRIES && result == -EAGAIN; i++)
        result = try_open(sqlite, err);
    if (result == 0)
        return nta_err_set(err, -ENOENT, "store %s is empty: nothing was recorded yet",
                           sqlite->shown);
    if (result > 0 && err)
        err->text[0] = '\0'; /* of a first try */
    return result == -EAGAIN ? nta_sqlite_err_moved(sqlite, err) : result < 0 ? result : 0;
}

int nta_sqlite_err_moved(const struct nta_sqlite *sqlite, struct nta_err *err)
{
    return nta_err_set(err, -EAGAIN,
                       "store %s was opened for writing while it was read: try it again",
                       sqlite->shown);
}

/** True if a statement stands somewhere in its rows. */
static bool is_busy(const struct nta_sqlite *sqlite)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(sqlite->statements); i++) {
        if (sqlite->statements[i] && sqlite3_stmt_busy(sqlite->statements[i]))
            return true;
    }
    return false;
}

int nta_sqlite_refresh(struct nta_sqlite *sqlite, struct nta_err *err)
{
    int result;

    if (!nta_sqlite_is_stale(sqlite))
        return 0;
    if (sqlite->store.is_frozen || is_busy(sqlite))
        return nta_sqlite_err_moved(sqlite, err);
    for (size_t i = 0; i < NTA_N_ELEMENTS(sqlite->statements); i++)
        (void)sqlite3_finalize(NTA_TAKE(sqlite->statements[i]));
    result = nta_sqlite_open_reader(sqlite, err);
    if (result < 0) { /* nothing is read of what was refused: the next read opens it again */
        sqlite->is_alone = true;
        sqlite->state = (struct nta_sqlite_state){.file = {.st_size = -1}};
    }
    return result;
}

int nta_sqlite_settle(const struct nta_sqlite *sqlite, int result, struct nta_err *err)
{
    return nta_sqlite_is_stale(sqlite) ? nta_sqlite_err_moved(sqlite, err) : result;
}

int nta_sqlite_freeze(struct nta_store *store, struct nta_err *err)
{
    struct nta_sqlite *sqlite = nta_sqlite_of(store);
    int64_t ignored;
    int result = nta_sqlite_refresh(sqlite, err); /* frozen, it could not be any more */

    if (result == 0)
        result = nta_sqlite_run(sqlite, "BEGIN", "be read", err);
    /* the state to stay with is that of the first read */
    if (result == 0)
        result = nta_sqlite_number(sqlite, "SELECT count(*) FROM sqlite_schema", &ignored, err);
    if (result < 0)
        nta_sqlite_thaw(store);
    return result;
}

void nta_sqlite_thaw(struct nta_store *store)
{
    if (!sqlite3_get_autocommit(nta_sqlite_of(store)->db))
        (void)sqlite3_exec(nta_sqlite_of(store)->db, "COMMIT", NULL, NULL, NULL);
}
