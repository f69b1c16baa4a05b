/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs to look through what is kept.
 *
 *     bench_search make DIR N     a store of N records, through the real sealer, over eight days
 *     bench_search read DIR       processor time for each step of reading them back, on one core
 *     bench_search keys DIR N     processor time for N data keys judged and unwrapped, as many as a
 *                                 search of a year needs
 *
 * "read" opens each batch by itself, so that nothing runs beside it.  The floor is bare libraries'
 * calls in the same run: as many bytes decrypted by libcrypto and unpacked by libzstd, which no
 * reader can do without.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "search/search.h"
#include "traffic.h"
#include "vault/index/builder.h"
#include "vault/note.h"
#include "vault/seal.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <zstd.h>

#define SPAN_NS (INT64_C(8) * 86400 * NTA_NS_PER_S)

enum
{
    LOOKUPS_PERCENT = 30,
    REQUESTS_PERCENT = 8,
    ALERT_EVERY = 5000
};

static void die(const struct nta_err *err)
{
    (void)fprintf(stderr, "bench_search: %s\n", err->text);
    exit(3);
}

static int64_t cpu_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return ts.tv_sec * NTA_NS_PER_S + ts.tv_nsec;
}

/* ---- making ---- */

struct maker
{
    struct nta_sealer *sealer;
    struct nta_store *store;
    struct nta_batch batch;
    struct nta_index_builder builder; ///< Of the index that is being made, as the sensor does it;
    struct nta_index_table table;
    int64_t day; ///< Of the last batch.
    struct nta_err err;
};

static void put_key(struct maker *maker, enum nta_class class, int64_t wall_ns)
{
    struct nta_wrapped_key key;

    if (nta_sealer_make_key(maker->sealer, class, wall_ns, &key, &maker->err) < 0 ||
        nta_store_put_key(maker->store, &key, &maker->err) < 0)
        die(&maker->err);
    nta_sealer_use_key(maker->sealer, class);
}

/** The last batch of a day, and of an index, notes it. */
static size_t note_index(struct maker *maker, bool is_new_day, struct nta_note *ret_note)
{
    if (maker->builder.n_batches == 0 ||
        (!is_new_day && maker->builder.n_batches < NTA_INDEX_BATCHES_MAX))
        return 0;
    if (nta_index_build(&maker->builder, &maker->table) < 0)
        exit(3);
    *ret_note = (struct nta_note){
        .kind = NTA_HEADER_NOTE_INDEX, .class = maker->table.class, .day = maker->table.day};
    memcpy(ret_note->key, maker->table.hash, NTA_HASH_LEN);
    nta_index_builder_clear(&maker->builder);
    return 1;
}

/** With the index that its header notes, if it does. */
static void put(struct maker *maker, struct nta_stored *stored)
{
    static struct nta_stored_index parts[NTA_INDEX_PAGES_MAX + 1];

    for (uint32_t i = 0; stored->header.n_notes > 0 && i < maker->table.n_parts; i++)
        parts[stored->n_indexes++] =
            (struct nta_stored_index){.class = maker->table.class,
                                      .day = maker->table.day,
                                      .part = i,
                                      .bytes = nta_index_table_part(&maker->table, i)};
    stored->indexes = parts;
    if (nta_store_put_batches(maker->store, stored, 1, &maker->err) < 0)
        die(&maker->err);
}

static void commit(struct maker *maker)
{
    const int64_t day = nta_day_of(maker->batch.last_ns);
    const bool is_new_day = day != maker->day;
    struct nta_note note;
    const struct nta_seal_options options = {
        .class = NTA_CLASS_TRAFFIC,
        .wall_ns = maker->batch.last_ns,
        .clock = 1,
        .notes = &note,
        .n_notes = note_index(maker, is_new_day, &note),
        .changes_key = is_new_day,
    };
    struct nta_stored stored = {.faults = 0};

    if (nta_sealer_wants_key(maker->sealer, options.class, options.wall_ns))
        put_key(maker, options.class, options.wall_ns);
    if (nta_sealer_seal(maker->sealer, &maker->batch, &options, &stored.sealed, &stored.header,
                        &maker->err) < 0)
        die(&maker->err);
    put(maker, &stored);
    if (nta_sealer_commit(maker->sealer, &maker->err) < 0)
        die(&maker->err);
    if (!is_new_day && nta_index_builder_add(&maker->builder, &stored.sealed, &stored.header) < 0)
        exit(3);
    maker->day = day;
    nta_batch_clear(&maker->batch);
}

static void add(struct maker *maker, const struct nta_record *record)
{
    if (nta_batch_add(&maker->batch, record) == 0)
        return;
    commit(maker);
    if (nta_batch_add(&maker->batch, record) < 0)
        exit(3);
}

static void make_records(struct maker *maker, uint64_t n, int64_t start_ns)
{
    struct nta_record_answer answers[2];
    struct traffic_texts texts;
    char url[160];

    for (uint64_t i = 0; i < n; i++) {
        struct nta_record flow =
            traffic_flow(&texts, start_ns + (int64_t)((double)i / (double)n * (double)SPAN_NS));
        unsigned kind = (unsigned)(traffic_next() % 100);

        if (kind < LOOKUPS_PERCENT)
            flow = traffic_lookup(&flow, answers);
        else if (kind < LOOKUPS_PERCENT + REQUESTS_PERCENT)
            flow = traffic_request(&flow, url);
        if (i % ALERT_EVERY == ALERT_EVERY / 2) {
            traffic_match(&flow);
            flow.event = i % (2 * ALERT_EVERY) < ALERT_EVERY ? NTA_RECORD_ALERT : flow.event;
        }
        /* one user that is seen in the last batches only: the worst case for a search */
        if (i + 1000 == n)
            flow.user.addr = nta_addr_v4((const uint8_t[]){10, 99, 99, 99});
        add(maker, &flow);
    }
    if (maker->batch.n_records)
        commit(maker);
}

/** The first batch, as `nta keys init` made it. */
static void begin(struct maker *maker)
{
    struct nta_sealer_at at = {.number = 1};
    struct nta_stored first = {.faults = 0};
    struct nta_wrapped_key key;
    enum nta_signing_state state;

    nta_sealer_first(maker->sealer, &first.sealed, &first.header, &key);
    if (nta_store_put_key(maker->store, &key, &maker->err) < 0 ||
        nta_store_put_batches(maker->store, &first, 1, &maker->err) < 0 ||
        nta_sealer_resume(maker->sealer, &(struct nta_sealer_known){.head = &first.sealed}, &state,
                          &maker->err) < 0)
        die(&maker->err);
    nta_header_hash(&first.sealed, at.previous);
    nta_log_add(&at.log, at.previous);
    nta_sealer_continue(maker->sealer, &at);
}

/** A store with its first batch. */
static void open_maker(struct maker *maker, const char *dir, int64_t start_ns)
{
    NTA_AUTO(nta_batch_done) struct nta_batch policy = {.n_records = 0};
    const struct nta_record record = {.event = NTA_RECORD_POLICY, .time_ns = start_ns};
    const struct nta_keys_first first = {.batch = &policy, .wall_ns = start_ns, .clock = 1};
    char keys[NTA_PATH_SIZE], path[NTA_PATH_SIZE], state[NTA_PATH_SIZE + 8];
    const struct nta_keys_place place = {.keys_dir = keys, .state_dir = state};
    bool made;

    (void)mkdir(dir, 0700);
    (void)snprintf(state, sizeof(state), "%s/state", dir);
    if (nta_batch_add(&policy, &record) < 0 || nta_stores_paths(dir, path, keys, &maker->err) < 0 ||
        nta_keys_init(&place, &first, &made, &maker->err) < 0 ||
        nta_sealer_new(&place, &maker->sealer, &maker->err) < 0 ||
        nta_store_open_sqlite(path, true, &maker->store, &maker->err) < 0)
        die(&maker->err);
    begin(maker);
    nta_batch_init(&maker->batch);
}

static void close_maker(struct maker *maker)
{
    nta_batch_done(&maker->batch);
    nta_index_builder_done(&maker->builder);
    nta_index_table_done(&maker->table);
    nta_sealer_free(&maker->sealer);
    nta_store_close(&maker->store);
}

static int make(const char *dir, uint64_t n)
{
    struct maker maker = {.err.text = ""};
    const int64_t start_ns = nta_clock_wall_ns() - SPAN_NS;

    open_maker(&maker, dir, start_ns);
    make_records(&maker, n, start_ns);
    close_maker(&maker);
    return 0;
}

/* ---- data keys ---- */

struct unwrapping
{
    struct nta_stores *stores;
    struct nta_opener *opener;
    uint64_t n_open;
};

static int on_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct unwrapping *unwrapping = owner;
    struct nta_header header;

    (void)err;
    memcpy(header.data_key, key->key.id, sizeof(header.data_key));
    unwrapping->n_open += nta_stores_open_key(unwrapping->stores, unwrapping->opener, &header);
    return 0;
}

/** A key for each of four classes each day, judged and unwrapped. */
static int unwrap(const char *dir, uint64_t n)
{
    struct maker maker = {.err.text = ""};
    const struct nta_stores_options options = {.dir = dir};
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;
    struct nta_err err = {0};

    open_maker(&maker, dir, nta_clock_wall_ns());
    for (uint64_t i = 0; i < n; i++)
        put_key(&maker, (enum nta_class)(1 + i % 4),
                nta_clock_wall_ns() + (int64_t)(i / 4 + 1) * 86400 * NTA_NS_PER_S);
    close_maker(&maker);
    if (nta_search_open(&options, &search, &err) < 0)
        die(&err);
    struct nta_stores *stores = nta_search_stores(search);
    struct unwrapping unwrapping = {.stores = stores, .opener = nta_search_opener(search)};
    const int64_t began_ns = cpu_ns();

    if (nta_stores_judge(stores, true, &chain, &err) < 0)
        die(&err);
    const int64_t judged_ns = cpu_ns();

    if (nta_store_each_key(stores->journal, on_key, &unwrapping, &err) < 0)
        die(&err);
    (void)printf("%" PRIu64 " data keys: read and judged in %.3f s, unwrapped in %.3f s\n",
                 unwrapping.n_open, (double)(judged_ns - began_ns) / 1e9,
                 (double)(cpu_ns() - judged_ns) / 1e9);
    return unwrapping.n_open >= n ? 0 : 3;
}

/* ---- reading ---- */

struct reading
{
    struct nta_search *search;
    struct nta_batch batch;
    struct nta_record_buf buf;
    struct nta_query query;
    uint64_t n_batches, n_records, n_found, n_bytes;
    int64_t fetch_ns, open_ns, filter_ns, decode_ns, floor_ns, at_ns;
    EVP_CIPHER_CTX *cipher;
    ZSTD_DCtx *unpacker;
    struct nta_buf packed, plain;
};

/** Decrypt and unpack as many bytes as the batch has: what it takes without anything of ours. */
static void run_floor(struct reading *reading)
{
    static const uint8_t key[32], nonce[12];
    size_t len = reading->batch.records.len, bound = ZSTD_compressBound(len);
    int n = 0;

    nta_buf_clear(&reading->packed);
    nta_buf_clear(&reading->plain);
    uint8_t *packed = nta_buf_reserve(&reading->packed, bound);
    uint8_t *plain = nta_buf_reserve(&reading->plain, bound);

    if (!packed || !plain)
        exit(3);
    size_t packed_len = ZSTD_compress(packed, bound, reading->batch.records.ptr, len, 1);
    int64_t start = cpu_ns();

    (void)EVP_DecryptInit_ex(reading->cipher, EVP_aes_256_gcm(), NULL, key, nonce);
    (void)EVP_DecryptUpdate(reading->cipher, plain, &n, packed, (int)packed_len);
    (void)ZSTD_decompressDCtx(reading->unpacker, plain, bound, packed, packed_len);
    reading->floor_ns += cpu_ns() - start;
}

static int on_batch(void *owner, const struct nta_stored *stored, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    struct reading *reading = owner;
    static struct nta_record record;
    int64_t fetched = cpu_ns();

    (void)verdict;
    reading->fetch_ns += fetched - reading->at_ns;
    if (nta_opener_read(nta_search_opener(reading->search), &stored->sealed, &reading->batch, err) <
        0)
        die(err);
    int64_t opened = cpu_ns();
    size_t n = reading->batch.n_records;
    uint32_t parts = nta_query_parts(&reading->query);

    for (size_t i = 0; i < n; i++) {
        struct nta_span encoded = nta_batch_record(&reading->batch, i);

        if (nta_record_decode_some(encoded, parts, &reading->buf, &record) &&
            nta_query_has(&reading->query, &record))
            reading->n_found++;
    }
    int64_t filtered = cpu_ns();

    for (size_t i = 0; i < n; i++)
        (void)nta_record_decode(nta_batch_record(&reading->batch, i), &reading->buf, &record);
    int64_t decoded = cpu_ns();

    reading->n_batches++;
    reading->n_records += n;
    reading->n_bytes += reading->batch.records.len;
    reading->open_ns += opened - fetched;
    reading->filter_ns += filtered - opened;
    reading->decode_ns += decoded - filtered;
    run_floor(reading);
    reading->at_ns = cpu_ns();
    return 0;
}

/** As a search does it, that batches are proved in groups; here they are opened before. */
static void on_settled(void *owner, uint64_t ticket, bool is_signed)
{
    (void)owner;
    (void)ticket;
    if (!is_signed)
        exit(3);
}

static void print(const char *what, int64_t ns, uint64_t n)
{
    (void)printf("%-46s %7.0f ns a record %8.2f million records/s\n", what, (double)ns / (double)n,
                 (double)n * 1e3 / (double)ns);
}

static int read_back(const char *dir)
{
    static struct reading reading;
    struct nta_err err = {0};
    const struct nta_stores_options options = {.dir = dir};
    NTA_AUTO(nta_chain_free) struct nta_chain *chain = NULL;

    if (nta_search_open(&options, &reading.search, &err) < 0 ||
        nta_query_site(&reading.query, "host-77.example.com", &err) < 0)
        die(&err);
    nta_batch_init(&reading.batch);
    reading.cipher = EVP_CIPHER_CTX_new();
    reading.unpacker = ZSTD_createDCtx();
    reading.at_ns = cpu_ns();
    struct nta_stores *stores = nta_search_stores(reading.search);

    if (nta_stores_judge(stores, false, &chain, &err) < 0)
        die(&err);
    const struct nta_stores_walk walk = {.chain = chain,
                                         .opener = nta_search_opener(reading.search),
                                         .each = on_batch,
                                         .settled = on_settled,
                                         .owner = &reading};

    if (nta_stores_each(stores, &walk, &err) < 0)
        die(&err);
    if (reading.n_records == 0)
        return 3;
    (void)printf(
        "%" PRIu64 " records of %" PRIu64 " bytes in %" PRIu64 " batches, %" PRIu64 " fit\n",
        reading.n_records, reading.n_bytes / reading.n_records, reading.n_batches, reading.n_found);
    print("fetch from SQLite, judge the chain", reading.fetch_ns, reading.n_records);
    print("open: decrypt, unpack", reading.open_ns, reading.n_records);
    print("decode what the filter looks at, and filter", reading.filter_ns, reading.n_records);
    print("fetch, open, decode and filter, all on one core",
          reading.fetch_ns + reading.open_ns + reading.filter_ns, reading.n_records);
    print("(decode whole records, for comparison)", reading.decode_ns, reading.n_records);
    int64_t all_ns = reading.fetch_ns + reading.open_ns + reading.filter_ns;

    print("floor: bare decryption and unpacking", reading.floor_ns, reading.n_records);
    (void)printf("all of it is %.2f times the floor\n", (double)all_ns / (double)reading.floor_ns);
    EVP_CIPHER_CTX_free(reading.cipher);
    (void)ZSTD_freeDCtx(reading.unpacker);
    nta_buf_done(&reading.packed);
    nta_buf_done(&reading.plain);
    nta_batch_done(&reading.batch);
    nta_query_done(&reading.query);
    nta_search_close(&reading.search);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        return make(argv[2], strtoull(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return read_back(argv[2]);
    if (argc == 4 && strcmp(argv[1], "keys") == 0)
        return unwrap(argv[2], strtoull(argv[3], NULL, 10));
    (void)fputs("usage: bench_search make DIR N | read DIR | keys DIR N\n", stderr);
    return 2;
}
