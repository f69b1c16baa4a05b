/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/sinks.h"

#include "alert/alert.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum
{
    FILE_MODE = 0640,
    WAIT_MS = 200, ///< For a pipe's reader.
    /** Of a datagram: what every receiver takes (RFC 3164 section 4.1; RFC 5426 section 3.2 says that 2048 should be). */
    SYSLOG_MAX = 1024,
    SYSLOG_LEAST = 64, ///< A program's name may be long.
};

int nta_alert_file_open(struct nta_alert_file *file, struct nta_err *err)
{
    char shown[256];
    /* O_NONBLOCK means nothing to a file on disk, and keeps a pipe from stopping us */
    int fd = open(file->path,
                  O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                  FILE_MODE);

    if (fd < 0)
        return nta_err_sys(err, -errno, "cannot open %s for alerts",
                           nta_text_escape_to(shown, sizeof(shown), nta_span_of(file->path)));
    nta_alert_file_close(file);
    file->fd = fd;
    file->stuck = file->torn = false;
    return 0;
}

void nta_alert_file_close(struct nta_alert_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}

bool nta_alert_file_write(struct nta_alert_file *file, struct nta_span line)
{
    size_t n_done = 0;

    if (file->torn && write(file->fd, "\n", 1) == 1)
        file->torn = false;
    while (!file->torn && n_done < line.len) {
        ssize_t n = write(file->fd, line.ptr + n_done, line.len - n_done);
        struct pollfd wait = {.fd = file->fd, .events = POLLOUT};

        if (n > 0) {
            n_done += (size_t)n;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || errno != EAGAIN || file->stuck || poll(&wait, 1, WAIT_MS) <= 0)
            break;
        file->stuck = true; /* one wait a line at most */
    }
    file->stuck = n_done < line.len;
    file->torn |= n_done > 0 && n_done < line.len;
    return n_done == line.len;
}

/** Bytes that glibc writes before the text: "<191>Jan 31 12:00:00 ntad[4194304]: " is the longest. */
static size_t head_len(void)
{
    return strlen("<191>Jan 31 12:00:00 [4194304]: ") + strlen(program_invocation_short_name);
}

void nta_alert_syslog_send(int level, struct nta_span line)
{
    size_t head = head_len(),
           room = SYSLOG_MAX - SYSLOG_LEAST > head ? SYSLOG_MAX - head : SYSLOG_LEAST;
    bool whole = line.len <= room;

    if (!whole)
        line.len = nta_text_cut(line, room - strlen("..."));
    syslog(LOG_DAEMON | level, "%.*s%s", (int)line.len, (const char *)line.ptr, whole ? "" : "...");
}

void nta_alert_log_syslog(enum nta_log_level level, const char *text)
{
    nta_alert_syslog_send((int)level, nta_span_of(text));
}
