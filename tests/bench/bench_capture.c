/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read, decode and dispatch a capture file to a worker that only gives blocks back, as a multiple of a bare libpcap
 * loop over the same file in the same run (best of several rounds each; the file should be in memory).
 *
 *     bench_capture FILE [ROUNDS]
 */
#include "base/clock.h"
#include "base/own.h"
#include "capture/capture.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <string.h>

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

/** Nanoseconds of the fastest of `n_rounds` rounds. */
static int64_t fastest(uint64_t (*fn)(const char *path), const char *path, int n_rounds,
                       uint64_t *ret_n)
{
    int64_t best = INT64_MAX;

    for (int i = 0; i < n_rounds; i++) {
        int64_t start = nta_clock_mono_ns(), took;

        *ret_n = fn(path);
        took = nta_clock_mono_ns() - start;
        best = took < best ? took : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    int n_rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    int64_t plain_ns, ours_ns;
    uint64_t n_plain, n_ours;

    if (argc < 2 || n_rounds < 1) {
        (void)fprintf(stderr, "bench_capture FILE [ROUNDS]\n");
        return 2;
    }
    plain_ns = fastest(plain_loop, argv[1], n_rounds, &n_plain);
    ours_ns = fastest(capture_all, argv[1], n_rounds, &n_ours);
    if (n_plain == 0 || n_ours == 0)
        return 1;
    printf("libpcap loop: %.0f ns a packet, %llu packets\n", (double)plain_ns / (double)n_plain,
           (unsigned long long)n_plain);
    printf("read, decode, dispatch: %.0f ns a packet, %llu packets, ratio %.2f\n",
           (double)ours_ns / (double)n_ours, (unsigned long long)n_ours,
           (double)ours_ns / (double)plain_ns);
    return 0;
}
