/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read, decode and dispatch a capture file to a worker that only gives blocks back, as a multiple
 * of a bare libpcap loop over the same file in the same run (best of several rounds each; the file
 * should be in memory).
 *
 *     bench_capture FILE [ROUNDS]
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "capture/capture.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <time.h>

enum
{
    BLOCKS = 32
};

NTA_DEFINE_FREE(close_handle, pcap_t, pcap_close)

static struct nta_wake wake;

static uint64_t plain_loop(const char *path)
{
    char words[PCAP_ERRBUF_SIZE];
    NTA_AUTO(close_handle) pcap_t *handle = pcap_open_offline(path, words);
    struct pcap_pkthdr *header;
    const u_char *bytes;
    uint64_t n = 0;

    while (handle && pcap_next_ex(handle, &header, &bytes) == 1)
        n++;
    return n;
}

static void *give_back_all(void *arg)
{
    struct nta_dispatch *dispatch = arg;
    bool more = true;

    while (more) {
        struct nta_block *block = nta_dispatch_take(dispatch, 0);

        if (!block) {
            (void)nta_dispatch_wait_any(&dispatch, 1, 0, &wake, NTA_NS_PER_S);
            continue;
        }
        more = !(block->flags & NTA_BLOCK_LAST);
        nta_dispatch_give_back(dispatch, 0, block);
    }
    return NULL;
}

static uint64_t capture_all(const char *path)
{
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    const struct nta_capture_options options = {.files = &path, .n_files = 1, .key = {1, 2}};
    struct nta_err err = {0};
    pthread_t worker;

    if (nta_dispatch_new(0, 1, BLOCKS, &dispatch, &err) < 0 ||
        nta_capture_open(&options, dispatch, &capture, &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 0;
    }
    nta_dispatch_set_wake(dispatch, 0, &wake);
    if (pthread_create(&worker, NULL, give_back_all, dispatch) != 0)
        return 0;
    if (nta_capture_run(capture, &err) < 0)
        (void)fprintf(stderr, "%s\n", err.text);
    (void)pthread_join(worker, NULL);
    return nta_counted(nta_capture_counters(capture), NTA_COUNTER_RECEIVED);
}

struct timing
{
    double wall_ns, cpu_ns; ///< A packet; the fastest round's, each.
    uint64_t n;
};

static int64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * NTA_NS_PER_S + now.tv_nsec;
}

static double lesser(double a, double b)
{
    return a < b ? a : b;
}

static struct timing measure(uint64_t (*fn)(const char *path), const char *path, int n_rounds)
{
    struct timing best = {.wall_ns = 1e18, .cpu_ns = 1e18};

    for (int i = 0; i < n_rounds; i++) {
        int64_t wall = nta_clock_mono_ns(), cpu = cpu_ns();

        best.n = fn(path);
        if (best.n == 0)
            return best;
        wall = nta_clock_mono_ns() - wall;
        cpu = cpu_ns() - cpu;
        best.wall_ns = lesser(best.wall_ns, (double)wall / (double)best.n);
        best.cpu_ns = lesser(best.cpu_ns, (double)cpu / (double)best.n);
    }
    return best;
}

static void show(const char *what, const struct timing *timing, const struct timing *floor)
{
    printf("%-24s %4.0f ns a packet, %4.0f ns CPU, %llu packets, ratio %.2f, CPU %.2f\n", what,
           timing->wall_ns, timing->cpu_ns, (unsigned long long)timing->n,
           timing->wall_ns / floor->wall_ns, timing->cpu_ns / floor->cpu_ns);
}

int main(int argc, char **argv)
{
    int n_rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    struct timing plain, ours;

    if (argc < 2 || n_rounds < 1) {
        (void)fprintf(stderr, "bench_capture FILE [ROUNDS]\n");
        return 2;
    }
    plain = measure(plain_loop, argv[1], n_rounds);
    ours = measure(capture_all, argv[1], n_rounds);
    if (plain.n == 0 || ours.n == 0)
        return 1;
    show("libpcap loop:", &plain, &plain);
    show("read, decode, dispatch:", &ours, &plain);
    return 0;
}
