/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs if a process that captures dies and another one goes on: a drill with a small
 * stand-in for one, since `ntad` is one process (docs/decisions.md).  As root, in a network
 * namespace of its own, figures on standard output.
 *
 *     bench_sensor [KILLS [PACKETS_PER_SECOND [MEMORY_MIB]]]
 *
 * A keeper opens the packet socket with its ring, has MEMORY_MIB of memory in use as a policy is,
 * and forks who reads the ring: a block is read, its count handed on in shared memory, then the
 * block given back.  That process is killed at random and forked again, while packets with numbers
 * come over a veth pair.  Each is to be counted once, or to be told as lost by the kernel.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/confine.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum
{
    BLOCK = 256 * 1024,
    N_BLOCKS = 256,
    FRAME = 200,    ///< Bytes of a packet.
    TOGETHER = 32,  ///< Packets that are sent at a time.
    N_SLOTS = 1024, ///< Of what is handed on.
    POLL_MS = 10,
    KILL_US = 20000, ///< After so long at most,
    CALM_US = 500,   ///< and at least.
    KILLS_MAX = 100000,
    N_OPENED = 11
};

/** What both sides map. */
struct shared
{
    _Atomic uint64_t next;     ///< Block that is read next, of all so far.
    uint64_t counts[N_SLOTS];  ///< Packets in a block that was handed on.
    uint64_t numbers[N_SLOTS]; ///< And the kernel's number of it.
    _Atomic int64_t looked_ns; ///< When the present reader first looked at the ring; 0: not yet.
    _Atomic uint64_t sent;
    _Atomic bool stop;
};

struct drill
{
    struct shared *shared;
    int fd;
    uint8_t *ring;
    uint64_t taken, packets; ///< Of what was handed on: blocks, and packets in them.
    int64_t *blind_ns;       ///< Of each kill.
};

static void fail(const char *what)
{
    perror(what);
    exit(3); // NOLINT(concurrency-mt-unsafe): one thread
}

static void make_wire(void)
{
    static const char script[] = "ip link add a0 type veth peer name b0 && "
                                 "ip link set a0 up && ip link set b0 up";
    pid_t child = fork();
    int status = 1;

    if (child == 0) {
        (void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
        fail("a veth pair");
}

static int bind_to(const char *interface, int type)
{
    const struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                        .sll_protocol = htons(ETH_P_ALL),
                                        .sll_ifindex = (int)if_nametoindex(interface)};
    int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, htons(ETH_P_ALL));

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        fail(interface);
    return fd;
}

static void open_ring(struct drill *drill)
{
    const struct tpacket_req3 request = {.tp_block_size = BLOCK,
                                         .tp_block_nr = N_BLOCKS,
                                         .tp_frame_size = 2048,
                                         .tp_frame_nr = BLOCK / 2048 * N_BLOCKS,
                                         .tp_retire_blk_tov = POLL_MS};
    const int version = TPACKET_V3;

    drill->fd = bind_to("b0", SOCK_RAW);
    if (setsockopt(drill->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
        setsockopt(drill->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
        fail("a ring");
    drill->ring =
        mmap(NULL, (size_t)BLOCK * N_BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, drill->fd, 0);
    if (drill->ring == MAP_FAILED)
        fail("a ring");
}

/* ---- who sends ---- */

static void send_all(struct shared *shared, uint64_t rate)
{
    static uint8_t frames[TOGETHER][FRAME];
    static struct mmsghdr messages[TOGETHER];
    static struct iovec parts[TOGETHER];
    const int fd = bind_to("a0", SOCK_RAW);
    const int64_t began_ns = nta_clock_mono_ns();
    uint64_t n = 0;

    for (size_t i = 0; i < TOGETHER; i++) {
        memset(frames[i], 0xff, 6);
        frames[i][12] = 0x88; /* for experiments (IEEE 802) */
        frames[i][13] = 0xb5;
        parts[i] = (struct iovec){frames[i], FRAME};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    while (!atomic_load(&shared->stop)) {
        const int64_t due_ns = began_ns + (int64_t)(n * UINT64_C(1000000000) / rate);
        const int64_t wait_ns = due_ns - nta_clock_mono_ns();
        const struct timespec nap = {.tv_nsec = wait_ns};

        if (wait_ns > 50000)
            (void)nanosleep(&nap, NULL);
        const int r = sendmmsg(fd, messages, TOGETHER, 0);

        if (r > 0)
            n += (uint64_t)r;
        atomic_store(&shared->sent, n);
    }
    _exit(0);
}

/* ---- who reads ---- */

static struct tpacket_block_desc *block_at(const struct drill *drill, uint64_t i)
{
    return (struct tpacket_block_desc *)(void *)(drill->ring + (i % N_BLOCKS) * BLOCK);
}

static bool is_ours(const struct tpacket_block_desc *block)
{
    return __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

static void give_back(struct tpacket_block_desc *block)
{
    __atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

/** Killed between handing it on and giving it back?  Then it is not read twice. */
static void go_on(const struct drill *drill)
{
    const uint64_t next = atomic_load(&drill->shared->next);
    struct tpacket_block_desc *last = next ? block_at(drill, next - 1) : NULL;

    if (last && is_ours(last) &&
        last->hdr.bh1.seq_num == drill->shared->numbers[(next - 1) % N_SLOTS])
        give_back(last);
}

/** Packets of ours in it; each is looked at. */
static uint64_t read_block(const struct tpacket_block_desc *block)
{
    const uint8_t *at = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
    uint64_t n = 0;

    for (uint32_t i = 0; i < block->hdr.bh1.num_pkts; i++) {
        const struct tpacket3_hdr *packet = (const struct tpacket3_hdr *)(const void *)at;
        const uint8_t *bytes = at + packet->tp_mac;

        n += packet->tp_snaplen == FRAME && bytes[12] == 0x88 && bytes[13] == 0xb5;
        at += packet->tp_next_offset;
    }
    return n;
}

static void read_all(const struct drill *drill)
{
    struct shared *shared = drill->shared;
    struct pollfd pollfd = {.fd = drill->fd, .events = POLLIN};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)nta_confine(NTA_CONFINED_CAPTURES);
    go_on(drill);
    for (;;) {
        const uint64_t next = atomic_load(&shared->next);
        struct tpacket_block_desc *block = block_at(drill, next);

        if (!atomic_load(&shared->looked_ns))
            atomic_store(&shared->looked_ns, nta_clock_mono_ns());
        if (!is_ours(block)) {
            (void)poll(&pollfd, 1, POLL_MS);
            continue;
        }
        shared->counts[next % N_SLOTS] = read_block(block);
        shared->numbers[next % N_SLOTS] = block->hdr.bh1.seq_num;
        atomic_store(&shared->next, next + 1); /* from here on it is handed on */
        give_back(block);
    }
}

/* ---- who keeps ---- */

static void take(struct drill *drill)
{
    const uint64_t next = atomic_load(&drill->shared->next);

    while (drill->taken < next)
        drill->packets += drill->shared->counts[drill->taken++ % N_SLOTS];
}

static pid_t start(struct drill *drill)
{
    atomic_store(&drill->shared->looked_ns, 0);
    pid_t reader = fork();

    if (reader == 0)
        read_all(drill);
    if (reader < 0)
        fail("fork");
    return reader;
}

/** The same in each run. */
static int64_t random_below(int64_t n)
{
    static uint64_t state = 88172645463325252U;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)n);
}

static void sleep_us(int64_t us)
{
    const struct timespec nap = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

    (void)nanosleep(&nap, NULL);
}

static int64_t await_look(const struct drill *drill)
{
    int64_t looked_ns;

    while (!(looked_ns = atomic_load(&drill->shared->looked_ns)))
        sleep_us(50);
    return looked_ns;
}

static void kill_often(struct drill *drill, size_t n_kills)
{
    pid_t reader = start(drill);

    for (size_t i = 0; i < n_kills; i++) {
        (void)await_look(drill);
        sleep_us(CALM_US + random_below(KILL_US));
        const int64_t killed_ns = nta_clock_mono_ns();

        (void)kill(reader, SIGKILL);
        (void)waitpid(reader, NULL, 0);
        take(drill);
        reader = start(drill);
        drill->blind_ns[i] = await_look(drill) - killed_ns;
    }
    atomic_store(&drill->shared->stop, true);
    sleep_us(500000); /* what is in the ring is read */
    (void)kill(reader, SIGKILL);
    (void)waitpid(reader, NULL, 0);
    take(drill);
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static double part(int64_t *ns, size_t n, size_t percent)
{
    const size_t at = (n - 1) * percent / 100;

    qsort(ns, n, sizeof(*ns), compare);
    return (double)ns[at] / 1e6;
}

static void report(struct drill *drill, size_t n_kills)
{
    struct tpacket_stats_v3 stats = {0};
    socklen_t len = sizeof(stats);
    const uint64_t sent = atomic_load(&drill->shared->sent);

    (void)getsockopt(drill->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
    (void)printf("%zu kills: blind for %.2f ms (half), %.2f ms (99 of 100), %.2f ms (longest)\n",
                 n_kills, part(drill->blind_ns, n_kills, 50), part(drill->blind_ns, n_kills, 99),
                 part(drill->blind_ns, n_kills, 100));
    (void)printf("sent %llu, counted %llu, lost by the kernel %u, difference %lld\n",
                 (unsigned long long)sent, (unsigned long long)drill->packets, stats.tp_drops,
                 (long long)(sent - drill->packets - stats.tp_drops));
}

/** The other way: nobody keeps the socket, and whoever goes on opens one by libpcap. */
static void open_anew(void)
{
    char words[PCAP_ERRBUF_SIZE];
    int64_t ns[N_OPENED];

    for (size_t i = 0; i < N_OPENED; i++) {
        const int64_t began_ns = nta_clock_mono_ns();
        pcap_t *handle = pcap_create("b0", words);

        if (!handle || pcap_set_buffer_size(handle, BLOCK * N_BLOCKS) ||
            pcap_set_timeout(handle, POLL_MS) || pcap_activate(handle) < 0)
            fail("libpcap");
        ns[i] = nta_clock_mono_ns() - began_ns;
        pcap_close(handle);
    }
    (void)printf("a socket opened anew by libpcap, %d MiB: %.1f ms (half), %.1f ms (longest)\n",
                 BLOCK / 1024 * N_BLOCKS / 1024, part(ns, N_OPENED, 50), part(ns, N_OPENED, 100));
}

int main(int argc, char **argv)
{
    const size_t asked = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const size_t n_kills = asked > 0 && asked < KILLS_MAX ? asked : 1;
    const uint64_t rate = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
    const size_t memory = (argc > 3 ? strtoul(argv[3], NULL, 10) : 200) << 20;
    struct drill drill = {.blind_ns = calloc(n_kills, sizeof(*drill.blind_ns))};
    char *policy = malloc(memory + 1);

    if (unshare(CLONE_NEWNET) < 0) {
        (void)puts("skipped: no network namespace can be made here");
        return 77;
    }
    drill.shared = mmap(NULL, sizeof(*drill.shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (drill.shared == MAP_FAILED || !policy || !drill.blind_ns || rate == 0)
        fail("memory");
    memset(policy, 1, memory);
    make_wire();
    open_ring(&drill);
    pid_t sender = fork();

    if (sender == 0)
        send_all(drill.shared, rate);
    kill_often(&drill, n_kills);
    (void)waitpid(sender, NULL, 0);
    report(&drill, n_kills);
    open_anew();
    free(policy);
    free(drill.blind_ns);
    return 0;
}
