/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a live source lost before we saw it, each loss under its own name:
 *
 *   kernel:    packets that passed the filter but found libpcap's kernel buffer full (ps_drop), and
 *              those that were still in it when the interface was closed; the latter is not known
 *              of the loopback and of "any", and with a filter of what came after it was set.
 *   interface: packets that the card had no room for, whatever they were: the interface's
 *              rx_missed_errors, or rx_fifo_errors if that is more, since drivers count the same
 *              under the one, the other or both.
 *
 * Not rx_dropped: it counts what reached us and that nobody but us wanted, as frames of VLANs that
 * this machine has no part in.  libpcap's ps_ifdrop counts that, too.
 *
 * The kernel is asked by netlink: /sys shows the interfaces of the network namespace in which it
 * was mounted, which need not be ours.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/state.h"

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/socket.h>

enum
{
    ANSWER_SIZE = 16 * 1024 ///< One with the virtual functions of a large card has some KiB.
};

/** Both numbers are of packets since the interface was made. */
static uint64_t missed(const struct rtnl_link_stats64 *stats)
{
    return stats->rx_missed_errors > stats->rx_fifo_errors ? stats->rx_missed_errors
                                                           : stats->rx_fifo_errors;
}

bool nta_stats_read(struct nta_span message, uint64_t *ret_missed)
{
    struct nlmsghdr header;
    struct rtattr attribute;

    if (message.len < sizeof(header))
        return false;
    memcpy(&header, message.ptr, sizeof(header));
    if (header.nlmsg_type != RTM_NEWLINK || header.nlmsg_len > message.len)
        return false;
    message.len = header.nlmsg_len;
    for (size_t at = NLMSG_SPACE(sizeof(struct ifinfomsg));
         at < message.len && message.len - at >= sizeof(attribute);
         at += RTA_ALIGN(attribute.rta_len)) {
        struct rtnl_link_stats64 stats = {0};

        memcpy(&attribute, message.ptr + at, sizeof(attribute));
        if (attribute.rta_len < sizeof(attribute) || attribute.rta_len > message.len - at)
            return false;
        if (attribute.rta_type != IFLA_STATS64)
            continue;
        /* a kernel knows more or fewer numbers than we; those that we need are old */
        const size_t len = attribute.rta_len - RTA_LENGTH(0);

        memcpy(&stats, message.ptr + at + RTA_LENGTH(0), len < sizeof(stats) ? len : sizeof(stats));
        *ret_missed = missed(&stats);
        return true;
    }
    return false;
}

/** False: there is no such interface, or no netlink here. */
static bool ask(unsigned if_index, uint64_t *ret_missed)
{
    const struct
    {
        struct nlmsghdr header;
        struct ifinfomsg interface;
    } question = {
        .header = {.nlmsg_len = sizeof(question),
                   .nlmsg_type = RTM_GETLINK,
                   .nlmsg_flags = NLM_F_REQUEST},
        .interface = {.ifi_family = AF_UNSPEC, .ifi_index = (int)if_index},
    };

    NTA_AUTO_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    uint8_t answer[ANSWER_SIZE];

    /* the kernel has answered when send() returns */
    if (fd < 0 || send(fd, &question, sizeof(question), 0) < 0)
        return false;
    const ssize_t len = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);

    return len > 0 &&
           nta_stats_read((struct nta_span){.ptr = answer, .len = (size_t)len}, ret_missed);
}

void nta_stats_start(struct nta_capture *capture)
{
    struct nta_live *live = &capture->live;
    struct pcap_stat stat = {0};

    /* libpcap itself drops what the kernel took before the filter was there and it does not want:
     * how much, nobody tells, so all that came before counts as taken */
    if (capture->options.filter && pcap_stats(live->handle, &stat) == 0)
        live->n_taken += stat.ps_recv - stat.ps_drop;

    live->drop_seen = 0;
    live->missed_seen = 0;
    live->stats_mono_ns = 0;
    if (live->if_index)
        (void)ask(live->if_index, &live->missed_seen);
}

void nta_stats_update(struct nta_capture *capture)
{
    struct nta_live *live = &capture->live;
    struct pcap_stat stat = {0};
    uint64_t all = 0;

    if (!live->handle || pcap_stats(live->handle, &stat) != 0)
        return;
    /* 32 bits that wrap: the difference is right all the same */
    nta_count(&capture->counters, NTA_COUNTER_DROP_KERNEL, stat.ps_drop - live->drop_seen);
    live->drop_seen = stat.ps_drop;
    if (!live->if_index || capture->options.follows || !ask(live->if_index, &all))
        return;
    /* set to zero by its driver: what it says since then is new */
    nta_count(&capture->counters, NTA_COUNTER_DROP_INTERFACE,
              all >= live->missed_seen ? all - live->missed_seen : all);
    live->missed_seen = all;
}

/** Is it the kernel that filters, or, as with one that is too long for it, libpcap? (socket(7)) */
static bool is_in_kernel(pcap_t *handle)
{
    socklen_t n = 0; /* instructions of the filter, of which none are asked for */

    return getsockopt(pcap_fileno(handle), SOL_SOCKET, SO_GET_FILTER, NULL, &n) == 0 && n > 0;
}

/**
 * Does libpcap give us each packet that the kernel counts?  Not those that it filters itself, nor
 * what goes out on the loopback, which it sees a second time as it comes in; that is among what
 * "any" sees, too.
 */
static bool gives_all(const struct nta_capture *capture)
{
    const struct nta_live *live = &capture->live;

    if (capture->options.filter && !is_in_kernel(live->handle))
        return false;
    return live->if_index && live->if_index != nta_sight_index(&live->watch, "lo");
}

void nta_stats_end(struct nta_capture *capture)
{
    const struct nta_live *live = &capture->live;
    struct pcap_stat stat = {0};

    nta_stats_update(capture);
    if (!live->handle || !gives_all(capture) || pcap_stats(live->handle, &stat) != 0)
        return;
    const uint32_t unread = stat.ps_recv - stat.ps_drop - live->n_taken;

    if (unread < UINT32_MAX / 2)
        nta_count(&capture->counters, NTA_COUNTER_DROP_KERNEL, unread);
}
