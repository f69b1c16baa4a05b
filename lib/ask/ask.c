/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    PATIENCE_S = 5,
    AGAIN_MS = 20
};

static int say_busy(const char *shown, int patience_s, struct nta_err *err)
{
    return nta_err_set(err, -EAGAIN,
                       "ntad did not answer at %s within %d s: it is busy, or was stopped; nta "
                       "status says with what",
                       shown, patience_s);
}

int nta_control_ask(const char *path, const char *line, struct nta_buf *answer, struct nta_err *err)
{
    return nta_control_ask_within(PATIENCE_S, path, line, answer, err);
}

/** Wait until one of `events` comes about; false: it did not in time. */
static bool await(int fd, short events, int64_t until_ns)
{
    struct pollfd ready = {.fd = fd, .events = events};
    int n;

    do {
        const int64_t left_ns = until_ns - nta_clock_mono_ns();

        if (left_ns <= 0)
            return false;
        n = poll(&ready, 1, (int)(left_ns / NTA_NS_PER_MS) + 1);
    } while (n <= 0 && (n == 0 || errno == EINTR));
    return n > 0;
}

/** All of the question.  0 or negative errno; -EAGAIN: not in time. */
static int put_question(int fd, const char *line, int64_t until_ns)
{
    for (size_t left = strlen(line); left > 0;) {
        if (!await(fd, POLLOUT, until_ns))
            return -EAGAIN;
        const ssize_t n = send(fd, line, left, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        line += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    return shutdown(fd, SHUT_WR) < 0 ? -errno : 0;
}

/** All of the answer.  0 or negative errno; -EAGAIN: not in time; -EMSGSIZE: it does not end. */
static int get_answer(int fd, struct nta_buf *answer, int64_t until_ns)
{
    const size_t before = answer->len;
    char buffer[16384];

    for (;;) {
        if (!await(fd, POLLIN, until_ns))
            return -EAGAIN;
        const ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

        if (n == 0)
            return answer->failed ? -ENOMEM : 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (n > 0 && answer->len - before + (size_t)n > NTA_CONTROL_ANSWER_MAX)
            return -EMSGSIZE;
        if (n > 0)
            nta_buf_put(answer, buffer, (size_t)n);
    }
}

/** connect(2) waits where many do already, at most this long: unix(7), socket(7). */
static void bound_connect(int fd, int patience_s)
{
    const struct timeval patience = {.tv_sec = patience_s};

    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

/** A connection, or negative errno. */
static int connect_to(const struct sockaddr_un *name, int patience_s)
{
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    bound_connect(fd, patience_s);
    if (connect(fd, (const struct sockaddr *)name, sizeof(*name)) < 0)
        return -errno;
    const int connected = fd;

    fd = -1; /* taken */
    return connected;
}

/**
 * Ask on one connection after the other: who says nothing for a moment has to make way there, also
 * if it is the machine that let him wait.  A question that was not read is none yet.
 */
static int ask(const struct sockaddr_un *name, const char *line, struct nta_buf *answer,
               int patience_s, int64_t until_ns, bool *ret_is_there)
{
    const size_t before = answer->len;
    int r;

    do {
        NTA_AUTO_FD int fd = connect_to(name, patience_s);

        *ret_is_there = fd >= 0;
        if (fd < 0)
            return fd;
        r = put_question(fd, line, until_ns);
        if (r == 0)
            r = get_answer(fd, answer, until_ns);
        if ((r != -EPIPE && r != -ECONNRESET) || answer->len > before)
            return r;
        (void)poll(NULL, 0, AGAIN_MS);
    } while (nta_clock_mono_ns() < until_ns);
    return -EAGAIN;
}

int nta_control_ask_within(int patience_s, const char *path, const char *line,
                           struct nta_buf *answer, struct nta_err *err)
{
    const int64_t until_ns = nta_clock_mono_ns() + patience_s * NTA_NS_PER_S;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    char shown[128];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (strlen(path) >= sizeof(name.sun_path))
        return nta_err_set(err, -ENAMETOOLONG, "%s: too long for a socket", shown);
    memcpy(name.sun_path, path, strlen(path));
    bool is_there = false;
    const int r = ask(&name, line, answer, patience_s, until_ns, &is_there);

    if (r == -EAGAIN)
        return say_busy(shown, patience_s, err);
    if (r == -EMSGSIZE)
        return nta_err_set(err, r, "what answers at %s says more than %d MiB: it is not ntad",
                           shown, NTA_CONTROL_ANSWER_MAX >> 20);
    if (r < 0)
        return nta_err_sys(err, r, "%s%s", is_there ? "" : "ntad does not answer at ", shown);
    return 0;
}

bool nta_control_split(const struct nta_buf *answer, bool *ret_good, struct nta_span *ret_rest)
{
    const uint8_t *end = answer->len ? memchr(answer->ptr, '\n', answer->len) : NULL;
    char line[32], word[8] = "";
    size_t len = 0;

    if (!end || (size_t)(end - answer->ptr) >= sizeof(line))
        return false;
    memcpy(line, answer->ptr, (size_t)(end - answer->ptr));
    line[end - answer->ptr] = '\0';
    if (sscanf(line, "%7s %zu", word, &len) != 2 || // NOLINT(cert-err34-c): compared with what came
        len != answer->len - (size_t)(end + 1 - answer->ptr))
        return false;
    *ret_good = strcmp(word, "good") == 0;
    *ret_rest = (struct nta_span){end + 1, len};
    return *ret_good || strcmp(word, "bad") == 0;
}
