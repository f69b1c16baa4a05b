/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nta verify takes, against what the same bytes take to be hashed.
 *
 *     bench_verify NTA DIR      DIR: a store (bench_search make)
 *
 * Two floors, by two threads with libcrypto's SHA-256: the store's headers, tokens and bodies as
 * they lie in memory, which whoever checks a chain cannot do without; and these, and a leaf and a
 * node of the Merkle trees for each record, which whoever opens batches cannot do without, either
 * (records of the store's average length).  In the same run `nta verify` checks the store from its
 * file, first without opening batches (--quick), then with, then once more with --resume.  Each is
 * the best of three, by the wall's clock, and with the processors' time that it took, which other
 * programs on the machine change less; ratios are that of a floor's time to nta's.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/own.h"
#include "base/runtime/clock.h"
#include "search/inspect.h"

#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    THREADS = 2,
    ROUNDS = 3,
    PIECE = 64 * 1024 ///< About what a batch has.
};

static struct nta_buf bytes;
static uint64_t n_records, record_bytes;

static void die(const char *text)
{
    (void)fprintf(stderr, "bench_verify: %s\n", text);
    exit(3);
}

static int on_row(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    const struct nta_span parts[] = {row->sealed.header, row->sealed.signature, row->sealed.tokens,
                                     row->sealed.body};
    uint64_t *n = owner;

    (void)err;
    for (size_t i = 0; i < NTA_N_ELEMENTS(parts); i++)
        nta_buf_put(&bytes, parts[i].ptr, parts[i].len);
    ++*n;
    return 0;
}

static void load(const char *dir)
{
    char path[NTA_PATH_SIZE], keys[NTA_PATH_SIZE];
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    const struct nta_store_query all = {0};
    struct nta_err err = {0};
    uint64_t n = 0;

    if (nta_stores_paths(dir, path, keys, &err) < 0 ||
        nta_store_open_sqlite(path, false, &store, &err) < 0 ||
        nta_store_each(store, &all, on_row, &n, &err) < 0 || bytes.failed)
        die(err.text);
    (void)printf("%" PRIu64 " batches of %.1f MiB\n", n, (double)bytes.len / (1 << 20));
}

/** What records have when they are opened. */
static int on_inspected(void *owner, const struct nta_inspected *inspected, struct nta_err *err)
{
    (void)owner;
    (void)err;
    n_records += inspected->batch.n_records;
    record_bytes += inspected->batch.records.len;
    return 0;
}

static int on_batch(void *owner, const struct nta_stored *row, const struct nta_verdict *verdict,
                    struct nta_err *err)
{
    (void)verdict;
    return nta_inspect_put(owner, row, err);
}

static void measure_records(const char *dir)
{
    const struct nta_stores_options options = {.dir = dir};
    struct nta_inspection *inspection = NULL;
    struct nta_opener *opener = NULL;
    struct nta_stores stores = {.journal = NULL};
    struct nta_chain *chain = NULL;
    struct nta_err err = {0};

    if (nta_stores_open(&options, &stores, &err) < 0 ||
        nta_opener_new(stores.keys_dir, &opener, &err) < 0 ||
        nta_stores_judge(&stores, true, &chain, &err) < 0 ||
        nta_inspect_start(stores.wrapped, opener, on_inspected, NULL, &inspection, &err) < 0)
        die(err.text);
    const struct nta_stores_walk walk = {
        .chain = chain, .opener = opener, .each = on_batch, .owner = inspection};

    if (nta_stores_each(&stores, &walk, &err) < 0 || nta_inspect_finish(inspection, &err) < 0)
        die(err.text);
    nta_inspect_free(&inspection);
    nta_chain_free(&chain);
    nta_opener_free(&opener);
    nta_stores_close(&stores);
    (void)printf("%" PRIu64 " records of %.1f MiB\n", n_records, (double)record_bytes / (1 << 20));
}

/** SHA256() itself looks its algorithm up each time, which takes longer than a record. */
static void hash_one(const uint8_t *data, size_t len, uint8_t ret_digest[SHA256_DIGEST_LENGTH])
{
    SHA256_CTX state;

    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, data, len);
    (void)SHA256_Final(ret_digest, &state);
}

/** One thread's part of a floor. */
struct part
{
    size_t at;
    bool with_records;
};

static void *hash(void *arg)
{
    enum
    {
        LEAF = 17, ///< A tag and a salt,
        NODE = 65  ///< and a tag and two hashes (RFC 9162 section 2.1.1).
    };
    const struct part *part = arg;
    const size_t each = bytes.len / THREADS;
    const uint8_t *pos = bytes.ptr + part->at * each;
    uint8_t digest[SHA256_DIGEST_LENGTH];

    for (size_t left = each; left > 0;) {
        const size_t len = nta_smaller(left, PIECE);

        hash_one(pos, len, digest);
        pos += len;
        left -= len;
    }
    for (uint64_t i = 0; part->with_records && i < n_records / THREADS; i++) {
        hash_one(bytes.ptr + i, LEAF + record_bytes / n_records, digest);
        hash_one(bytes.ptr + i, NODE, digest);
    }
    return NULL;
}

static void run_floor(const void *with_records)
{
    pthread_t threads[THREADS];
    struct part parts[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        parts[i] = (struct part){.at = i, .with_records = *(const bool *)with_records};
        if (pthread_create(&threads[i], NULL, hash, &parts[i]) != 0)
            die("no thread");
    }
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
}

/**
 * A command, its output thrown away.  A store of `bench_search make` has findings (no state file,
 * alerts in class 2), which change nothing of what is looked at.
 */
static void run_command(const void *words)
{
    posix_spawn_file_actions_t actions;
    char *const *const argv = words;
    int status = -1;
    pid_t pid;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
        die("nta verify could not run");
    (void)posix_spawn_file_actions_destroy(&actions);
}

/** Seconds by the wall's clock, and of processors. */
struct cost
{
    double wall_s, cpu_s;
};

/** Of this process and those that it waited for. */
static double cpu_s(void)
{
    const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    double sum = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(whose); i++) {
        struct rusage usage;

        (void)getrusage(whose[i], &usage);
        sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    }
    return sum;
}

/** The best of some rounds, each by itself. */
static struct cost best_of(void (*run)(const void *), const void *what)
{
    struct cost best = {.wall_s = 1e9, .cpu_s = 1e9};

    for (unsigned i = 0; i < ROUNDS; i++) {
        const int64_t began_ns = nta_clock_mono_ns();
        const double before_s = cpu_s();

        run(what);
        const double wall_s = (double)(nta_clock_mono_ns() - began_ns) / (double)NTA_NS_PER_S;
        const double used_s = cpu_s() - before_s;

        best.wall_s = wall_s < best.wall_s ? wall_s : best.wall_s;
        best.cpu_s = used_s < best.cpu_s ? used_s : best.cpu_s;
    }
    return best;
}

static void print(const char *what, struct cost cost, struct cost floor)
{
    (void)printf("%-44s %7.3f s, %7.3f s of processors: %.2f of the floor, %.2f by processors\n",
                 what, cost.wall_s, cost.cpu_s, floor.wall_s / cost.wall_s,
                 floor.cpu_s / cost.cpu_s);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: bench_verify NTA DIR\n", stderr);
        return 2;
    }
    char verify[] = "verify", store[] = "--store", quick[] = "--quick", resume[] = "--resume";
    char *const words[] = {argv[1], verify, store, argv[2], NULL};
    char *const quick_words[] = {argv[1], verify, store, argv[2], quick, NULL};
    char *const resume_words[] = {argv[1], verify, store, argv[2], resume, NULL};
    const bool sealed = false, opened = true;

    load(argv[2]);
    measure_records(argv[2]);
    const struct cost floor = best_of(run_floor, &sealed), higher = best_of(run_floor, &opened);

    print("floor: two threads hash what is sealed", floor, floor);
    print("nta verify --quick", best_of(run_command, quick_words), floor);
    print("floor: and the records' trees", higher, higher);
    print("nta verify, each batch opened", best_of(run_command, words), higher);
    print("nta verify --resume", best_of(run_command, resume_words), higher);
    nta_buf_done(&bytes);
    return 0;
}
