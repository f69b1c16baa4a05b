/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/sight.h"

#include "base/own.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum
{
    NEWS_MAX = 1024 ///< Taken at once; more wait for the next call.
};

int nta_sight_open(struct nta_sight_watch *watch)
{
    const struct sockaddr_nl links = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

    *watch = NTA_SIGHT_CLOSED;
    watch->ask_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (watch->ask_fd < 0)
        return -errno;
    watch->news_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (watch->news_fd >= 0 &&
        bind(watch->news_fd, (const struct sockaddr *)&links, sizeof(links)) < 0) {
        nta_own_close(&watch->news_fd);
        watch->news_fd = -1;
    }
    return 0;
}

void nta_sight_close(struct nta_sight_watch *watch)
{
    nta_own_close(&watch->ask_fd);
    nta_own_close(&watch->news_fd);
    *watch = NTA_SIGHT_CLOSED;
}

bool nta_sight_stirs(const struct nta_sight_watch *watch)
{
    bool any = false;
    char byte;

    /* what does not fit is cut off; ENOBUFS says that messages were lost, which is news, too */
    for (int i = 0; watch->news_fd >= 0 && i < NEWS_MAX; i++) {
        if (recv(watch->news_fd, &byte, sizeof(byte), MSG_DONTWAIT) < 0 && errno != ENOBUFS)
            break;
        any = true;
    }
    return any;
}

/** Ask for one thing; false: there is no such interface. */
static bool ask(const struct nta_sight_watch *watch, unsigned long what, struct ifreq *request)
{
    return ioctl(watch->ask_fd, what, request) == 0;
}

static bool name_it(const char *name, struct ifreq *ret_request)
{
    if (strlen(name) >= sizeof(ret_request->ifr_name))
        return false;
    *ret_request = (struct ifreq){0};
    memcpy(ret_request->ifr_name, name, strlen(name));
    return true;
}

unsigned nta_sight_index(const struct nta_sight_watch *watch, const char *name)
{
    struct ifreq request;

    if (!name_it(name, &request) || !ask(watch, SIOCGIFINDEX, &request))
        return 0;
    return (unsigned)request.ifr_ifindex;
}

enum nta_sight nta_sight_look(const struct nta_sight_watch *watch, const char *name,
                              unsigned if_index)
{
    struct ifreq request = {.ifr_ifindex = (int)if_index};

    if (if_index == 0)
        return NTA_SIGHT_FINE;
    if (nta_sight_index(watch, name) != if_index)
        return ask(watch, SIOCGIFNAME, &request) ? NTA_SIGHT_RENAMED : NTA_SIGHT_GONE;
    if (!name_it(name, &request) || !ask(watch, SIOCGIFFLAGS, &request))
        return NTA_SIGHT_GONE;
    if (!(request.ifr_flags & IFF_UP))
        return NTA_SIGHT_DOWN;
    return request.ifr_flags & IFF_RUNNING ? NTA_SIGHT_FINE : NTA_SIGHT_NO_CARRIER;
}
