/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nta verify takes, against what the same bytes take to be hashed.
 *
 *     bench_verify NTA DIR      DIR: a store (bench_search make)
 *
 * The floor: every header, token and body of the store lies in memory, and two threads hash them
 * (SHA-256), a half each; whoever checks a chain cannot do without.  In the same run `nta verify`
 * checks the store from its file, first without opening batches (--quick), then with.  Each is the
 * best of three, by the wall's clock; the ratio is that of the floor's time to nta's.
 */
#include "base/own.h"
#include "base/runtime/clock.h"
#include "search/stores.h"

#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    THREADS = 2,
    ROUNDS = 3,
    PIECE = 64 * 1024 ///< About what a batch has.
};

static struct nta_buf bytes;

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

static void *hash(void *arg)
{
    const size_t part = *(const size_t *)arg, each = bytes.len / THREADS;
    const uint8_t *pos = bytes.ptr + part * each;
    uint8_t digest[SHA256_DIGEST_LENGTH];

    for (size_t left = each; left > 0;) {
        const size_t len = nta_smaller(left, PIECE);

        (void)SHA256(pos, len, digest);
        pos += len;
        left -= len;
    }
    return NULL;
}

static void run_floor(const void *ignored)
{
    pthread_t threads[THREADS];
    size_t parts[THREADS];

    (void)ignored;
    for (size_t i = 0; i < THREADS; i++) {
        parts[i] = i;
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

/** Seconds, the best of some rounds. */
static double best_of(void (*run)(const void *), const void *what)
{
    int64_t best_ns = INT64_MAX;

    for (unsigned i = 0; i < ROUNDS; i++) {
        const int64_t began_ns = nta_clock_mono_ns();

        run(what);
        const int64_t ns = nta_clock_mono_ns() - began_ns;

        best_ns = ns < best_ns ? ns : best_ns;
    }
    return (double)best_ns / (double)NTA_NS_PER_S;
}

static void print(const char *what, double s, double floor_s)
{
    const double mib = (double)bytes.len / (1 << 20);

    (void)printf("%-46s %7.3f s %8.0f MiB/s, %.2f of the floor\n", what, s, mib / s, floor_s / s);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fputs("usage: bench_verify NTA DIR\n", stderr);
        return 2;
    }
    char verify[] = "verify", store[] = "--store", quick[] = "--quick";
    char *const words[] = {argv[1], verify, store, argv[2], NULL};
    char *const quick_words[] = {argv[1], verify, store, argv[2], quick, NULL};

    load(argv[2]);
    const double floor_s = best_of(run_floor, NULL);

    print("floor: two threads hash what lies in memory", floor_s, floor_s);
    print("nta verify --quick", best_of(run_command, quick_words), floor_s);
    print("nta verify, each batch opened", best_of(run_command, words), floor_s);
    nta_buf_done(&bytes);
    return 0;
}
