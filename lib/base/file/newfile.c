/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum
{
    TRIES = 4
};

int nta_write_all(int fd, const void *bytes, size_t len)
{
    for (const char *pos = bytes; len > 0;) {
        ssize_t n = write(fd, pos, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        pos += n;
        len -= (size_t)n;
    }
    return 0;
}

/** The folder that a path's last name is in. */
static int open_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    NTA_AUTO_FREE char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    return fd < 0 ? -errno : fd;
}

int nta_newfile_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char parent[PATH_MAX];
    const int n = slash ? snprintf(parent, sizeof(parent), "%.*s", (int)(slash - path), path) : 0;

    if (n >= (int)sizeof(parent))
        return -ENAMETOOLONG;
    if (n > 0 && mkdir(parent, 0700) < 0 && errno != EEXIST)
        return -errno;
    return mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

int nta_sync_folder(const char *path)
{
    NTA_AUTO_FD int fd = open_folder(path);

    if (fd < 0)
        return fd;
    return fsync(fd) < 0 ? -errno : 0;
}

/** Whether nobody else can have it open for writing, or as another name. */
static bool is_own(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_uid == geteuid() && st->st_nlink == 1;
}

static bool has_name(const struct nta_newfile *file, const struct stat *st)
{
    struct stat named;

    return fstatat(file->folder_fd, file->temporary, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_dev == st->st_dev && named.st_ino == st->st_ino;
}

/** Lock what was opened.  1: it is not ours, or not the one of that name any more; try again. */
static int take(struct nta_newfile *file, mode_t mode)
{
    struct stat st;

    if (flock(file->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    if (fstat(file->fd, &st) < 0)
        return -errno;
    if (!has_name(file, &st))
        return 1;
    if (!is_own(&st))
        return unlinkat(file->folder_fd, file->temporary, 0) < 0 ? -errno : 1;
    return ftruncate(file->fd, 0) < 0 || fchmod(file->fd, mode) < 0 ? -errno : 0;
}

static int open_temporary(struct nta_newfile *file, mode_t mode)
{
    int r = 1;

    for (unsigned i = 0; r == 1 && i < TRIES; i++) {
        file->fd = openat(file->folder_fd, file->temporary,
                          O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode);
        if (file->fd < 0 && errno == ELOOP && unlinkat(file->folder_fd, file->temporary, 0) == 0)
            continue;
        if (file->fd < 0)
            return -errno;
        r = take(file, mode);
        if (r != 0) {
            (void)close(file->fd);
            file->fd = -1;
        }
    }
    return r == 1 ? -EBUSY : r;
}

static void close_both(struct nta_newfile *file)
{
    nta_own_close(&file->fd);
    nta_own_close(&file->folder_fd);
    file->fd = file->folder_fd = -1;
}

/** `file->folder_fd` is open, and closed on failure. */
static int begin(struct nta_newfile *file, const char *name, mode_t mode)
{
    int n = snprintf(file->temporary, sizeof(file->temporary), ".%s.new", name);
    int r = name[0] == '\0'                                 ? -EISDIR
            : n < 0 || (size_t)n >= sizeof(file->temporary) ? -ENAMETOOLONG
                                                            : 0;

    if (r == 0) {
        (void)snprintf(file->name, sizeof(file->name), "%s", name);
        r = open_temporary(file, mode);
    }
    if (r < 0)
        close_both(file);
    return r;
}

int nta_newfile_open(struct nta_newfile *file, const char *path, mode_t mode)
{
    const char *slash = strrchr(path, '/');

    file->fd = -1;
    file->folder_fd = open_folder(path);
    if (file->folder_fd < 0)
        return file->folder_fd;
    return begin(file, slash ? slash + 1 : path, mode);
}

int nta_newfile_open_at(struct nta_newfile *file, int folder_fd, const char *name, mode_t mode)
{
    file->fd = -1;
    file->folder_fd = fcntl(folder_fd, F_DUPFD_CLOEXEC, 0);
    if (file->folder_fd < 0)
        return -errno;
    return begin(file, name, mode);
}

/**
 * Where a file system knows no such renaming, a link does it: it fails, too, where there is
 * something.
 */
static int rename_new(const struct nta_newfile *file)
{
    const int folder = file->folder_fd;

    if (renameat2(folder, file->temporary, folder, file->name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    return linkat(folder, file->temporary, folder, file->name, 0) < 0 ||
                   unlinkat(folder, file->temporary, 0) < 0
               ? -errno
               : 0;
}

static int put_in_place(const struct nta_newfile *file, bool replaces)
{
    const int folder = file->folder_fd;

    if (!replaces)
        return rename_new(file);
    return renameat(folder, file->temporary, folder, file->name) < 0 ? -errno : 0;
}

int nta_newfile_commit(struct nta_newfile *file, bool replaces)
{
    int r = fsync(file->fd) < 0 ? -errno : put_in_place(file, replaces);

    if (r < 0) {
        nta_newfile_drop(file);
        return r;
    }
    r = fsync(file->folder_fd) < 0 ? -errno : 0;
    close_both(file);
    return r;
}

int nta_newfile_commit_all(struct nta_newfile *const files[], size_t n)
{
    size_t n_placed = 0;
    int r = 0;

    for (size_t i = 0; i < n; i++) /* the disk begins with all of them */
        (void)sync_file_range(files[i]->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    for (size_t i = 0; r == 0 && i < n; i++)
        r = fsync(files[i]->fd) < 0 ? -errno : 0;
    for (; r == 0 && n_placed < n; n_placed += r == 0)
        r = put_in_place(files[n_placed], true);
    if (n_placed > 0 && fsync(files[0]->folder_fd) < 0 && r == 0)
        r = -errno;
    for (size_t i = 0; i < n_placed; i++)
        close_both(files[i]);
    for (size_t i = n_placed; i < n; i++)
        nta_newfile_drop(files[i]);
    return r;
}

void nta_newfile_drop(struct nta_newfile *file)
{
    if (file->fd >= 0)
        (void)unlinkat(file->folder_fd, file->temporary, 0);
    close_both(file);
}
