/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the recorder does, without the packets: join chunks, seal, commit to SQLite with
 * synchronous=FULL. usage: bench_commit DIR [BATCHES]     DIR is made; keys and store are left in
 * it
 */
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/batch.h"
#include "store/store.h"
#include "vault/vault.h"

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

static void commit(struct nta_sealer *sealer, struct nta_store *store,
                   const struct nta_batch *batch)
{
    struct nta_stored stored = {0};
    struct nta_wrapped_key key;
    struct nta_err err = {0};

    if (nta_sealer_wants_key(sealer, nta_clock_wall_ns()) &&
        (nta_sealer_new_key(sealer, nta_clock_wall_ns(), &key, &err) < 0 ||
         nta_store_put_key(store, &key, &err) < 0))
        die(&err);
    if (nta_sealer_seal(sealer, batch, &stored.sealed, &stored.header, &err) < 0 ||
        nta_store_put_batches(store, &stored, 1, &err) < 0)
        die(&err);
    nta_sealer_commit(sealer);
}

int main(int argc, char **argv)
{
    unsigned n_batches = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 100;
    char keys[4096], path[4096], site[64];
    struct nta_sealer *sealer = NULL;
    struct nta_store *store = NULL;
    struct nta_batch chunk, batch;
    struct nta_err err = {0};
    bool made;

    if (argc < 2)
        return 2;
    (void)mkdir(argv[1], 0700);
    snprintf(keys, sizeof(keys), "%s/keys", argv[1]);
    snprintf(path, sizeof(path), "%s/journal.db", argv[1]);
    if (nta_keys_init(keys, &made, &err) < 0 || nta_sealer_new(keys, &sealer, &err) < 0 ||
        nta_store_open_sqlite(path, true, &store, &err) < 0)
        die(&err);
    nta_sealer_continue(sealer, 1, (const uint8_t[NTA_HASH_LEN]){0});
    nta_batch_init(&chunk);
    nta_batch_init(&batch);
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
        commit(sealer, store, &batch);
    }
    double seconds = (double)(nta_clock_mono_ns() - began_ns) / 1e9;

    printf("joined, sealed and committed: %u batches of %zu records in %.2f s, %.0f records/s\n",
           n_batches, chunk.n_records, seconds, n_batches * (double)chunk.n_records / seconds);
    nta_batch_done(&chunk);
    nta_batch_done(&batch);
    nta_sealer_free(&sealer);
    nta_store_close(&store);
    return 0;
}
