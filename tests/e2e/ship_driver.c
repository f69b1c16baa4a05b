/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Works the shipper against a real server, as the recorder does:
 *
 *     ship_driver run JOURNAL SOCKET N PAUSE_MS   commit N batches, one each PAUSE_MS, while
 *                                                 shipping; wait for the end
 *     ship_driver fill JOURNAL N                  commit N more batches, without shipping
 *     ship_driver other JOURNAL SOCKET            ship; then somebody else moves MySQL's row, and
 *                                                 one batch more is committed
 *     ship_driver check SOCKET N                  MySQL has batches 1 to N, once, in one chain,
 *                                                 every byte as made
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "store/fixture.h"
#include "store/ship/ship.h"
#include "store/walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum
{
    BODY_LEN = 60000,
    KEY_EVERY = 50, ///< Batches under one data key.
    WAIT_S = 120,
};

static struct sample sample;
static struct nta_err err;

static int fail(const char *what)
{
    (void)fprintf(stderr, "ship_driver: %s: %s\n", what, err.text);
    return 1;
}

static struct nta_mysql_options options_for(const char *socket)
{
    return (struct nta_mysql_options){
        .hosts = socket, .user = "nta", .password = "sesame", .database = "nta", .timeout_s = 5};
}

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&pause, NULL);
}

static void make(uint64_t number, const uint8_t *previous)
{
    sample_make(&sample,
                &(struct sample_plan){
                    .sensor = 1,
                    .number = number,
                    .body_len = BODY_LEN + number % 1000,
                    /* so that the days change on the way */
                    .first_ns = SAMPLE_START_NS + (int64_t)number * 1000 * NTA_NS_PER_S,
                    .data_key = (uint8_t)(number / KEY_EVERY + 1),
                },
                previous);
}

static int put(struct nta_store *journal, uint64_t number, const uint8_t *previous)
{
    static const uint8_t blob[300] = {7};
    struct nta_wrapped_key key = {.made_ns = (int64_t)number, .blob = {blob, sizeof(blob)}};

    /* every other key was made by a clock that had been set back */
    if (number / KEY_EVERY % 2)
        key.made_ns = -key.made_ns;
    make(number, previous);
    memcpy(key.id, sample.stored.header.data_key, sizeof(key.id));
    if (nta_store_put_key(journal, &key, &err) < 0)
        return -1;
    return nta_store_put_batches(journal, &sample.stored, 1, &err);
}

/** Commit `n` batches behind those that are there. */
static int commit_some(const char *path, uint64_t n, long pause_ms, struct nta_ship *ship)
{
    NTA_AUTO(nta_store_close) struct nta_store *journal = NULL;
    uint8_t sensor[NTA_SENSOR_ID_LEN], hash[NTA_HASH_LEN];
    struct nta_store_last last = {.n_header = 0};

    memset(sensor, 1, sizeof(sensor));
    if (nta_store_open_sqlite(path, true, &journal, &err) < 0 ||
        nta_store_newest(journal, sensor, UINT64_MAX, &last, &err) < 0)
        return fail("journal");
    memcpy(hash, last.head.hash, sizeof(hash));
    for (uint64_t i = last.head.number + 1; i <= last.head.number + n; i++) {
        if (put(journal, i, hash) < 0)
            return fail("commit");
        memcpy(hash, sample.hash, sizeof(hash));
        if (ship)
            nta_ship_wake(ship);
        if (i % 100 == 0)
            (void)printf("committed %" PRIu64 "\n", i);
        (void)fflush(stdout);
        sleep_ms(pause_ms);
    }
    return 0;
}

static int wait_until_empty(const char *path, const struct nta_ship *ship)
{
    NTA_AUTO(nta_store_close) struct nta_store *journal = NULL;
    struct nta_store_size size = {.n_batches = 2};

    if (nta_store_open_sqlite(path, false, &journal, &err) < 0)
        return fail("journal");
    /* the last one stays, as long as it is the last */
    for (int tries = 0; size.n_batches > 1; tries++) {
        if (nta_store_measure(journal, &size, &err) < 0)
            return fail("journal");
        if (tries > WAIT_S * 10) {
            (void)fprintf(stderr, "ship_driver: %" PRIu64 " batches are still in the journal\n",
                          size.n_batches);
            return 1;
        }
        sleep_ms(100);
    }
    /* a single batch is the last one from the beginning, and may still be on its way */
    for (int tries = 0; tries < WAIT_S * 10 && (!nta_ship_connected(ship) ||
                                                nta_ship_lag_ns(ship, nta_clock_wall_ns()) != 0);
         tries++)
        sleep_ms(100);
    if (!nta_ship_connected(ship) || nta_ship_lag_ns(ship, nta_clock_wall_ns()) != 0) {
        (void)fprintf(stderr, "ship_driver: empty, but not said to be\n");
        return 1;
    }
    return 0;
}

static int run(const char *path, const char *socket, uint64_t n, long pause_ms)
{
    struct nta_ship_options options = {.journal_path = path, .mysql = options_for(socket)};
    struct nta_ship *ship = NULL;
    const struct nta_counters *counters;
    int result;

    memset(options.sensor, 1, sizeof(options.sensor));
    if (nta_ship_start(&options, &ship, &err) < 0)
        return fail("start");
    result = commit_some(path, n, pause_ms, ship);
    if (result == 0)
        result = wait_until_empty(path, ship);
    counters = nta_ship_counters(ship);
    (void)printf("shipped %" PRIu64 " errors %" PRIu64 "\n",
                 nta_counted(counters, NTA_COUNTER_SHIPPED),
                 nta_counted(counters, NTA_COUNTER_SHIP_ERRORS));
    nta_ship_stop(&ship, 5 * NTA_NS_PER_S);
    return result;
}

/** The shipper finds that a row it set is another's. */
static int other(const char *path, const char *socket)
{
    struct nta_ship_options options = {.journal_path = path, .mysql = options_for(socket)};
    NTA_AUTO(nta_store_close) struct nta_store *mysql = NULL;
    struct nta_ship *ship = NULL;
    struct sample foreign;
    int result;

    memset(options.sensor, 1, sizeof(options.sensor));
    if (nta_ship_start(&options, &ship, &err) < 0)
        return fail("start");
    result = wait_until_empty(path, ship);
    if (result == 0 && nta_store_open_mysql(&options.mysql, &mysql, &err) < 0)
        result = fail("connect");
    sample_make(&foreign, &(struct sample_plan){.sensor = 1, .number = 206, .salt = 99}, NULL);
    if (result == 0 && nta_store_put_batches(mysql, &foreign.stored, 1, &err) < 0)
        result = fail("put");
    if (result == 0)
        result = commit_some(path, 1, 0, ship);
    sleep_ms(3000);
    nta_ship_stop(&ship, 0);
    return result;
}

/** What has come by so far. */
struct checked
{
    uint64_t n;
    uint8_t hash[NTA_HASH_LEN];
};

static int check_batch(void *owner, const struct nta_stored *batch, struct nta_err *ret_err)
{
    struct checked *checked = owner;
    const struct nta_sealed *a = &sample.stored.sealed, *b = &batch->sealed;
    const struct nta_span *want[] = {&a->header, &a->signature, &a->tokens, &a->body};
    const struct nta_span *have[] = {&b->header, &b->signature, &b->tokens, &b->body};

    checked->n++;
    make(checked->n, checked->n == 1 ? (const uint8_t[NTA_HASH_LEN]){0} : checked->hash);
    memcpy(checked->hash, sample.hash, NTA_HASH_LEN);
    if (batch->header.number != checked->n)
        return nta_err_set(ret_err, -EBADMSG, "batch %" PRIu64 " where %" PRIu64 " should be",
                           batch->header.number, checked->n);
    for (size_t i = 0; i < NTA_N_ELEMENTS(want); i++) {
        if (want[i]->len != have[i]->len || memcmp(want[i]->ptr, have[i]->ptr, want[i]->len) != 0)
            return nta_err_set(ret_err, -EBADMSG, "batch %" PRIu64 ": part %zu differs", checked->n,
                               i);
    }
    return 0;
}

static int count_key(void *owner, const struct nta_stored_key *stored, struct nta_err *ret_err)
{
    const struct nta_wrapped_key *key = &stored->key;
    uint64_t *n = owner;

    (void)key;
    (void)ret_err;
    ++*n;
    return 0;
}

static int check(const char *socket, uint64_t n)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_mysql_options options = options_for(socket);
    struct nta_store_query query = {0};
    struct checked checked = {0};
    struct nta_store_size size;
    uint64_t n_keys = 0;

    options.read_only = true;
    if (nta_store_open_mysql(&options, &store, &err) < 0 ||
        nta_store_each(store, &query, check_batch, &checked, &err) < 0 ||
        nta_store_each_key(store, count_key, &n_keys, &err) < 0 ||
        nta_store_measure(store, &size, &err) < 0)
        return fail("check");
    (void)printf("%" PRIu64 " batches, %" PRIu64 " keys\n", checked.n, n_keys);
    return checked.n == n && size.n_batches == n && n_keys == n / KEY_EVERY + 1 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "run") == 0)
        return run(argv[2], argv[3], strtoull(argv[4], NULL, 10), strtol(argv[5], NULL, 10));
    if (argc == 4 && strcmp(argv[1], "fill") == 0)
        return commit_some(argv[2], strtoull(argv[3], NULL, 10), 0, NULL);
    if (argc == 4 && strcmp(argv[1], "other") == 0)
        return other(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "check") == 0)
        return check(argv[2], strtoull(argv[3], NULL, 10));
    (void)fprintf(stderr, "usage: see the head of ship_driver.c\n");
    return 2;
}
