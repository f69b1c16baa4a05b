/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_decode FILE [ROUNDS]: nanoseconds a packet that decoding takes, over a classic capture file
 * held in memory.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "decode/decode.h"
#include "unit/decode/pcap_file.h"

#include <inttypes.h>
#include <sys/stat.h>

static struct nta_counters counters;
static struct nta_unknowns unknowns;
static const char *const kinds[] = {"other", "tcp", "udp", "ip", "fragment"};
static uint64_t n_batches[1024]; ///< By nanoseconds a packet.
static uint64_t n_by_kind[NTA_N_ELEMENTS(kinds)];

enum
{
    BATCH = 512
};

/**
 * Decode batch after batch, each walked over before, so that its bytes are as near as they are in a
 * fresh block.
 */
static int64_t decode_all(struct pcap_file *file, uint64_t *ret_packets)
{
    static struct pcap_record records[BATCH];
    static struct nta_packet packets[BATCH];
    const struct nta_decode decode = {
        .key = {.k0 = 1, .k1 = 2}, .counters = &counters, .unknowns = &unknowns};
    int64_t ns = 0;
    size_t n = 0;

    do {
        unsigned touched = 0;

        for (n = 0; n < BATCH && pcap_file_next(file, &records[n]); n++) {
            packets[n].cap_len = (uint32_t)records[n].bytes.len;
            packets[n].wire_len = records[n].wire_len;
            for (size_t at = 0; at < records[n].bytes.len; at += 64)
                touched += records[n].bytes.ptr[at];
        }
        __asm__ volatile("" : : "r"(touched));
        int64_t start = nta_clock_mono_ns();

        for (size_t i = 0; i < n; i++)
            nta_decode_packet(&decode, (int)file->link_type, records[i].bytes.ptr, &packets[i]);
        int64_t batch_ns = nta_clock_mono_ns() - start;
        size_t each = n > 0 ? (size_t)batch_ns / n : 0;

        n_batches[each < NTA_N_ELEMENTS(n_batches) ? each : NTA_N_ELEMENTS(n_batches) - 1]++;
        ns += batch_ns;
        for (size_t i = 0; i < n; i++)
            n_by_kind[packets[i].kind]++;
        *ret_packets += n;
    } while (n == BATCH);
    return ns;
}

/**
 * Nanoseconds a packet of the batch in the middle: other work on the machine only shows in the
 * mean.
 */
static size_t median(void)
{
    uint64_t n = 0, below = 0;
    size_t at = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(n_batches); i++)
        n += n_batches[i];
    while (at < NTA_N_ELEMENTS(n_batches) - 1 && below + n_batches[at] <= n / 2)
        below += n_batches[at++];
    return at;
}

int main(int argc, char **argv)
{
    NTA_AUTO_FILE FILE *stream = argc > 1 ? fopen(argv[1], "rb") : NULL;
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 3;
    struct stat st;

    if (!stream || fstat(fileno(stream), &st) != 0) {
        (void)fprintf(stderr, "usage: bench_decode FILE [ROUNDS]\n");
        return 2;
    }
    size_t len = (size_t)st.st_size;
    NTA_AUTO_FREE uint8_t *bytes = malloc(len ? len : 1);

    if (!bytes || fread(bytes, 1, len, stream) != len)
        return 3;
    for (long round = 0; round < rounds; round++) {
        struct pcap_file file;
        uint64_t n = 0;
        int64_t ns = pcap_file_open(&file, bytes, len) ? decode_all(&file, &n) : 0;

        if (n == 0) {
            (void)fprintf(stderr, "%s: no classic capture file with packets\n", argv[1]);
            return 1;
        }
        printf("%" PRIu64 " packets, %.1f ns a packet\n", n, (double)ns / (double)n);
    }
    printf("median of batches: %zu ns a packet\n", median());
    for (size_t i = 0; i < NTA_N_ELEMENTS(kinds); i++)
        printf("%s %" PRIu64 "\n", kinds[i], n_by_kind[i] / (uint64_t)rounds);
    return 0;
}
