/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SHA-256 of a file that comes in parallel ranges, in segments that take turns, against
 * libcrypto's own over the same bytes at once, in the same run; and of one that comes in order.
 * Last, what it costs when all that is held comes once more, in order.
 *
 *     bench_pieces [MIB]      default: a file of 10 MiB
 *
 * The ratio is of the least of some rounds each, which take turns; what is held lies in a pool as
 * the sessions' does, fresh in the first round and used again in the others.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/own.h"
#include "base/runtime/clock.h"
#include "session/content/pieces.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    SEGMENT = 1448,
    ROUNDS = 15,
    MEMORY = 64 << 20, ///< As record.hash_memory.
};

static int64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * NTA_NS_PER_S + now.tv_nsec;
}

static int64_t least(int64_t a, int64_t b)
{
    return a == 0 || b < a ? b : a;
}

/** In one call, as fast as it gets. */
static int64_t floor_ns(struct nta_span file, uint8_t ret_sha256[32])
{
    const int64_t begin_ns = cpu_ns();

    (void)SHA256(file.ptr, file.len, ret_sha256);
    return cpu_ns() - begin_ns;
}

/** A segment of each range in its turn. */
static int64_t pieces_ns(struct nta_span file, unsigned n_ranges, struct nta_pool *blocks,
                         uint8_t ret_sha256[32])
{
    const size_t len = file.len / n_ranges;
    struct nta_pieces pieces = {.n = 0};
    const int64_t begin_ns = cpu_ns();

    nta_pieces_begin(&pieces);
    for (size_t at = 0; at < len; at += SEGMENT) {
        for (unsigned i = 0; i < n_ranges; i++) {
            const struct nta_span range =
                nta_span_from(nta_span_first(file, (i + 1) * len), i * len);

            if (!nta_pieces_take(&pieces, blocks, i * len + at,
                                 nta_span_first(nta_span_from(range, at), SEGMENT)))
                return -1;
        }
    }
    nta_pieces_sha256(&pieces, ret_sha256);
    const int64_t ns = cpu_ns() - begin_ns;

    nta_pieces_drop(&pieces, blocks);
    return ns;
}

static int compare(struct nta_span file, unsigned n_ranges)
{
    NTA_AUTO(nta_pool_done) struct nta_pool blocks = {0};
    int64_t first_ns = 0, ours_ns = 0, theirs_ns = 0;
    uint8_t ours[32], theirs[32];

    if (nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, MEMORY / NTA_PIECE_BLOCK_SIZE) < 0)
        return 1;
    for (int i = 0; i < ROUNDS; i++) {
        const int64_t floor = floor_ns(file, theirs),
                      one = pieces_ns(file, n_ranges, &blocks, ours);

        if (one < 0 || memcmp(ours, theirs, sizeof(ours)) != 0)
            return 1;
        theirs_ns = least(theirs_ns, floor);
        if (i == 0)
            first_ns = one;
        else
            ours_ns = least(ours_ns, one);
    }
    printf("%u range%s: %.2f of libcrypto's speed (%.0f MB/s of %.0f), %.2f when memory is fresh\n",
           n_ranges, n_ranges == 1 ? "" : "s", (double)theirs_ns / (double)ours_ns,
           (double)file.len * 1e3 / (double)ours_ns, (double)file.len * 1e3 / (double)theirs_ns,
           (double)theirs_ns / (double)first_ns);
    return 0;
}

/** Its first segment is missing, so that all others are held, and come again. */
static int come_again(struct nta_span file)
{
    NTA_AUTO(nta_pool_done) struct nta_pool blocks = {0};
    struct nta_pieces pieces = {.n = 0};
    int64_t ns[2] = {0};

    if (nta_pool_init(&blocks, NTA_PIECE_BLOCK_SIZE, MEMORY / NTA_PIECE_BLOCK_SIZE) < 0)
        return 1;
    nta_pieces_begin(&pieces);
    for (size_t i = 0; i < NTA_N_ELEMENTS(ns); i++) {
        const int64_t begin_ns = cpu_ns();

        for (size_t at = SEGMENT; at < file.len; at += SEGMENT) {
            const struct nta_span segment = nta_span_first(nta_span_from(file, at), SEGMENT);

            if (!nta_pieces_take(&pieces, &blocks, at, segment))
                return 1;
        }
        ns[i] = cpu_ns() - begin_ns;
    }
    nta_pieces_drop(&pieces, &blocks);
    printf("what is held: %.3f ns a byte; when it comes again: %.3f, %.0f ns a segment%s\n",
           (double)ns[0] / (double)file.len, (double)ns[1] / (double)file.len,
           (double)ns[1] * SEGMENT / (double)file.len,
           pieces.twice == NTA_PIECES_SAME ? "" : ", of which some is too far to be compared");
    return 0;
}

int main(int argc, char **argv)
{
    const size_t mib = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 10;
    const size_t len = mib << 20;
    uint8_t *bytes = malloc(len);
    int status = bytes && mib > 0 && mib <= MEMORY >> 20 ? 0 : 2;

    for (size_t i = 0; status == 0 && i < len; i++)
        bytes[i] = (uint8_t)(i * 2654435761U >> 13);
    for (unsigned n_ranges = 1; status == 0 && n_ranges <= 16; n_ranges *= 4)
        status = compare((struct nta_span){bytes, len}, n_ranges);
    if (status == 0)
        status = come_again((struct nta_span){bytes, len});
    if (status)
        (void)fprintf(stderr,
                      "usage: bench_pieces [MIB]; or the hashes differ, or memory is short\n");
    free(bytes);
    return status;
}
