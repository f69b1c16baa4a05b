/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One of several programs that make the same chain in MySQL longer, on servers that come and go:
 *
 *     rival write HOSTS SALT STOP   until the file STOP is there; prints "won NUMBER LINK" for each
 *                                   batch that was acknowledged, "unsure NUMBER LINK" for one whose
 *                                   answer was lost and which another made the chain longer behind,
 *                                   or instead of; to standard error, what failed and was tried
 *                                   again
 *     rival list HOSTS              what is there: "NUMBER LINK" for each, which must be one chain
 */

#include "base/own.h"
#include "base/runtime/clock.h"
#include "store/fixture.h"
#include "store/walk.h"
#include "store/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum
{
    SENSOR = 3,
    PATIENCE_S = 120, ///< For one batch.
    PAUSE_MS = 50,
};

static struct sample sample;
static struct nta_err err;

static int fail(const char *what)
{
    (void)fprintf(stderr, "rival: %s: %s\n", what, err.text);
    return 1;
}

static void print(const char *what, uint64_t number, const uint8_t link[NTA_HASH_LEN])
{
    (void)printf("%s%" PRIu64 " ", what, number);
    for (size_t i = 0; i < NTA_HASH_LEN; i++)
        (void)printf("%02x", link[i]);
    (void)printf("\n");
    (void)fflush(stdout);
}

static void pause_for(long ms)
{
    struct timespec pause = {.tv_nsec = ms * 1000000};

    (void)nanosleep(&pause, NULL);
}

/** An outage ends some time; what another did does not. */
static bool is_over(int result, const char *what, int64_t since_ns)
{
    if (result == 0 || result == -EEXIST ||
        nta_clock_mono_ns() - since_ns > PATIENCE_S * NTA_NS_PER_S)
        return true;
    (void)fprintf(stderr, "again (%d) %s: %s\n", -result, what, err.text);
    pause_for(PAUSE_MS);
    return false;
}

static int open_or_wait(const struct nta_mysql_options *options, struct nta_store **ret_store)
{
    const int64_t began_ns = nta_clock_mono_ns();
    int result;

    do
        result = nta_store_open_mysql(options, ret_store, &err);
    while (!is_over(result, "open", began_ns));
    return result;
}

static int find_place(struct nta_store *store, struct nta_store_place *ret_place)
{
    const int64_t began_ns = nta_clock_mono_ns();
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    int result;

    memset(sensor, SENSOR, sizeof(sensor));
    do
        result = nta_store_get_place(store, sensor, ret_place, &err);
    while (!is_over(result, "place", began_ns));
    return result;
}

/** The sample behind `head`, which is tried again until it is known what became of it. */
static int append(struct nta_store *store, const struct nta_store_head *head, bool *ret_unsure)
{
    const int64_t began_ns = nta_clock_mono_ns();
    const struct nta_span no_frontier = {.len = 0};
    int result;

    *ret_unsure = false;
    for (;;) {
        result = nta_store_append(store, head, &sample.stored, 1, no_frontier, &err);
        if (is_over(result, "append", began_ns))
            return result;
        *ret_unsure = true;
    }
}

static int write_until(const char *hosts, uint64_t salt, const char *stop)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    const struct nta_mysql_options options = {.hosts = hosts,
                                              .user = "nta",
                                              .password = "sesame",
                                              .database = "nta",
                                              .in_clear = true,
                                              .timeout_s = 5};

    if (open_or_wait(&options, &store) < 0)
        return fail("open");
    while (access(stop, F_OK) != 0) {
        struct nta_store_place place;
        bool unsure;

        if (find_place(store, &place) < 0)
            return fail("place");
        sample_make(
            &sample,
            &(struct sample_plan){
                .sensor = SENSOR, .number = place.head.number + 1, .body_len = 2000, .salt = salt},
            place.head.hash);
        int result = append(store, &place.head, &unsure);

        if (result != 0 && result != -EEXIST)
            return fail("append");
        if (result == 0 || unsure)
            print(result == 0 ? "won " : "unsure ", sample.stored.header.number, sample.hash);
        pause_for(1);
    }
    return 0;
}

/** What has come by so far. */
struct listed
{
    uint64_t n;
    uint8_t link[NTA_HASH_LEN];
};

static int list_batch(void *owner, const struct nta_stored *batch, struct nta_err *ret_err)
{
    struct listed *listed = owner;

    if (batch->faults || batch->header.number != listed->n + 1 ||
        memcmp(batch->header.previous, listed->link, NTA_HASH_LEN) != 0)
        return nta_err_set(ret_err, -EPROTO, "batch %" PRIu64 " does not go behind %" PRIu64,
                           batch->header.number, listed->n);
    nta_header_hash(&batch->sealed, listed->link);
    print("", ++listed->n, listed->link);
    return 0;
}

static int list(const char *hosts)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    const struct nta_mysql_options options = {.hosts = hosts,
                                              .user = "nta",
                                              .password = "sesame",
                                              .database = "nta",
                                              .in_clear = true,
                                              .read_only = true};
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    struct nta_store_query query = {.sensor = sensor};
    struct nta_store_place place;
    struct listed listed = {0};

    memset(sensor, SENSOR, sizeof(sensor));
    if (nta_store_open_mysql(&options, &store, &err) < 0 ||
        nta_store_each(store, &query, list_batch, &listed, &err) < 0 ||
        nta_store_get_place(store, sensor, &place, &err) < 0)
        return fail("list");
    if (place.head.number == listed.n && memcmp(place.head.hash, listed.link, NTA_HASH_LEN) == 0)
        return 0;
    (void)fprintf(stderr, "rival: the chain's row is elsewhere\n");
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "write") == 0)
        return write_until(argv[2], strtoull(argv[3], NULL, 10), argv[4]);
    if (argc == 3 && strcmp(argv[1], "list") == 0)
        return list(argv[2]);
    (void)fprintf(stderr, "usage: see the head of rival.c\n");
    return 2;
}
