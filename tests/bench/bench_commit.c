/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recorder does, without the packets: join chunks, seal, commit to SQLite with
 * synchronous=FULL. usage: bench_commit DIR [BATCHES]     DIR is made; keys, state and
 * store are left in it
 */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "plausible.h"
#include "store/sealed_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    RECORDS = 4000
};

static void die(const struct nta_err *err)
{
    fprintf(stderr, "bench_commit: %s\n", err->text);
    exit(3);
}

/** Bytes on the disk, once the log is in the file. */
static double file_bytes(const char *dir)
{
    double bytes = 0;
    char path[4096];
    struct stat status;

    for (const char *const *end = (const char *const[]){"", "-wal", NULL}; *end; end++) {
        snprintf(path, sizeof(path), "%s/journal.db%s", dir, *end);
        if (stat(path, &status) == 0)
            bytes += (double)status.st_size;
    }
    return bytes;
}

int main(int argc, char **argv)
{
    unsigned n_batches = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 100;
    struct sealed_store sealed = {.head.number = 0};
    struct nta_batch chunk, batch;
    char site[64];

    if (argc < 2)
        return 2;
    if (sealed_store_open(&sealed, argv[1], nta_clock_wall_ns()) < 0)
        die(&sealed.err);
    nta_batch_init(&chunk);
    nta_batch_init(&batch);
    nta_batch_be_secret(&batch);
    for (unsigned i = 0; i < RECORDS; i++) {
        struct nta_record record;

        plausible_flow(&record, i, site);
        if (nta_batch_add(&chunk, &record) < 0)
            break;
    }
    int64_t began_ns = nta_clock_mono_ns();

    for (unsigned i = 0; i < n_batches; i++) {
        nta_batch_clear(&batch);
        if (nta_batch_join(&batch, &chunk) < 0)
            return 3;
        if (sealed_store_commit(&sealed, &batch, NTA_CLASS_TRAFFIC, nta_clock_wall_ns()) < 0)
            die(&sealed.err);
    }
    double seconds = (double)(nta_clock_mono_ns() - began_ns) / 1e9;
    double n_records = n_batches * (double)chunk.n_records;

    printf("joined, sealed and committed: %u batches of %zu records in %.2f s, %.0f records/s\n",
           n_batches, chunk.n_records, seconds, n_records / seconds);
    sealed_store_close(&sealed);
    printf("%.1f bytes a record sealed, of which heads %.2f; in the file %.1f\n",
           (double)(sealed.n_header_bytes + sealed.n_content_bytes) / n_records,
           (double)sealed.n_header_bytes / n_records, file_bytes(argv[1]) / n_records);
    nta_batch_done(&chunk);
    nta_batch_done(&batch);
    return 0;
}
