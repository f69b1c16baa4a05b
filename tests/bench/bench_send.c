/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_send INTERFACE PACKETS_PER_SECOND SECONDS [elephant]: made-up connections into one end of a
 * veth pair, evenly, as many a second as asked for or as can be.  20,000 users' requests and
 * answers of HTTP, half of them small packets; with `elephant` half of all is one connection.
 * Prints how many were sent, and in how many seconds.
 */
#include "base/runtime/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
    BURST = 32, ///< Packets of one call.
    USERS = 20000,
    SMALL = 90,
    LARGE = 1400,
    HEAD = 54, ///< Ethernet, IPv4, TCP.
};

static uint8_t frames[BURST][LARGE];

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static void set_checksum(uint8_t *header)
{
    uint32_t sum = 0;

    put16(header + 10, 0);
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)header[i] << 8 | header[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    put16(header + 10, ~(sum + (sum >> 16)) & 0xffff);
}

/** The n-th packet: each user asks, and is answered, again and again. */
static size_t make(uint8_t *frame, uint64_t n, bool has_elephant)
{
    static const uint8_t head[14] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    const bool is_elephant = has_elephant && n % 2;
    const uint32_t user = is_elephant ? USERS : (uint32_t)(n / 2 % USERS);
    const bool is_answer = is_elephant || n % 2;
    const size_t len = is_answer ? LARGE : SMALL;
    const uint32_t client = 0x0a010000 + user, server = 0xcb007100 + user % 250;
    const uint32_t round = (uint32_t)(n / 2 / USERS);

    memcpy(frame, head, sizeof(head));
    memset(frame + 14, 0, HEAD - 14);
    frame[14] = 0x45;
    put16(frame + 16, (uint32_t)(len - 14));
    frame[22] = 64;
    frame[23] = 6;
    put32(frame + 26, is_answer ? server : client);
    put32(frame + 30, is_answer ? client : server);
    set_checksum(frame + 14);
    put16(frame + 34, is_answer ? 80 : 30000 + user % 30000);
    put16(frame + 36, is_answer ? 30000 + user % 30000 : 80);
    put32(frame + 38, 1000 + (is_elephant ? (uint32_t)(n / 2) : round) * (uint32_t)(len - HEAD));
    put32(frame + 42, 1000);
    put16(frame + 46, 0x5018);
    put16(frame + 48, 65535);
    if (!is_answer)
        memcpy(frame + HEAD, "GET /index.html HTTP/1.1\r\n\r\n", 28);
    return len;
}

static int open_port(const char *name)
{
    const int fd = socket(AF_PACKET, SOCK_RAW, 0);
    const struct sockaddr_ll place = {.sll_family = AF_PACKET,
                                      .sll_ifindex = (int)if_nametoindex(name)};
    const int on = 1, size = 8 << 20;

    if (fd < 0 || bind(fd, (const struct sockaddr *)&place, sizeof(place)) < 0)
        return -1;
    (void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
    return fd;
}

/** So many from number `n` on; what could not be sent is tried again. */
static void send_burst(int fd, uint64_t n, bool has_elephant)
{
    struct mmsghdr messages[BURST] = {0};
    struct iovec parts[BURST];

    for (size_t i = 0; i < BURST; i++) {
        parts[i] =
            (struct iovec){.iov_base = frames[i], .iov_len = make(frames[i], n + i, has_elephant)};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (unsigned done = 0; done < BURST;) {
        const int r = sendmmsg(fd, messages + done, BURST - done, 0);

        if (r > 0)
            done += (unsigned)r;
        else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
            exit(1); // NOLINT(concurrency-mt-unsafe): one thread
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        (void)fputs("usage: bench_send INTERFACE PACKETS_PER_SECOND SECONDS [elephant]\n", stderr);
        return 2;
    }
    const int fd = open_port(argv[1]);
    const double rate = strtod(argv[2], NULL), seconds = strtod(argv[3], NULL);
    const bool has_elephant = argc > 4;
    const int64_t began_ns = nta_clock_mono_ns();
    uint64_t n = 0;
    double passed = 0;

    if (fd < 0) {
        perror(argv[1]);
        return 1;
    }
    while (passed < seconds) {
        if ((double)n < rate * passed || rate <= 0) {
            send_burst(fd, n, has_elephant);
            n += BURST;
        }
        passed = (double)(nta_clock_mono_ns() - began_ns) / NTA_NS_PER_S;
    }
    printf("%llu %.3f\n", (unsigned long long)n, passed);
    (void)close(fd);
    return 0;
}
