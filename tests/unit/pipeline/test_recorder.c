/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder alone: an outbox that the test fills itself, a store in a scratch folder. */
#include "base/clock.h"
#include "base/text.h"
#include "pipeline/recorder.h"
#include "unit.h"
#include "vault/vault.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum
{
    IDS_MAX = 4096,
    ID_SIZE = 80,
    PATH_SIZE = 128,
    URL_LEN = 1000
};

#define LONG_NS (600 * NTA_NS_PER_S)

/** One life of a recorder. */
struct life
{
    struct nta_recorder *recorder;
    struct nta_outlet outlet;
    pthread_t thread;
};

static char dir[64], store_path[PATH_SIZE], keys_dir[PATH_SIZE];
static struct nta_worker worker;
static struct nta_wake wake;
static char ids[IDS_MAX][ID_SIZE];
static _Atomic size_t n_ids;

static void on_record(void *owner, const char *id, struct nta_span cbor)
{
    size_t n = atomic_load(&n_ids);

    (void)owner;
    assert_true(n < IDS_MAX && cbor.len > 0);
    (void)snprintf(ids[n], ID_SIZE, "%s", id);
    atomic_store(&n_ids, n + 1);
}

static uint64_t none_lost(const void *owner, enum nta_counter which)
{
    (void)owner;
    (void)which;
    return 0;
}

static int try_new(struct life *life, bool files, struct nta_err *err)
{
    static struct nta_worker *const workers[] = {&worker};

    *life = (struct life){
        .outlet = {.store_path = store_path, .keys_dir = keys_dir, .each = on_record}};
    const struct nta_recorder_options options = {
        .workers = workers,
        .n_workers = 1,
        .wake = &wake,
        .outlet = &life->outlet,
        .batch_ns = LONG_NS,
        .alert_batch_ns = 100 * NTA_NS_PER_MS,
        .files = files,
        .counted = none_lost,
    };

    return nta_recorder_new(&options, &life->recorder, err);
}

static void start(struct life *life, bool files)
{
    struct nta_err err = {0};

    if (try_new(life, files, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(nta_recorder_start(life->recorder), 0);
    assert_int_equal(pthread_create(&life->thread, NULL, nta_recorder_run, life->recorder), 0);
}

static int end(struct life *life, struct nta_err *err)
{
    nta_outbox_flush(&worker.outbox, nta_clock_mono_ns(), true);
    nta_recorder_finish(life->recorder);
    (void)pthread_join(life->thread, NULL);
    nta_recorder_end(life->recorder);
    int r = nta_recorder_result(life->recorder, err);

    nta_recorder_free(&life->recorder);
    return r;
}

/** Hand `n` records over; their texts cannot be compressed. */
static void add(enum nta_record_event event, size_t n)
{
    static unsigned seed = 1;
    uint8_t url[URL_LEN];

    for (size_t i = 0; i < n; i++) {
        const struct nta_record record = {
            .event = event,
            .time_ns = nta_clock_wall_ns(),
            .url = {url, sizeof(url)},
        };

        for (size_t k = 0; k < sizeof(url); k++) {
            seed = seed * 1103515245U + 12345U;
            url[k] = (uint8_t)(seed >> 16);
        }
        nta_outbox_add(&worker.outbox, &record, nta_clock_mono_ns(), &worker.counters);
    }
    nta_outbox_flush(&worker.outbox, nta_clock_mono_ns(), true);
}

static bool wait_for(size_t n, int64_t patience_ns)
{
    const struct timespec nap = {.tv_nsec = NTA_NS_PER_MS};
    int64_t until = nta_clock_mono_ns() + patience_ns;

    while (atomic_load(&n_ids) < n && nta_clock_mono_ns() < until)
        (void)nanosleep(&nap, NULL);
    return atomic_load(&n_ids) >= n;
}

/** Batches count from 1, records in each from 0, and nothing is left out. */
static void assert_contiguous(unsigned n_batches)
{
    unsigned batch = 0, expected = 0;

    for (size_t i = 0; i < n_ids; i++) {
        unsigned number, n;

        assert_int_equal(strcspn(ids[i], "-"), 2 * NTA_SENSOR_ID_LEN);
        assert_int_equal(sscanf(strchr(ids[i], '-'), "-%u-%u", &number, &n), 2);
        expected = number == batch ? expected + 1 : 0;
        assert_true(number == batch || number == batch + 1);
        assert_int_equal(n, expected);
        batch = number;
    }
    assert_int_equal(batch, n_batches);
}

static int setup(void **state)
{
    struct nta_err err;
    bool made;

    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/nta-recorder-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(store_path, sizeof(store_path), "%s/journal.db", dir);
    (void)snprintf(keys_dir, sizeof(keys_dir), "%s/keys", dir);
    assert_int_equal(nta_keys_init(keys_dir, &made, &err), 0);
    memset(&worker.counters, 0, sizeof(worker.counters));
    atomic_store(&n_ids, 0);
    return nta_outbox_init(&worker.outbox, &wake, true, &err);
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    nta_outbox_done(&worker.outbox);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    return system(command); /* NOLINT(cert-env33-c) */
}

static void a_missing_folder_is_named(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    (void)snprintf(store_path, sizeof(store_path), "%s/nowhere/journal.db", dir);
    assert_true(try_new(&life, true, &err) < 0);
    assert_null(life.recorder);
    if (!strstr(err.text, store_path))
        fail_msg("\"%s\"", err.text);
}

static void missing_keys_are_named(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    (void)snprintf(keys_dir, sizeof(keys_dir), "%s/nokeys", dir);
    assert_true(try_new(&life, true, &err) < 0);
    if (!strstr(err.text, keys_dir))
        fail_msg("\"%s\"", err.text);
}

static void ids_go_on_over_restarts(void **state)
{
    struct nta_err err = {0};

    (void)state;
    for (unsigned round = 1; round <= 3; round++) {
        struct life life;

        start(&life, true);
        add(NTA_RECORD_FLOW, 20);
        assert_int_equal(end(&life, &err), 0);
        assert_int_equal(n_ids, 20 * round);
    }
    assert_contiguous(3);
}

static void more_than_a_batch_holds_becomes_several(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, true);
    add(NTA_RECORD_FLOW,
        2500); /* of a little more than 1,000 bytes: three batches of 1 MiB at most */
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 2500);
    assert_contiguous(3);
}

static void an_alert_is_committed_soon_and_takes_along_what_was_before_it(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, false);
    add(NTA_RECORD_FLOW, 3);
    assert_false(wait_for(1, 300 * NTA_NS_PER_MS));
    int64_t began_ns = nta_clock_mono_ns();

    add(NTA_RECORD_ALERT, 1);
    assert_true(wait_for(4, 10 * NTA_NS_PER_S));
    assert_true(nta_clock_mono_ns() - began_ns >=
                40 * NTA_NS_PER_MS); /* others may still come along, for half of the time */
    assert_true(nta_clock_mono_ns() - began_ns < 2 * NTA_NS_PER_S); /* slow machines */
    add(NTA_RECORD_FLOW, 1);
    assert_false(wait_for(5, 300 * NTA_NS_PER_MS));
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 6); /* and the loss record, which live says that nothing was lost */
    assert_contiguous(2);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void who_wants_matches_gets_no_others(void **state)
{
    static const struct nta_record forbidden = {
        .event = NTA_RECORD_FLOW, .time_ns = 1, .match.list = {(const uint8_t *)"malware", 7}};
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, true);
    life.outlet.matches_only = true; /* nothing was handed over yet */
    add(NTA_RECORD_FLOW, 3);
    nta_outbox_add(&worker.outbox, &forbidden, nta_clock_mono_ns(), &worker.counters);
    add(NTA_RECORD_ALERT, 1); /* without a list, as none is made */
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 1);
    assert_string_equal(strrchr(ids[0], '-'), "-3");
}

static void a_full_disk_ends_the_reading_of_files_with_a_sentence(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, true);
    limit_files(150000);
    add(NTA_RECORD_FLOW, 500);
    int r = end(&life, &err);

    limit_files(RLIM_INFINITY);
    assert_true(r < 0);
    assert_int_equal(n_ids, 0); /* nobody was told of what is not stored */
    if (!strstr(err.text, store_path))
        fail_msg("\"%s\"", err.text);
    err.text[0] = '\0';
    start(&life, true); /* with room again it goes on where the chain ended */
    add(NTA_RECORD_FLOW, 5);
    assert_int_equal(end(&life, &err), 0);
    assert_contiguous(1);
}

static void a_disk_that_is_full_for_a_while_costs_nothing_live(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, false);
    limit_files(150000);
    add(NTA_RECORD_FLOW, 500);
    add(NTA_RECORD_ALERT, 1);
    assert_false(wait_for(1, 500 * NTA_NS_PER_MS));
    assert_true(nta_recorder_counted(life.recorder, NTA_COUNTER_STORE_ERRORS) > 0);
    limit_files(RLIM_INFINITY);
    assert_true(wait_for(501, 20 * NTA_NS_PER_S));
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 502);
    assert_contiguous(2);
}

int main(void)
{
#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_ROOM(a_missing_folder_is_named),
        IN_ROOM(missing_keys_are_named),
        IN_ROOM(ids_go_on_over_restarts),
        IN_ROOM(more_than_a_batch_holds_becomes_several),
        IN_ROOM(an_alert_is_committed_soon_and_takes_along_what_was_before_it),
        IN_ROOM(who_wants_matches_gets_no_others),
        IN_ROOM(a_full_disk_ends_the_reading_of_files_with_a_sentence),
        IN_ROOM(a_disk_that_is_full_for_a_while_costs_nothing_live),
    };

    (void)signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
