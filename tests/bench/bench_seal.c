/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record costs on its way into a sealed batch, one core, figures on standard output.  Times
 * are the thread's own processor time, so that a busy machine shows the same figures.
 *
 *     bench_seal [BATCHES]
 *
 * Records vary as on a wire: 200 users, 20,000 sites, 4,000 peers, positions, about 260 bytes each.
 */
#include "base/own.h"
#include "record/batch.h"
#include "record/json.h"
#include "traffic.h"
#include "vault/seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WALL_NS INT64_C(1769860800000000000)

enum
{
    CHUNK = 256,
    BATCH = 14 * CHUNK ///< What fits into NTA_BATCH_BYTES.
};

static int64_t cpu_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void print(const char *what, int64_t took_ns, size_t n)
{
    (void)printf("%-34s %8.0f ns a record %12.0f records/s\n", what, (double)took_ns / (double)n,
                 (double)n * 1e9 / (double)took_ns);
}

/** One full batch, joined from chunks as the recorder does. */
struct load
{
    struct nta_record records[BATCH];
    struct traffic_texts texts[BATCH];
    struct nta_batch chunk, batch;
    int64_t encode_ns, add_ns, join_ns, token_ns, pack_ns, seal_ns;
    size_t n, bytes, sealed_bytes;
};

static int fill(struct load *load, struct nta_buf *scratch)
{
    static int64_t time_ns = INT64_C(1769860800000000000);
    int r = 0;

    for (size_t i = 0; i < BATCH; i++)
        load->records[i] = traffic_flow(&load->texts[i], time_ns += 2000);
    int64_t start = cpu_ns();

    nta_buf_clear(scratch);
    for (size_t i = 0; i < BATCH; i++)
        nta_record_encode(&load->records[i], scratch);
    load->encode_ns += cpu_ns() - start;
    nta_batch_clear(&load->batch);
    for (size_t at = 0; at < BATCH && r == 0; at += CHUNK) {
        start = cpu_ns();
        nta_batch_clear(&load->chunk);
        for (size_t i = at; i < at + CHUNK && r == 0; i++)
            r = nta_batch_add(&load->chunk, &load->records[i]);
        int64_t added = cpu_ns();

        load->add_ns += added - start;
        if (r == 0)
            r = nta_batch_join(&load->batch, &load->chunk);
        load->join_ns += cpu_ns() - added;
    }
    load->n += load->batch.n_records;
    load->bytes += load->batch.records.len;
    return r;
}

static void read_back(const struct load *load)
{
    static struct nta_record_buf buf;
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    struct nta_record record;
    int64_t start = cpu_ns();
    size_t n = load->batch.n_records;

    for (size_t i = 0; i < n; i++)
        (void)nta_record_decode(nta_batch_record(&load->batch, i), &buf, &record);
    int64_t decoded = cpu_ns();

    for (size_t i = 0; i < n; i++) {
        nta_buf_clear(&out);
        nta_record_json(&out, &load->records[i], "00112233445566778899aabbccddeeff-1-0");
    }
    print("decode", decoded - start, n);
    print("JSON line", cpu_ns() - decoded, n);
}

static int seal_one(struct load *load, struct nta_sealer *sealer, struct nta_body *body,
                    struct nta_buf *scratch, struct nta_err *err)
{
    static const uint8_t salt_key[32];
    const struct nta_seal_options options = {.class = NTA_CLASS_TRAFFIC, .wall_ns = WALL_NS};
    struct nta_sealed sealed;
    int64_t start = cpu_ns();

    nta_buf_clear(scratch);
    int r = nta_body_pack(body, &load->batch, salt_key, scratch);
    int64_t packed = cpu_ns();

    load->pack_ns += packed - start;
    if (r == 0)
        r = nta_sealer_seal(sealer, &load->batch, &options, &sealed, NULL, err);
    load->seal_ns += cpu_ns() - packed;
    if (r == 0)
        r = nta_sealer_commit(sealer, err);
    load->sealed_bytes += r == 0 ? sealed.header.len + sealed.tokens.len + sealed.body.len + 64 : 0;
    return r;
}

/** Keys of a new sensor, and a sealer behind its first batch with a data key in use. */
static int begin(const char *dir, struct nta_sealer **ret_sealer, struct nta_err *err)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {.n_records = 0};
    const struct nta_record policy = {.event = NTA_RECORD_POLICY, .time_ns = WALL_NS};
    const struct nta_keys_first first = {.batch = &batch, .wall_ns = WALL_NS};
    const struct nta_sealer_known known = {.head = NULL};
    char state_dir[96];
    const struct nta_keys_place place = {.keys_dir = dir, .state_dir = state_dir};
    enum nta_signing_state state;
    struct nta_wrapped_key key;

    (void)snprintf(state_dir, sizeof(state_dir), "%s/state", dir);
    int r = nta_batch_add(&batch, &policy);

    if (r == 0)
        r = nta_keys_init(&place, &first, NULL, err);
    if (r == 0)
        r = nta_sealer_new(&place, ret_sealer, err);
    if (r == 0)
        r = nta_sealer_resume(*ret_sealer, &known, &state, err);
    if (r == 0)
        r = nta_sealer_make_key(*ret_sealer, NTA_CLASS_TRAFFIC, WALL_NS, &key, err);
    if (r == 0)
        nta_sealer_use_key(*ret_sealer, NTA_CLASS_TRAFFIC);
    return r;
}

static int run(const char *dir, size_t n_batches, struct nta_err *err)
{
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    NTA_AUTO(nta_body_free) struct nta_body *body = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf scratch = {0};
    static struct load load;
    int r = begin(dir, &sealer, err);

    if (r == 0)
        r = nta_body_new(&body);
    for (size_t i = 0; i < n_batches && r == 0; i++) {
        r = fill(&load, &scratch);
        if (r == 0)
            r = seal_one(&load, sealer, body, &scratch, err);
    }
    if (r < 0)
        return r;
    (void)printf("%zu records of %zu bytes, sealed in %zu bytes each\n", load.n,
                 load.bytes / load.n, load.sealed_bytes / load.n);
    print("encode", load.encode_ns, load.n);
    print("encode and gather values (worker)", load.add_ns, load.n);
    print("join (recorder)", load.join_ns, load.n);
    print("pack alone", load.pack_ns, load.n);
    print("seal, pack included (recorder)", load.seal_ns, load.n);
    print("recorder: join and seal", load.join_ns + load.seal_ns, load.n);
    read_back(&load);
    nta_batch_done(&load.batch);
    nta_batch_done(&load.chunk);
    return 0;
}

static void remove_keys(const char *dir)
{
    static const char *const names[] = {
        "sensor.key",        "sensor.pub",   "sensors.pub",       "state.key",
        "auditor.key",       "auditors.pub", "state/signing.key", "state/checkpoint.key",
        "state/first.batch", "state",
    };
    char path[96];

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)remove(path);
    }
    (void)rmdir(dir);
}

int main(int argc, char **argv)
{
    char dir[] = "/tmp/nta-bench-XXXXXX";
    struct nta_err err = {.text = ""};
    size_t n_batches = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;

    if (!mkdtemp(dir))
        return 3;
    int r = run(dir, n_batches ? n_batches : 1, &err);

    if (r < 0)
        (void)fprintf(stderr, "bench_seal: %s\n", err.text);
    remove_keys(dir);
    return r == 0 ? 0 : 3;
}
