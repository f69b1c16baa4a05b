/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/sinks.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    FILE_MODE = 0640,
    WAIT_MS = 200,            ///< For a pipe's reader.
    WAITING_MAX = 1024 * 1024 ///< Bytes of lines; an alert has about one KiB.
};

/** Take back the part of a line that was written; true: it is not there any more. */
static bool take_back(struct nta_alert_file *file)
{
    struct stat status;

    if (file->n_written == 0)
        return true;
    /* nobody else appends: what was written last is at the end */
    if (!file->is_regular || fstat(file->fd, &status) < 0 ||
        status.st_size < (off_t)file->n_written ||
        ftruncate(file->fd, status.st_size - (off_t)file->n_written) < 0)
        return false;
    file->n_written = 0;
    return true;
}

/** The last byte of a regular file is no newline: a program ended within a line. */
static bool is_torn(const char *path, int fd)
{
    struct stat status;
    char last = '\n';
    NTA_AUTO_FD int in = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    return in >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
           pread(in, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

int nta_alert_file_open(struct nta_alert_file *file, struct nta_err *err)
{
    char shown[256];
    struct stat status;
    /* O_NONBLOCK means nothing to a file on disk, and keeps a pipe from stopping us */
    int fd = open(file->path,
                  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                  FILE_MODE);

    if (fd < 0)
        return nta_err_sys(err, -errno, "cannot open %s for alerts",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(file->path)));
    if (file->fd >= 0) {
        /* the line that waits goes into the new file as a whole */
        (void)take_back(file);
        (void)close(file->fd);
    }
    file->n_written = 0;
    file->fd = fd;
    file->stuck = false;
    file->is_regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (is_torn(file->path, fd))
        (void)!write(fd, "\n", 1);
    return 0;
}

uint64_t nta_alert_file_n_waiting(const struct nta_alert_file *file)
{
    uint64_t n = 0;

    for (size_t i = 0; i < file->waiting.len; i++)
        n += file->waiting.ptr[i] == '\n';
    return n;
}

uint64_t nta_alert_file_close(struct nta_alert_file *file)
{
    uint64_t n_lost = 0;

    if (file->fd >= 0) {
        nta_alert_file_flush(file);
        n_lost = nta_alert_file_n_waiting(file);
        if (!take_back(file))
            (void)!write(file->fd, "\n", 1);
        (void)close(file->fd);
    }
    nta_buf_done(&file->waiting);
    file->n_written = 0;
    file->fd = -1;
    return n_lost;
}

/**
 * A file that has no name any more: nobody will read what is written there.  One that was only
 * renamed goes on (logrotate).
 */
static bool is_removed(const struct nta_alert_file *file)
{
    struct stat status;

    return file->is_regular && fstat(file->fd, &status) == 0 && status.st_nlink == 0;
}

/** Whole lines that are written leave the buffer. */
static void forget_written(struct nta_alert_file *file)
{
    struct nta_buf *waiting = &file->waiting;
    size_t n = file->n_written;

    while (n > 0 && waiting->ptr[n - 1] != '\n')
        n--;
    if (n == 0)
        return;
    memmove(waiting->ptr, waiting->ptr + n, waiting->len - n);
    waiting->len -= n;
    file->n_written -= n;
}

void nta_alert_file_flush(struct nta_alert_file *file)
{
    struct nta_err err;
    int failure = 0;

    if (file->n_written < file->waiting.len && is_removed(file))
        failure = nta_alert_file_open(file, &err);
    while (file->n_written < file->waiting.len && failure == 0) {
        ssize_t n = write(file->fd, file->waiting.ptr + file->n_written,
                          file->waiting.len - file->n_written);
        struct pollfd wait = {.fd = file->fd, .events = POLLOUT};

        if (n > 0)
            file->n_written += (size_t)n;
        else if (n == 0)
            failure = -EIO;
        else if (errno == EAGAIN && !file->stuck && poll(&wait, 1, WAIT_MS) > 0)
            file->stuck = true; /* one wait a line at most */
        else if (errno != EINTR)
            failure = -errno;
    }
    forget_written(file);
    file->failure = failure;
    file->stuck = failure != 0;
}

bool nta_alert_file_write(struct nta_alert_file *file, struct nta_span line)
{
    if (file->waiting.len + line.len > WAITING_MAX)
        nta_alert_file_flush(file);
    if (file->waiting.len + line.len > WAITING_MAX)
        return false;
    nta_buf_put(&file->waiting, line.ptr, line.len);
    if (file->waiting.failed) {
        file->waiting.failed = false; /* what is in it stays */
        return false;
    }
    nta_alert_file_flush(file);
    return true;
}
