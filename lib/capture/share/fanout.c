/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/share/fanout.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum
{
    TAG_LEN = 4, ///< Of a VLAN that the kernel left in its place.
    V4_SRC = 12,
    V4_DST = 16,
    V6_SRC = 8,
    V6_DST = 24,
    STEPS_MAX = 256,
    /** The kernel gives a block that is not full after 10 ms (live.c), and a tick of its timer. */
    SETTLE_MS = 25,
};

#define MIX 0x9e3779b1U /* 2^32 by the golden ratio (Knuth 6.4) */

struct program
{
    struct sock_filter steps[STEPS_MAX];
    unsigned short n;
};

static void add(struct program *program, uint16_t code, uint32_t k)
{
    program->steps[program->n++] = (struct sock_filter){.code = code, .k = k};
}

/** A 32-bit word that is so far behind the first network header, whatever stands before that. */
static void load(struct program *program, uint32_t offset)
{
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + offset);
}

static void xor_word(struct program *program, uint32_t offset)
{
    add(program, BPF_MISC | BPF_TAX, 0);
    load(program, offset);
    add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
}

/**
 * An address of so many words, of which each bit counts in the upper half of the accumulator.
 * Mixed before two of them are added: neighbours that talk to neighbours are common.
 */
static void hash_addr(struct program *program, uint32_t offset, uint32_t n_words)
{
    load(program, offset);
    for (uint32_t i = 1; i < n_words; i++)
        xor_word(program, offset + 4 * i);
    for (int round = 0; round < 2; round++) {
        add(program, BPF_ALU | BPF_MUL | BPF_K, MIX);
        add(program, BPF_MISC | BPF_TAX, 0);
        add(program, BPF_ALU | BPF_RSH | BPF_K, 15);
        add(program, BPF_ALU | BPF_XOR | BPF_X, 0);
    }
}

/** The sum of two addresses is the same in either order; the kernel takes it modulo the members. */
static void hash_pair(struct program *program, uint32_t src, uint32_t dst, uint32_t n_words)
{
    hash_addr(program, src, n_words);
    add(program, BPF_ST, 0);
    hash_addr(program, dst, n_words);
    add(program, BPF_LDX | BPF_MEM, 0);
    add(program, BPF_ALU | BPF_ADD | BPF_X, 0);
    add(program, BPF_ALU | BPF_RSH | BPF_K, 16);
    add(program, BPF_RET | BPF_A, 0);
}

/** Go on behind the steps that are added until it is ended, unless the accumulator is `value`. */
static unsigned short unless(struct program *program, uint32_t value)
{
    add(program, BPF_JMP | BPF_JEQ | BPF_K, value);
    return (unsigned short)(program->n - 1);
}

static void end_unless(struct program *program, unsigned short at)
{
    program->steps[at].jf = (uint8_t)(program->n - at - 1);
}

/** Of an IP header that begins so far behind, if the accumulator says that it is one. */
static void hash_ip(struct program *program, uint32_t at)
{
    unsigned short skip = unless(program, ETH_P_IP);

    hash_pair(program, at + V4_SRC, at + V4_DST, 1);
    end_unless(program, skip);
    skip = unless(program, ETH_P_IPV6);
    hash_pair(program, at + V6_SRC, at + V6_DST, 4);
    end_unless(program, skip);
}

/** The first tag is taken off by the kernel or by the card; a second one is looked behind. */
static void make_program(struct program *program)
{
    static const uint32_t tags[] = {ETH_P_8021Q, ETH_P_8021AD};

    program->n = 0;
    add(program, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
    hash_ip(program, 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(tags); i++) {
        const unsigned short skip = unless(program, tags[i]);

        add(program, BPF_LD | BPF_H | BPF_ABS, (uint32_t)SKF_NET_OFF + 2);
        hash_ip(program, TAG_LEN);
        add(program, BPF_RET | BPF_K, 0);
        end_unless(program, skip);
    }
    add(program, BPF_RET | BPF_K, 0);
}

void nta_fanout_init(struct nta_fanout *fanout)
{
    *fanout = (struct nta_fanout){0};
    (void)pthread_mutex_init(&fanout->lock, NULL);
}

void nta_fanout_done(struct nta_fanout *fanout)
{
    (void)pthread_mutex_destroy(&fanout->lock);
}

static void drop_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    uint32_t *n_dropped = (uint32_t *)(void *)user;

    (*n_dropped)++;
    (void)header;
    (void)bytes;
}

/** Until it joins, a socket is shown what the others are shown, too. */
static int drop_all(pcap_t *handle, uint32_t *n_dropped)
{
    static struct sock_filter nothing[] = {{.code = BPF_RET | BPF_K, .k = 0}};
    const struct sock_fprog program = {.len = 1, .filter = nothing};
    const struct timespec settle = {.tv_nsec = SETTLE_MS * NTA_NS_PER_MS};

    if (setsockopt(pcap_fileno(handle), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) <
        0)
        return -errno;
    for (int i = 0; i < 2; i++) { /* what is in a block that is not full comes late */
        while (pcap_dispatch(handle, -1, drop_packet, (u_char *)n_dropped) > 0)
            ;
        (void)nanosleep(&settle, NULL);
    }
    while (pcap_dispatch(handle, -1, drop_packet, (u_char *)n_dropped) > 0)
        ;
    return 0;
}

/** The first of a group says how packets are parted. */
static int begin_group(struct nta_fanout *fanout, int fd)
{
    struct program program;
    uint32_t wish = (uint32_t)(PACKET_FANOUT_CBPF | PACKET_FANOUT_FLAG_UNIQUEID) << 16, is = 0;
    socklen_t len = sizeof(is);

    make_program(&program);
    const struct sock_fprog data = {.len = program.n, .filter = program.steps};

    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &wish, sizeof(wish)) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &data, sizeof(data)) < 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &is, &len) < 0)
        return -errno;
    fanout->id = (uint16_t)is;
    return 0;
}

static int join_group(const struct nta_fanout *fanout, int fd)
{
    const uint32_t wish = (uint32_t)PACKET_FANOUT_CBPF << 16 | fanout->id;

    return setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &wish, sizeof(wish)) < 0 ? -errno : 0;
}

int nta_fanout_join(struct nta_fanout *fanout, pcap_t *handle, const char *name,
                    uint32_t *ret_n_dropped, struct nta_err *err)
{
    const int fd = pcap_fileno(handle), any = 0;

    *ret_n_dropped = 0;
    int r = drop_all(handle, ret_n_dropped);

    (void)pthread_mutex_lock(&fanout->lock);
    if (r == 0)
        r = fanout->n_members ? join_group(fanout, fd) : begin_group(fanout, fd);
    if (r == 0 && setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &any, sizeof(any)) < 0)
        r = -errno;
    fanout->n_members += r == 0; /* else its handle is closed, which leaves the group, too */
    (void)pthread_mutex_unlock(&fanout->lock);
    return r < 0 ? nta_err_sys(err, r, "%s cannot be shared by several threads (capture.threads)",
                               name)
                 : 0;
}

void nta_fanout_leave(struct nta_fanout *fanout, pcap_t *handle)
{
    (void)pthread_mutex_lock(&fanout->lock);
    pcap_close(handle);
    fanout->n_members--;
    (void)pthread_mutex_unlock(&fanout->lock);
}
