/* SPDX-License-Identifier: Apache-2.0 */
/* --check of what is written: store, MySQL, the file of alerts, the control socket. */
#include "base/file/path.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "check.h"
#include "config/secret.h"
#include "store/tables.h"
#include "vault/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    PROBE_BYTES = 65536
};

static bool is_set(const char *text)
{
    return text && text[0];
}

/* ---- store ---- */

/**
 * Something is written where nothing of it stays: into a file without a name.  0, or negative
 * errno.
 */
static int try_to_write(const char *dir)
{
    static const char zeros[PROBE_BYTES];
    NTA_AUTO_FD int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

    if (fd < 0) /* not every file system has such files */
        return errno == EOPNOTSUPP || errno == EISDIR ? 0 : -errno;
    ssize_t n = write(fd, zeros, sizeof(zeros));

    if (n == (ssize_t)sizeof(zeros) && fsync(fd) == 0)
        return 0;
    return n >= 0 && n < (ssize_t)sizeof(zeros) ? -ENOSPC : -errno;
}

/**
 * Files of the store that are there belong to somebody: one that root made keeps the service out.
 */
static unsigned check_files(struct nta_checking *checking)
{
    static const char *const names[] = {
        "journal.db", "journal.db-wal", "journal.db-shm",    "journal.lock",        "journal.state",
        "lists",      "state",          "state/signing.key", "state/checkpoint.key"};
    unsigned n_bad = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        char path[NTAD_PATH_SIZE];
        struct nta_err err = {0};
        struct stat status;

        if (!nta_path_join(checking->daemon->config->store.dir, names[i], path, sizeof(path)) ||
            lstat(path, &status) < 0)
            continue;
        int mode = S_ISDIR(status.st_mode) ? R_OK | W_OK | X_OK : R_OK | W_OK;
        int r = eaccess(path, mode) < 0 ? nta_err_sys(&err, -errno, "%.300s", path) : 0;

        if (r == 0 && !S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
            r = nta_err_set(&err, -EINVAL, "%.300s: not a file", path);
        if (r < 0)
            nta_check_fault(checking, "store", r, err.text);
        n_bad += r < 0;
    }
    return n_bad;
}

/**
 * "pid command" of the process that writes to the store; false: none does.  Nothing is made or
 * changed.
 */
static bool find_writer(const struct nta_checking *checking, char *buf, size_t size)
{
    char path[NTAD_PATH_SIZE], text[256];

    if (!nta_path_join(checking->daemon->config->store.dir, "journal.lock", path, sizeof(path)))
        return false;
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return false;
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    (void)nta_text_escape_to(buf, size, nta_span_of(text));
    return true;
}

/** The journal is one of ours.  It is opened for reading only, and not made. */
static int check_journal(const struct nta_checking *checking, struct nta_err *err)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    const char *path = checking->daemon->store_path;
    struct stat status;

    if (stat(path, &status) < 0 || status.st_size == 0)
        return 0;
    return nta_store_open_sqlite(path, false, &store, err);
}

void nta_check_store(struct nta_checking *checking)
{
    const char *dir = checking->daemon->config->store.dir;
    char writer[512];
    struct nta_err err = {0};
    struct stat status;
    int r = stat(dir, &status) < 0 ? -errno : !S_ISDIR(status.st_mode) ? -ENOTDIR : 0;

    if (r == 0)
        r = try_to_write(dir);
    if (r == 0 && eaccess(dir, W_OK | X_OK) < 0)
        r = -errno;
    if (r < 0)
        (void)nta_err_sys(&err, r, "store.directory %.200s", dir);
    if (r == 0 && check_files(checking) > 0)
        return;
    if (r == 0)
        r = check_journal(checking, &err);
    if (r < 0)
        nta_check_fault(checking, "store", r, err.text);
    else if (find_writer(checking, writer, sizeof(writer)))
        nta_check_fine("store", "%s, in use by %s", dir, writer[0] ? writer : "a process");
    else
        nta_check_fine("store", "%s", dir);
}

/* ---- MySQL ---- */

/** True if anything is to go by age, which needs rights, and partitions of the days that come. */
static bool deletes(const struct nta_config *config)
{
    return config->retention.evidence_ns || config->retention.traffic_ns ||
           config->retention.who_ns || config->retention.log_ns;
}

/** Whoever deletes there may. */
static int check_retention(struct nta_checking *checking, const char *host, struct nta_store *store,
                           int64_t today, struct nta_err *err)
{
    NTA_AUTO(nta_store_close) struct nta_store *own = NULL;
    struct nta_mysql_options options = checking->daemon->retention;

    if (!nta_config_has_retention_user(checking->daemon->config))
        return nta_store_prepare_days(store, today, true, err);
    options.hosts = host;
    int r = nta_store_open_mysql(&options, &own, err);

    return r < 0 ? r : nta_store_prepare_days(own, today, true, err);
}

/** Batches go there without them, and searches take longer. */
static void check_indexes(struct nta_store *store)
{
    struct nta_err why = {0};

    if (nta_store_keeps_indexes(store, &why) != 0)
        nta_check_lacks("mysql", "indexes, so that it is searched slowly: %s", why.text);
}

/** A server alone: of several, the first that answers would hide the others. */
static void check_server(struct nta_checking *checking, const char *host)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_mysql_options options = checking->daemon->mysql.mysql;
    struct nta_err err = {0};
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    char sentence[NTA_ERR_SIZE + 96], how[256];

    options.hosts = host;
    int r = nta_store_open_mysql(&options, &store, &err);

    if (r == 0 && deletes(checking->daemon->config))
        r = check_retention(checking, host, store, today, &err);
    if (r == 0)
        r = nta_store_describe(store, today, how, sizeof(how), &err);
    bool lacks_password = r == -EACCES && !is_set(options.password);

    (void)snprintf(sentence, sizeof(sentence), "%s%s", err.text,
                   lacks_password ? " (there is no password here; systemd's credential is in the "
                                    "unit only)"
                                  : "");
    if (r < 0) /* rights at the server, not on this machine */
        nta_check_fault(checking, "mysql", -EINVAL, sentence);
    else
        nta_check_fine("mysql", "%s: %s", host, how);
    if (r == 0)
        check_indexes(store);
}

void nta_check_mysql(struct nta_checking *checking)
{
    struct nta_daemon *daemon = checking->daemon;
    struct nta_err err = {0};
    char *rest = NULL;

    if (!daemon->config->mysql.enabled) {
        nta_check_none("mysql");
        return;
    }
    int r = nta_daemon_prepare_server(daemon, &err);

    if (r < 0) {
        nta_check_fault(checking, "mysql", r, err.text);
        return;
    }
    NTA_AUTO_FREE char *hosts =
        strdup(is_set(daemon->config->mysql.hosts) ? daemon->config->mysql.hosts : "");

    for (char *host = hosts ? strtok_r(hosts, ", ", &rest) : NULL; host;
         host = strtok_r(NULL, ", ", &rest))
        check_server(checking, host);
}

/* ---- alerts ---- */

/** The folder that a path lies in, as text: of "/a/b" "/a", of "b" ".". */
static const char *folder_of(const char *path, char *buf, size_t size)
{
    const char *slash = strrchr(path, '/');
    int len = slash == path ? 1 : slash ? (int)(slash - path) : 1;

    (void)snprintf(buf, size, "%.*s", len, slash ? path : ".");
    return buf;
}

/** What a start would open, without making it. */
static int check_alert_file(const char *path, struct nta_err *err)
{
    char folder[NTAD_PATH_SIZE];
    struct stat status;

    if (lstat(path, &status) == 0) {
        if (S_ISLNK(status.st_mode))
            return nta_err_set(err, -ELOOP, "%.300s: a symbolic link; name the file itself", path);
        if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))
            return nta_err_set(err, -EINVAL, "%.300s: neither a file nor a pipe", path);
        return eaccess(path, W_OK) < 0 ? nta_err_sys(err, -errno, "%.300s", path) : 0;
    }
    if (errno != ENOENT)
        return nta_err_sys(err, -errno, "%.300s", path);
    (void)folder_of(path, folder, sizeof(folder));
    if (eaccess(folder, W_OK | X_OK) < 0)
        return nta_err_sys(err, -errno, "%.300s cannot be made: folder %.100s", path, folder);
    int r = try_to_write(folder);

    return r < 0 ? nta_err_sys(err, r, "%.300s: folder %.100s", path, folder) : 0;
}

void nta_check_alerts(struct nta_checking *checking)
{
    const char *path = checking->daemon->config->alert.json;
    struct nta_err err = {0};

    if (!is_set(path)) {
        nta_check_none("alert.json");
        return;
    }
    int r = check_alert_file(path, &err);

    if (r < 0)
        nta_check_fault(checking, "alert.json", r, err.text);
    else
        nta_check_fine("alert.json", "%s", path);
}

/* ---- control socket ---- */

/** True if somebody listens there. */
static bool answers(const struct sockaddr_un *name)
{
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return fd >= 0 &&
           (connect(fd, (const struct sockaddr *)(const void *)name, sizeof(*name)) == 0 ||
            errno == EAGAIN);
}

void nta_check_control(struct nta_checking *checking)
{
    const char *path = checking->daemon->config->control.socket;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char folder[NTAD_PATH_SIZE], above[NTAD_PATH_SIZE];
    struct nta_err err = {0};
    struct stat status;
    int r = 0;

    (void)folder_of(path, folder, sizeof(folder));
    (void)folder_of(folder, above, sizeof(above));
    if (strlen(path) >= sizeof(name.sun_path)) {
        nta_check_fault(checking, "control", -EINVAL, "control.socket is too long for a socket");
        return;
    }
    memcpy(name.sun_path, path, strlen(path));
    if (answers(&name)) {
        nta_check_fine("control", "%s, and ntad answers there", path);
        return;
    }
    if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
        r = nta_err_set(&err, -EEXIST, "control.socket %.200s: there is something else", path);
    else if (stat(folder, &status) == 0)
        r = eaccess(folder, W_OK | X_OK) < 0
                ? nta_err_sys(&err, -errno, "control.socket: folder %.200s", folder)
                : 0;
    else if (stat(above, &status) < 0 || !S_ISDIR(status.st_mode)) /* one folder is made */
        r = nta_err_sys(&err, -ENOENT, "control.socket: folder %.200s", folder);
    if (r < 0)
        nta_check_fault(checking, "control", r, err.text);
    else
        nta_check_fine("control", "%s", path);
}
