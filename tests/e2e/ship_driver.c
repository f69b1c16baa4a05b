/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Works the shipper against a real server (SOCKET; or several), as the recorder does:
 *
 *     ship_driver run JOURNAL SOCKET N PAUSE_MS   commit N batches, one each PAUSE_MS, while
 *                                                 shipping; wait for the end
 *     ship_driver fill JOURNAL N                  commit N more batches, without shipping
 *     ship_driver other JOURNAL SOCKET            ship; then somebody else moves MySQL's row, and
 *                                                 one batch more is committed
 *     ship_driver check SOCKET N                  MySQL has batches 1 to N, once, in one chain,
 *                                                 every byte as made, and the row of its chain has
 *                                                 the frontier
 *
 * With "--sensor N" first it is another sensor than 1.
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "store/fixture.h"
#include "store/ship/ship.h"
#include "store/walk.h"
#include "store/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum
{
    BODY_LEN = 60000,
    KEY_EVERY = 50,  ///< Batches under one data key.
    NEXT_EVERY = 64, ///< Batches signed by one key.
    WAIT_S = 120,
};

static struct sample sample;
static struct nta_err err;
static uint8_t sensor_byte = 1; ///< All 16 bytes of the sensor's id.

static int fail(const char *what)
{
    (void)fprintf(stderr, "ship_driver: %s: %s\n", what, err.text);
    return 1;
}

static struct nta_mysql_options options_for(const char *socket)
{
    return (struct nta_mysql_options){.hosts = socket,
                                      .user = "nta",
                                      .password = "sesame",
                                      .database = "nta",
                                      .in_clear = true,
                                      .timeout_s = 5};
}

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&pause, NULL);
}

/** Batch `number` behind the tree of those before it. */
static void make(uint64_t number, const uint8_t *previous, const struct nta_log_tree *tree)
{
    uint8_t root[NTA_HASH_LEN];

    nta_log_root(tree, root);
    sample_make(&sample,
                &(struct sample_plan){
                    .sensor = sensor_byte,
                    .number = number,
                    .body_len = BODY_LEN + number % 1000,
                    /* so that the days change on the way */
                    .first_ns = SAMPLE_START_NS + (int64_t)number * 1000 * NTA_NS_PER_S,
                    .data_key = (uint8_t)(number / KEY_EVERY + 1),
                    .class = NTA_CLASS_EVIDENCE + number % 4,
                    .has_next = number % NEXT_EVERY == 1,
                    .log = root,
                },
                previous);
}

static int put(struct nta_store *journal, struct nta_store_head *head, struct nta_log_tree *tree)
{
    static const uint8_t blob[300] = {7};
    const uint64_t number = head->number + 1;
    struct nta_wrapped_key key = {
        .class = NTA_CLASS_EVIDENCE, .day = (int64_t)number, .blob = {blob, sizeof(blob)}};
    uint8_t bytes[NTA_LOG_FRONTIER_MAX];
    const struct nta_span frontier = {bytes, nta_log_frontier(tree, bytes)};

    /* every other key was made by a clock that had been set back */
    if (number / KEY_EVERY % 2)
        key.day = -key.day;
    make(number, head->hash, tree);
    memcpy(key.id, sample.stored.header.data_key, sizeof(key.id));
    if (nta_store_put_key(journal, &key, &err) < 0 ||
        nta_store_append(journal, head, &sample.stored, 1, frontier, &err) < 0)
        return -1;
    *head = (struct nta_store_head){.number = number};
    memcpy(head->hash, sample.hash, sizeof(head->hash));
    nta_log_add(tree, head->hash);
    return 0;
}

/** Where the journal's chain is; false: its row has no frontier. */
static bool find_tree(const struct nta_store_place *place, struct nta_log_tree *ret_tree)
{
    *ret_tree = (struct nta_log_tree){0};
    if (place->head.number == 0)
        return true;
    if (!nta_log_from_frontier(place->head.number - 1,
                               (struct nta_span){place->frontier, place->n_frontier}, ret_tree))
        return false;
    nta_log_add(ret_tree, place->head.hash);
    return true;
}

/** Commit `n` batches behind those that are there. */
static int commit_some(const char *path, uint64_t n, long pause_ms, struct nta_ship *ship)
{
    NTA_AUTO(nta_store_close) struct nta_store *journal = NULL;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_place place;
    struct nta_log_tree tree;

    memset(sensor, sensor_byte, sizeof(sensor));
    if (nta_store_open_sqlite(path, true, &journal, &err) < 0 ||
        nta_store_get_place(journal, sensor, &place, &err) < 0 || !find_tree(&place, &tree))
        return fail("journal");
    for (uint64_t i = 0; i < n; i++) {
        if (put(journal, &place.head, &tree) < 0)
            return fail("commit");
        if (ship)
            nta_ship_wake(ship);
        if (place.head.number % 100 == 0)
            (void)printf("committed %" PRIu64 "\n", place.head.number);
        (void)fflush(stdout);
        sleep_ms(pause_ms);
    }
    return 0;
}

/** What stays in a journal whose last batch this is: it, and heads that name a key. */
struct left
{
    uint64_t n, n_other, last;
};

static int look_at_left(void *owner, const struct nta_stored *batch, struct nta_err *ret_err)
{
    struct left *left = owner;

    (void)ret_err;
    left->n++;
    left->n_other += batch->header.number != left->last &&
                     (!batch->header.has_next || batch->faults != NTA_ROW_ABSENT);
    return 0;
}

static int count_left(struct nta_store *journal, struct left *left)
{
    const struct nta_store_query query = {0};
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_place place;

    memset(sensor, sensor_byte, sizeof(sensor));
    if (nta_store_get_place(journal, sensor, &place, &err) < 0)
        return -1;
    *left = (struct left){.last = place.head.number};
    return nta_store_each(journal, &query, look_at_left, left, &err);
}

static int wait_until_empty(const char *path, const struct nta_ship *ship)
{
    NTA_AUTO(nta_store_close) struct nta_store *journal = NULL;
    struct left left = {.n_other = 1};

    if (nta_store_open_sqlite(path, false, &journal, &err) < 0)
        return fail("journal");
    /* the last one stays, as long as it is the last, and heads that name a key do */
    for (int tries = 0; left.n_other > 0; tries++) {
        if (count_left(journal, &left) < 0)
            return fail("journal");
        if (tries > WAIT_S * 10) {
            (void)fprintf(stderr, "ship_driver: %" PRIu64 " batches are still in the journal\n",
                          left.n_other);
            return 1;
        }
        sleep_ms(100);
    }
    /* 1, 65, ... but for the last, which is counted by itself */
    if (left.last > 0 && left.n != 1 + (left.last + NEXT_EVERY - 2) / NEXT_EVERY) {
        (void)fprintf(stderr, "ship_driver: %" PRIu64 " heads are left behind %" PRIu64 "\n",
                      left.n, left.last);
        return 1;
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

    memset(options.sensor, sensor_byte, sizeof(options.sensor));
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

    memset(options.sensor, sensor_byte, sizeof(options.sensor));
    if (nta_ship_start(&options, &ship, &err) < 0)
        return fail("start");
    result = wait_until_empty(path, ship);
    if (result == 0 && nta_store_open_mysql(&options.mysql, &mysql, &err) < 0)
        result = fail("connect");
    sample_make(&foreign, &(struct sample_plan){.sensor = 1, .number = 206, .salt = 99}, NULL);
    if (result == 0 && sample_append(mysql, &foreign.stored, 1, &err) < 0)
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
    struct nta_log_tree tree, before; ///< Over the links, with the last one and without.
};

static int check_batch(void *owner, const struct nta_stored *batch, struct nta_err *ret_err)
{
    struct checked *checked = owner;
    const struct nta_sealed *a = &sample.stored.sealed, *b = &batch->sealed;
    const struct nta_span *want[] = {&a->header, &a->signature, &a->tokens, &a->body};
    const struct nta_span *have[] = {&b->header, &b->signature, &b->tokens, &b->body};

    checked->n++;
    make(checked->n, checked->hash, &checked->tree);
    memcpy(checked->hash, sample.hash, NTA_HASH_LEN);
    checked->before = checked->tree;
    nta_log_add(&checked->tree, checked->hash);
    if (batch->faults)
        return nta_err_set(ret_err, -EBADMSG, "batch %" PRIu64 " has faults", checked->n);
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

/** True if MySQL's row is at the last batch, with the frontier of the tree before it. */
static bool is_at(struct nta_store *store, const struct checked *checked)
{
    uint8_t sensor[NTA_SENSOR_ID_LEN], bytes[NTA_LOG_FRONTIER_MAX];
    size_t len = nta_log_frontier(&checked->before, bytes);
    struct nta_store_place place;

    memset(sensor, sensor_byte, sizeof(sensor));
    return nta_store_get_place(store, sensor, &place, &err) == 0 &&
           place.head.number == checked->n &&
           memcmp(place.head.hash, checked->hash, NTA_HASH_LEN) == 0 && place.n_frontier == len &&
           memcmp(place.frontier, bytes, len) == 0;
}

static int check(const char *socket, uint64_t n)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_mysql_options options = options_for(socket);
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_query query = {.sensor = sensor};
    struct checked checked = {0};
    uint64_t n_keys = 0, n_spanned = 0;

    options.read_only = true;
    memset(sensor, sensor_byte, sizeof(sensor));
    if (nta_store_open_mysql(&options, &store, &err) < 0 ||
        nta_store_each(store, &query, check_batch, &checked, &err) < 0 ||
        nta_store_each_key(store, count_key, &n_keys, &err) < 0 ||
        nta_store_count(store, &query, &n_spanned, &err) < 0)
        return fail("check");
    (void)printf("%" PRIu64 " batches, %" PRIu64 " keys\n", checked.n, n_keys);
    if (!is_at(store, &checked)) {
        (void)fprintf(stderr, "ship_driver: the row of MySQL's chain is at another place\n");
        return 1;
    }
    return checked.n == n && n_spanned == n && n_keys == n / KEY_EVERY + 1 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--sensor") == 0) {
        sensor_byte = (uint8_t)strtoul(argv[2], NULL, 10);
        argc -= 2;
        argv += 2;
    }
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
