/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fresh.h"

#include "base/own.h"
#include "vault/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    MODE = 0600
};

/** A device or a pipe, also behind a link as /dev/stdout is one. */
static bool is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static const char *const store_files[] = {"journal.db",         "journal.db-wal", "journal.db-shm",
                                          "journal.db-journal", "journal.state",  "journal.lock"};

/** Another of a store's files lies in the same folder, or one that is a store already. */
static bool is_in_store(const char *path, size_t folder_len)
{
    static const char magic[] = "SQLite format 3";
    static const char *const beside[] = {"journal.state", "journal.lock"};
    char name[PATH_MAX], start[sizeof(magic)] = "";

    for (size_t i = 0; i < NTA_N_ELEMENTS(beside); i++) {
        (void)snprintf(name, sizeof(name), "%.*s%s", (int)folder_len, path, beside[i]);
        if (access(name, F_OK) == 0)
            return true;
    }
    (void)snprintf(name, sizeof(name), "%.*sjournal.db", (int)folder_len, path);
    NTA_AUTO_FD int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    return fd >= 0 && read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) &&
           memcmp(start, magic, sizeof(magic)) == 0;
}

int nta_fresh_check(const char *path, struct nta_err *err)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const size_t folder_len = (size_t)(name - path);

    if (strcmp(path, "-") == 0)
        return nta_err_set(err, -EINVAL, "this goes into a file, not to standard output: name one");
    if (folder_len >= PATH_MAX)
        return nta_err_sys(err, -ENAMETOOLONG, "%.300s", path);
    for (size_t i = 0; i < NTA_N_ELEMENTS(store_files); i++) {
        if (strcmp(name, store_files[i]) == 0 && is_in_store(path, folder_len))
            return nta_err_set(err, -EINVAL,
                               "%.300s is a store's own file: name another, or the store is lost",
                               path);
    }
    return 0;
}

static const struct
{
    size_t at; ///< Where `begins` stands.
    const char *what, *begins;
} kinds[] = {
    [NTA_FRESH_PAGE] = {sizeof("<!doctype html>\n<html lang=\"en") - 1, /* in any language */
                        "page",
                        "\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" content=\""},
    [NTA_FRESH_PDF] = {0, "PDF", "%PDF-1.4\n%\xD3\xEB\xE9\xE1\n"}, /* as Chromium prints one */
    [NTA_FRESH_KML] = {0, "KML map",
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<kml xmlns=\"http://www.opengis.net/kml/"},
    [NTA_FRESH_KMZ] = {30, "KMZ map", "doc.kml"}, /* APPNOTE.TXT section 4.3.7 */
    [NTA_FRESH_GEOJSON] = {0, "GeoJSON map", "{\"type\":\"FeatureCollection\","},
    [NTA_FRESH_CHECKPOINTS] = {0, "file of checkpoints", NTA_LOG_NAME},
};

static_assert(NTA_N_ELEMENTS(kinds) == NTA_N_FRESH_KINDS, "a row each");

bool nta_fresh_begins(enum nta_fresh_kind kind, struct nta_span start)
{
    return start.len >= kinds[kind].at &&
           nta_span_begins(nta_span_from(start, kinds[kind].at), nta_span_of(kinds[kind].begins));
}

int nta_fresh_is_ours(const char *path, enum nta_fresh_kind kind, struct nta_err *err)
{
    uint8_t begins[256];

    if (nta_fresh_check(path, err) < 0)
        return -EINVAL;
    if (is_special(path))
        return 0;
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0 && errno == ENOENT)
        return 0;
    const ssize_t n = fd < 0 ? -1 : read(fd, begins, sizeof(begins));

    if (n < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    if (n == 0 || nta_fresh_begins(kind, (struct nta_span){begins, (size_t)n}))
        return 0;
    return nta_err_set(err, -EEXIST,
                       "%.300s is there, and is no %s of ours: name another file, or take it away",
                       path, kinds[kind].what);
}

/** A link is replaced, never followed: where it leads to is nobody's wish who said the name. */
static int open_whole(struct nta_fresh_file *fresh)
{
    int r = nta_newfile_open(&fresh->whole, fresh->path, MODE);
    int fd = r < 0 ? -1 : fcntl(fresh->whole.fd, F_DUPFD_CLOEXEC, 0);

    if (r < 0)
        return r;
    fresh->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (fresh->file)
        return 0;
    r = -errno;
    nta_own_close(&fd);
    nta_newfile_drop(&fresh->whole);
    return r;
}

int nta_fresh_open(struct nta_fresh_file *fresh, const char *path, struct nta_err *err)
{
    int r = nta_fresh_check(path, err);

    *fresh = (struct nta_fresh_file){.path = path, .whole = NTA_NEWFILE_NONE};
    if (r < 0)
        return r;
    if (is_special(path)) {
        fresh->file = fopen(path, "we");
        r = fresh->file ? 0 : -errno;
    } else {
        r = open_whole(fresh);
    }
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}

int nta_fresh_commit(struct nta_fresh_file *fresh, bool replaces, struct nta_err *err)
{
    FILE *file = NTA_TAKE(fresh->file);
    int r = fflush(file) != 0 || ferror(file) ? -errno : 0;

    if (fclose(file) != 0 && r == 0)
        r = -errno;
    if (r == 0 && fresh->whole.fd >= 0)
        r = nta_newfile_commit(&fresh->whole, replaces);
    if (r == 0)
        return 0;
    nta_newfile_drop(&fresh->whole);
    return nta_err_sys(err, r, "%.300s", fresh->path);
}

void nta_fresh_drop(struct nta_fresh_file *fresh)
{
    nta_own_fclose(&fresh->file);
    nta_newfile_drop(&fresh->whole);
}
