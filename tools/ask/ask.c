/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask.h"

#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    PATIENCE_S = 5
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

int nta_control_ask_within(int patience_s, const char *path, const char *line,
                           struct nta_buf *answer, struct nta_err *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = patience_s};
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char buffer[4096], shown[128];
    ssize_t n;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (strlen(path) >= sizeof(name.sun_path))
        return nta_err_set(err, -ENAMETOOLONG, "%s: too long for a socket", shown);
    memcpy(name.sun_path, path, strlen(path));
    if (fd < 0)
        return nta_err_sys(err, -errno, "control socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    /* for connect(), too, which waits where many do already: unix(7), socket(7) */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr *)&name, sizeof(name)) < 0)
        return errno == EAGAIN ? say_busy(shown, patience_s, err)
                               : nta_err_sys(err, -errno, "ntad does not answer at %s", shown);
    if (write(fd, line, strlen(line)) != (ssize_t)strlen(line) || shutdown(fd, SHUT_WR) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        nta_buf_put(answer, buffer, (size_t)n);
    if (n < 0 && errno == EAGAIN)
        return say_busy(shown, patience_s, err);
    return n < 0 ? nta_err_sys(err, -errno, "%s", shown) : 0;
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
