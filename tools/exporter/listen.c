/* SPDX-License-Identifier: Apache-2.0 */
#include "exporter/listen.h"

#include "base/own.h"
#include "base/runtime/unixsock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
    QUEUE = 16,
    PORT_MAX = 65535
};

union address
{
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int open_at(const union address *address, socklen_t len, const char *where,
                   struct nta_err *err)
{
    NTA_AUTO_FD int fd =
        socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;

    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (fd < 0 || bind(fd, &address->any, len) < 0 || listen(fd, QUEUE) < 0)
        return nta_err_sys(err, -errno, "cannot listen at %.200s", where);
    const int taken = fd;

    fd = -1;
    return taken;
}

/** "ADDRESS:PORT" into `address`; false: it is not that. */
static bool read_address(const char *where, union address *address, socklen_t *ret_len)
{
    char host[INET6_ADDRSTRLEN + 2] = "", *end = host;
    const char *colon = strrchr(where, ':');
    const size_t len = colon ? (size_t)(colon - where) : sizeof(host);
    const unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;

    if (len >= sizeof(host) || !port || port > PORT_MAX || *end || colon[1] < '0' || colon[1] > '9')
        return false;
    memcpy(host, where, len);
    host[len] = '\0';
    *address = (union address){.v4.sin_family = AF_INET};
    if (inet_pton(AF_INET, host, &address->v4.sin_addr) == 1) {
        address->v4.sin_port = htons((uint16_t)port);
        *ret_len = sizeof(address->v4);
        return true;
    }
    *address = (union address){.v6.sin6_family = AF_INET6};
    if (len < 2 || host[0] != '[' || host[len - 1] != ']')
        return false;
    host[len - 1] = '\0';
    address->v6.sin6_port = htons((uint16_t)port);
    *ret_len = sizeof(address->v6);
    return inet_pton(AF_INET6, host + 1, &address->v6.sin6_addr) == 1;
}

static bool is_loopback(const union address *address)
{
    return address->any.sa_family == AF_INET
               ? ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
               : IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

int nta_exporter_listen(const char *where, struct nta_err *err)
{
    union address address;
    socklen_t len = 0;

    if (where[0] == '/')
        return nta_unixsock_listen(where, QUEUE, err);
    if (!read_address(where, &address, &len))
        return nta_err_set(err, -EINVAL, "--listen %.200s: neither ADDRESS:PORT nor a path", where);
    if (!is_loopback(&address))
        return nta_err_set(err, -EINVAL,
                           "--listen %.200s: this machine alone may ask; for others put a server "
                           "with passwords or certificates before it",
                           where);
    return open_at(&address, len, where, err);
}
