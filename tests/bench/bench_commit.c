/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recorder does, without the packets: join chunks, seal, commit to SQLite with
 * synchronous=FULL. usage: bench_commit DIR [BATCHES]     DIR is made; keys, state and
 * store are left in it
 */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "store/sealed_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    RECORDS = 4000
};

/** A plausible flow: 1,000 users, 5,000 sites. */
static void fill(struct nta_record *record, unsigned i, char site[64])
{
    const uint8_t user[4] = {10, 0, (uint8_t)(i * 7 % 1000 / 250), (uint8_t)(i * 7 % 250)};
    const uint8_t peer[4] = {203, 0, (uint8_t)(i * 31 % 5000 / 250), (uint8_t)(i * 31 % 250)};

    snprintf(site, 64, "host%u.site%u.example", i % 7, i * 31 % 5000);
    *record = (struct nta_record){
        .event = NTA_RECORD_FLOW,
        .time_ns = INT64_C(1760000000000000000) + (int64_t)i * 1000,
        .end_ns = INT64_C(1760000001000000000) + (int64_t)i * 1000,
        .user = {.addr = nta_addr_v4(user), .port = (uint16_t)(40000 + i % 20000)},
        .peer = {.addr = nta_addr_v4(peer), .port = 443},
        .ip_proto = 6,
        .opened_by = NTA_OPENED_BY_USER,
        .seen = NTA_SEEN_ANSWERED + (i % 5 == 0),
        .act = NTA_ACT_CONTACTED + (i % 5 == 0),
        .policy = UINT64_C(0x77845bb289d6efc3),
        .app = NTA_APP_TLS,
        .site = nta_span_of(site),
        .basis = NTA_BASIS_SNI,
        .up = {.bytes = 1000 + i % 977, .packets = 12},
        .down = {.bytes = 20000 + i % 9973, .packets = 31},
        .alpn = nta_span_of("h2"),
        .tls_version = nta_span_of("TLS 1.3"),
    };
    record->peer.place.country = nta_span_of("Netherlands");
    record->peer.place.city = nta_span_of("Amsterdam");
    memcpy(record->peer.place.country_code, "NL", 2);
}

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

        fill(&record, i, site);
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
