/* SPDX-License-Identifier: Apache-2.0 */
#include "output/control.h"

#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "config/config.h"
#include "search/stores.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int nta_control_ask(const char *path, const char *line, struct nta_buf *answer, struct nta_err *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = 5};
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
    if (connect(fd, (const struct sockaddr *)&name, sizeof(name)) < 0)
        return nta_err_sys(err, -errno, "ntad does not answer at %s", shown);
    if (write(fd, line, strlen(line)) != (ssize_t)strlen(line) || shutdown(fd, SHUT_WR) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    while ((n = read(fd, buffer, sizeof(buffer))) > 0)
        nta_buf_put(answer, buffer, (size_t)n);
    if (n < 0 && errno == EAGAIN)
        return nta_err_set(err, -EAGAIN,
                           "ntad did not answer at %s within 5 s: it is busy; nta "
                           "status says with what",
                           shown);
    return n < 0 ? nta_err_sys(err, -errno, "%s", shown) : 0;
}

bool nta_control_find(const char *config_path, char path[NTA_CONTROL_PATH_SIZE])
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    const char *from = config_path ? config_path : NTA_DEFAULT_CONFIG;
    struct nta_err err = {0};
    bool is_there = config_path || access(from, F_OK) == 0;
    int r = is_there ? nta_config_load(from, &config, &err) : nta_config_new(&config, &err);

    if (r < 0 && is_there) {
        nta_prose_print(stderr, "nta: %s; asking where ntad listens by default (--socket)\n",
                        err.text);
        r = nta_config_new(&config, &err);
    }
    if (r < 0) {
        nta_prose_print(stderr, "nta: %s\n", err.text);
        return false;
    }
    (void)snprintf(path, NTA_CONTROL_PATH_SIZE, "%s", config->control.socket);
    return true;
}

void nta_control_reload(const char *path)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    int r = nta_control_ask(path, "reload\n", &answer, &err);

    if (r == 0 && nta_span_begins(nta_buf_span(&answer), nta_span_of("reloading ")))
        (void)puts("ntad reloads its lists; nta status says how that went");
    else if (r == -ENOENT || r == -ECONNREFUSED)
        (void)puts("no ntad runs here; it takes the lists when it starts");
    else
        (void)puts("ntad was not told: systemctl reload ntad");
}
