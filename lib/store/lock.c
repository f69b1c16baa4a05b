/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lock.h"

#include "base/own.h"
#include "base/runtime/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum
{
    FILE_MODE = 0600,  ///< Whoever may open it may hold it.
    HOLDER_SIZE = 256, ///< Of the file's text.
    SHOWN_SIZE = 4 * HOLDER_SIZE,
    TRIES_MAX = 100,
    SIGN_TRIES = 10,
    SIGN_PAUSE_NS = 10 * 1000 * 1000
};

struct nta_store_lock
{
    int fd;      ///< Owned.
    char *store; ///< Owned: its path.
};

int nta_store_beside(const char *path, const char *end, char *ret_path, size_t size)
{
    size_t len = strlen(path);

    if (len > 3 && strcmp(path + len - 3, ".db") == 0)
        len -= 3;
    if (len > INT_MAX || (size_t)snprintf(ret_path, size, "%.*s%s", (int)len, path, end) >= size)
        return -ENAMETOOLONG;
    return 0;
}

void nta_store_own_as_folder(const char *path, int fd)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX];
    struct stat status;

    if (geteuid() != 0 || (size_t)(slash ? slash - path : 0) >= sizeof(folder))
        return;
    (void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1,
                   slash ? path : ".");
    if (stat(folder[0] ? folder : "/", &status) == 0 && status.st_uid != 0)
        (void)!fchown(fd, status.st_uid, status.st_gid);
}

/**
 * The file stays, and says nothing: one that is removed could be locked by a second holder under
 * its old name.
 */
static void give_back(int *fd)
{
    if (*fd >= 0)
        (void)!ftruncate(*fd, 0);
    nta_own_close(fd);
    *fd = -1;
}

void nta_store_lock_free(struct nta_store_lock **lock)
{
    struct nta_store_lock *dead = NTA_TAKE(*lock);

    if (!dead)
        return;
    give_back(&dead->fd);
    free(dead->store);
    free(dead);
}

/** "ntad --foreground", from the system: what the process was started as. */
static size_t read_command(char *buf, size_t size)
{
    NTA_AUTO_FD int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, buf, size);
    size_t len = n > 0 ? (size_t)n : 0;

    for (size_t i = 0; i < len; i++)
        if (buf[i] == '\0')
            buf[i] = ' ';
    while (len > 0 && buf[len - 1] == ' ')
        len--;
    return len;
}

/** For people; on a full disk nothing, and then they see less. */
static void sign(int fd)
{
    char text[HOLDER_SIZE];
    int n = snprintf(text, sizeof(text), "%ld ", (long)getpid());
    size_t len = (size_t)n + read_command(text + n, sizeof(text) - (size_t)n - 1);

    text[len++] = '\n';
    /* in this order, so that whoever looks now does not find it empty */
    if (pwrite(fd, text, len, 0) == (ssize_t)len)
        (void)!ftruncate(fd, (off_t)len);
    else
        (void)!ftruncate(fd, 0);
}

/** "pid 4711 (ntad --foreground)", or what can be said. */
static void describe_holder(int fd, char shown[SHOWN_SIZE])
{
    char text[HOLDER_SIZE + 1], command[SHOWN_SIZE - 64];
    ssize_t n = 0;
    char *end = NULL;

    /* one who has just locked it has not signed yet */
    for (int i = 0; i < SIGN_TRIES && n <= 0; i++) {
        const struct timespec pause = {.tv_nsec = i ? SIGN_PAUSE_NS : 0};

        (void)nanosleep(&pause, NULL);
        n = pread(fd, text, HOLDER_SIZE, 0);
    }

    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    long pid = strtol(text, &end, 10);

    if (end == text || *end != ' ') {
        (void)snprintf(shown, SHOWN_SIZE, "another process");
        return;
    }
    (void)snprintf(shown, SHOWN_SIZE, "process %ld (%s)", pid,
                   nta_text_escape_to(command, sizeof(command), nta_span_of(end + 1)));
}

/** What is open has this name. */
static bool is_at(int fd, const char *path)
{
    struct stat here, there;

    return fstat(fd, &here) == 0 && stat(path, &there) == 0 && here.st_ino == there.st_ino &&
           here.st_dev == there.st_dev;
}

/**
 * 0: ours; 1: the file was removed meanwhile, so that what was locked is nobody's; else negative
 * errno.
 */
static int try_lock(int fd, const char *path, bool wait)
{
    int r;

    do
        r = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (r < 0 && errno == EINTR);
    if (r < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    return is_at(fd, path) ? 0 : 1;
}

/** It is written into, and perhaps given away: only a file that is nothing else will do. */
static int check_own(int fd, const char *shown, struct nta_err *err)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return nta_err_sys(err, -errno, "store %.300s cannot be locked", shown);
    if (!S_ISREG(status.st_mode) || status.st_nlink > 1)
        return nta_err_set(err, -EINVAL,
                           "store %.300s cannot be locked: its .lock is no file of its own (a hard "
                           "link, a pipe): remove it",
                           shown);
    return 0;
}

/** One attempt at the file as it is now; 1: again. */
static int attempt(const char *file, const char *store, bool wait, int *ret_fd, struct nta_err *err)
{
    NTA_AUTO_FD int fd =
        open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, FILE_MODE);
    char holder[SHOWN_SIZE], shown[SHOWN_SIZE];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(store));
    if (fd < 0)
        return nta_err_sys(err, -errno, "store %.300s cannot be locked", shown);
    int r = check_own(fd, shown, err);

    if (r < 0)
        return r;
    nta_store_own_as_folder(file, fd);
    r = try_lock(fd, file, false);

    if (r == -EBUSY) {
        describe_holder(fd, holder);
        if (!wait)
            return nta_err_set(err, r,
                               "store %.180s is in use by %.250s: one program writes at a time",
                               shown, holder);
        nta_log_notice("store %s is in use by %s: waiting until that has ended", shown, holder);
        r = try_lock(fd, file, true);
    }
    if (r < 0)
        return nta_err_sys(err, r, "store %.300s cannot be locked", shown);
    if (r == 0) {
        sign(fd);
        *ret_fd = fd;
        fd = -1;
    }
    return r;
}

/** Lock the file that belongs to the store at `path` now. */
static int take(const char *path, bool wait, int *ret_fd, struct nta_err *err)
{
    char file[PATH_MAX];
    int r = nta_store_beside(path, ".lock", file, sizeof(file));

    if (r < 0)
        return nta_err_sys(err, r, "store");
    for (int i = 0; i < TRIES_MAX; i++) {
        r = attempt(file, path, wait, ret_fd, err);
        if (r <= 0)
            return r;
    }
    return nta_err_set(err, -EBUSY, "%.300s is removed again and again", file);
}

int nta_store_lock_take(const char *path, bool wait, struct nta_store_lock **ret_lock,
                        struct nta_err *err)
{
    NTA_AUTO(nta_store_lock_free) struct nta_store_lock *lock = malloc(sizeof(*lock));

    if (lock)
        *lock = (struct nta_store_lock){.fd = -1, .store = strdup(path)};
    if (!lock || !lock->store)
        return nta_err_sys(err, -ENOMEM, "store");
    int r = take(path, wait, &lock->fd, err);

    if (r == 0)
        *ret_lock = NTA_TAKE(lock);
    return r;
}

int nta_store_lock_keep(struct nta_store_lock *lock, struct nta_err *err)
{
    char file[PATH_MAX], shown[SHOWN_SIZE];
    int fd = -1, r = nta_store_beside(lock->store, ".lock", file, sizeof(file));

    if (r < 0)
        return nta_err_sys(err, r, "store");
    if (is_at(lock->fd, file))
        return 0;
    r = take(lock->store, false, &fd, err);
    if (r < 0) /* what is locked may be put back */
        return nta_err_prefix(err, r, "its lock was removed or replaced while it is written");
    give_back(&lock->fd);
    lock->fd = fd;
    nta_log_warning("store %s: its lock was removed or replaced; the one that is there now is ours",
                    nta_text_escape_to(shown, sizeof(shown), nta_span_of(lock->store)));
    return 0;
}
