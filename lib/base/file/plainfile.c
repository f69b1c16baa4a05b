/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/plainfile.h"

#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/** What makes a file of a secret unfit, or NULL. */
static const char *find_leak(const struct stat *status)
{
    if (status->st_uid != 0 && status->st_uid != geteuid())
        return "belongs to somebody else than root or this user";
    if (status->st_mode & S_IRWXO)
        return "others may read or change it: chmod o= it, and if they may have seen it, make a "
               "new "
               "secret";
    if (status->st_mode & S_IWGRP)
        return "its group may change it: chmod g-w it";
    return NULL;
}

static int check(int fd, uint64_t max_bytes, unsigned rules, const char *shown, struct nta_err *err)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    if (!S_ISREG(status.st_mode))
        return nta_err_set(err, -EINVAL, "%s: not a file but %s", shown,
                           S_ISDIR(status.st_mode)    ? "a folder"
                           : S_ISFIFO(status.st_mode) ? "a FIFO"
                                                      : "a device or socket");
    if ((uint64_t)status.st_size > max_bytes)
        return nta_err_set(err, -EFBIG, "%s: %llu bytes, more than %llu are not read", shown,
                           (unsigned long long)status.st_size, (unsigned long long)max_bytes);
    const char *leak = rules & NTA_PLAIN_SECRET ? find_leak(&status) : NULL;

    return leak ? nta_err_set(err, -EPERM, "%s: %s", shown, leak) : 0;
}

int nta_plainfile_open(const char *path, uint64_t max_bytes, unsigned rules, struct nta_err *err)
{
    int link = rules & (NTA_PLAIN_NO_LINK | NTA_PLAIN_SECRET) ? O_NOFOLLOW : 0;
    char shown[256];
    /* without waiting for whoever writes into a FIFO */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | link);

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (fd < 0 && errno == ELOOP && link)
        return nta_err_set(err, -ELOOP, "%s: a symbolic link; name the file itself", shown);
    if (fd < 0 && errno == ENXIO)
        return nta_err_set(err, -EINVAL, "%s: not a file but a device or socket", shown);
    if (fd < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    int r = check(fd, max_bytes, rules, shown, err);

    if (r < 0) {
        (void)close(fd);
        return r;
    }
    return fd;
}

FILE *nta_plainfile_stream(const char *path, uint64_t max_bytes, unsigned rules, int *ret_errno,
                           struct nta_err *err)
{
    int fd = nta_plainfile_open(path, max_bytes, rules, err);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");

    *ret_errno = fd < 0 ? fd : stream ? 0 : nta_err_sys(err, -ENOMEM, "%.200s", path);
    if (fd >= 0 && !stream)
        (void)close(fd);
    return stream;
}
