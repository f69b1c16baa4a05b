/* SPDX-License-Identifier: Apache-2.0 */
#include "witness/noted.h"

#include "base/file/newfile.h"
#include "base/own.h"
#include "output/fresh.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/** Behind what is in it a checkpoint may follow: a plain file that ends with a line's end. */
static int check_output(const char *path, int fd, off_t *ret_end, struct nta_err *err)
{
    struct stat st;
    char last = '\n';

    if (fstat(fd, &st) < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    if (!S_ISREG(st.st_mode))
        return nta_err_set(err, -EINVAL, "%.300s is no regular file", path);
    if (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1)
        return nta_err_sys(err, -EIO, "%.300s", path);
    if (last != '\n')
        return nta_err_set(err, -EINVAL, "%.300s ends within a line: end it, or take it out", path);
    *ret_end = st.st_size;
    return 0;
}

/** The file, to append to it, or negative errno; what is no plain file does not hold us up. */
static int open_output(const char *path, int flags, off_t *ret_end, struct nta_err *err)
{
    int r = nta_fresh_check(path, err);

    if (r == 0)
        r = nta_fresh_is_ours(path, NTA_FRESH_CHECKPOINTS, err);
    if (r < 0)
        return r;
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags,
                  0644);

    if (fd < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    r = check_output(path, fd, ret_end, err);
    if (r == 0)
        return fd;
    nta_own_close(&fd);
    return r;
}

int nta_noted_try(const char *path, struct nta_err *err)
{
    off_t end;
    NTA_AUTO_FD int fd = open_output(path, 0, &end, err);

    return fd < 0 && fd != -ENOENT ? fd : 0;
}

int nta_noted_append(const char *path, struct nta_span note, struct nta_err *err)
{
    off_t before = 0;
    NTA_AUTO_FD int fd = open_output(path, O_CREAT, &before, err);

    if (fd < 0)
        return fd;
    int r = nta_write_all(fd, note.ptr, note.len);

    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (r < 0 && ftruncate(fd, before) < 0)
        return nta_err_set(err, r, "%.300s has half a checkpoint at its end: take it out", path);
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}
