/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/unixsock.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
    SHARED = 0660
};

/** One that nobody listens on was left by a run that was killed. */
static void remove_stale(const struct sockaddr_un *name)
{
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat stat;

    if (fd >= 0 && lstat(name->sun_path, &stat) == 0 && S_ISSOCK(stat.st_mode) &&
        connect(fd, (const struct sockaddr *)name, sizeof(*name)) < 0 && errno == ECONNREFUSED)
        (void)unlink(name->sun_path);
}

int nta_unixsock_listen(const char *path, int queue, struct nta_err *err)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(name.sun_path))
        return nta_err_set(err, -EINVAL, "%.200s: too long for a socket", path);
    memcpy(name.sun_path, path, strlen(path));
    remove_stale(&name);
    NTA_AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ||
        chmod(path, SHARED) < 0 || listen(fd, queue) < 0)
        return nta_err_sys(err, -errno, "cannot listen at %.200s", path);
    const int taken = fd;

    fd = -1;
    return taken;
}
