/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder alone: an outbox that the test fills itself, a store in a scratch folder. */
#include "alert/alert.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "pipeline/recorder.h"
#include "policy/facts.h"
#include "store/walk.h"
#include "unit.h"
#include "vault/vault.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum
{
    IDS_MAX = 65536,
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

static char dir[64], store_path[PATH_SIZE], keys_dir[PATH_SIZE], state_dir[PATH_SIZE];
static struct nta_outbox outbox;
static struct nta_counters counters;
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

static bool is_heard = true; ///< Somebody listens to what is stored.

static uint64_t none_lost(const void *owner, enum nta_counter which)
{
    (void)owner;
    (void)which;
    return 0;
}

static struct nta_alerter *alerter;
static char json_path[PATH_SIZE];

/** Lines of alerts so far with this in them. */
static unsigned count_lines(const char *part)
{
    char line[4096];
    unsigned n = 0;
    FILE *file = fopen(json_path, "re");

    while (file && fgets(line, sizeof(line), file))
        n += strstr(line, part) != NULL;
    if (file)
        (void)fclose(file);
    return n;
}

static bool wait_for_lines(const char *part, unsigned n, int64_t patience_ns)
{
    const struct timespec nap = {.tv_nsec = NTA_NS_PER_MS};
    int64_t until = nta_clock_mono_ns() + patience_ns;

    while (count_lines(part) < n && nta_clock_mono_ns() < until)
        (void)nanosleep(&nap, NULL);
    return count_lines(part) >= n;
}

static int try_new(struct life *life, bool files, struct nta_err *err)
{
    static struct nta_outbox *const outboxes[] = {&outbox};

    *life = (struct life){.outlet = {.store_path = store_path,
                                     .keys_dir = keys_dir,
                                     .state_dir = state_dir,
                                     .alerter = alerter,
                                     .each = is_heard ? on_record : NULL}};
    const struct nta_recorder_options options = {
        .outboxes = outboxes,
        .n_outboxes = 1,
        .wake = &wake,
        .outlet = &life->outlet,
        .batch_ns = LONG_NS,
        .alert_batch_ns = 100 * NTA_NS_PER_MS,
        .files = files,
        .losses.counted = none_lost,
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
    nta_outbox_flush(&outbox, nta_clock_mono_ns(), true);
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
        nta_outbox_add(&outbox, &record, nta_clock_mono_ns(), &counters);
    }
    nta_outbox_flush(&outbox, nta_clock_mono_ns(), true);
}

static bool wait_for(size_t n, int64_t patience_ns)
{
    const struct timespec nap = {.tv_nsec = NTA_NS_PER_MS};
    int64_t until = nta_clock_mono_ns() + patience_ns;

    while (atomic_load(&n_ids) < n && nta_clock_mono_ns() < until)
        (void)nanosleep(&nap, NULL);
    return atomic_load(&n_ids) >= n;
}

/** Batches count from 2, behind the sensor's first, records in each from 0; nothing is left out. */
static void assert_contiguous(unsigned n_batches)
{
    unsigned batch = 1, expected = 0;

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

static void make_keys(void)
{
    const struct nta_keys_place place = {keys_dir, state_dir};
    NTA_AUTO(nta_batch_done) struct nta_batch batch;
    struct nta_keys_first first = {.batch = &batch, .wall_ns = nta_clock_wall_ns()};
    struct nta_err err = {0};
    bool made;

    nta_batch_init(&batch);
    assert_int_equal(nta_policy_first(first.wall_ns, &batch), 0);
    if (nta_keys_init(&place, &first, &made, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(made);
}

static int setup(void **state)
{
    const struct nta_outbox_options options = {.wake = &wake, .patient = true};
    struct nta_err err;

    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/nta-recorder-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(store_path, sizeof(store_path), "%s/journal.db", dir);
    (void)snprintf(keys_dir, sizeof(keys_dir), "%s/keys", dir);
    (void)snprintf(state_dir, sizeof(state_dir), "%s/state", dir);
    make_keys();
    memset(&counters, 0, sizeof(counters));
    atomic_store(&n_ids, 0);
    alerter = NULL;
    return nta_outbox_init(&outbox, &options, &err);
}

static int teardown(void **state)
{
    char command[128];

    (void)state;
    nta_outbox_done(&outbox);
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
    assert_contiguous(4);
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
    assert_contiguous(4);
}

static void an_alert_is_committed_soon_and_takes_along_what_was_before_it_of_its_class(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, false);
    add(NTA_RECORD_FLOW, 1);
    add(NTA_RECORD_PACKETS, 3);
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
    assert_int_equal(n_ids, 7); /* and the loss record, which live says that nothing was lost */
    assert_contiguous(4);
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
    add(NTA_RECORD_PACKETS, 3);
    nta_outbox_add(&outbox, &forbidden, nta_clock_mono_ns(), &counters);
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
    start(&life, true); /* with space again it goes on where the chain ended */
    add(NTA_RECORD_FLOW, 5);
    assert_int_equal(end(&life, &err), 0);
    assert_contiguous(2);
}

static void a_disk_that_is_full_for_a_while_costs_nothing_live(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, false);
    limit_files(150000);
    add(NTA_RECORD_PACKETS, 500);
    add(NTA_RECORD_ALERT, 1);
    assert_false(wait_for(1, 500 * NTA_NS_PER_MS));
    assert_true(nta_recorder_counted(life.recorder, NTA_COUNTER_STORE_ERRORS) > 0);
    limit_files(RLIM_INFINITY);
    assert_true(wait_for(501, 20 * NTA_NS_PER_S));
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 502);
    assert_contiguous(3);
}

/** Until `stored` of the program's own records are. */
static bool wait_for_own(const struct life *life, uint64_t stored, int64_t patience_ns)
{
    const struct timespec nap = {.tv_nsec = NTA_NS_PER_MS};
    const int64_t until = nta_clock_mono_ns() + patience_ns;

    while (nta_recorder_own_settled(life->recorder).up_to < stored && nta_clock_mono_ns() < until)
        (void)nanosleep(&nap, NULL);
    return nta_recorder_own_settled(life->recorder).up_to >= stored;
}

static void what_is_stored_is_known(void **state)
{
    const struct nta_record start_record = {.event = NTA_RECORD_START, .time_ns = 1};
    const struct timespec second = {.tv_sec = 1, .tv_nsec = 500 * NTA_NS_PER_MS};
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, false);
    assert_int_equal(nta_recorder_emit(life.recorder, &start_record), 1);
    assert_int_equal(nta_recorder_emit(life.recorder, &start_record), 2);
    assert_int_equal(nta_recorder_own(life.recorder), 2);
    assert_true(wait_for_own(&life, 2, 20 * NTA_NS_PER_S));
    limit_files(150000);
    const int64_t before_ns = nta_clock_wall_ns();

    add(NTA_RECORD_PACKETS, 500);
    add(NTA_RECORD_ALERT, 1);
    assert_int_equal(nta_recorder_emit(life.recorder, &start_record), 3);
    assert_false(wait_for_own(&life, 3, 500 * NTA_NS_PER_MS));
    (void)nanosleep(&second, NULL); /* it is looked at once a second */
    const int64_t until_ns = nta_recorder_stored_until(life.recorder), now_ns = nta_clock_wall_ns();

    assert_true(until_ns >= before_ns - 2 * NTA_NS_PER_S && until_ns < now_ns - NTA_NS_PER_S);
    limit_files(RLIM_INFINITY);
    assert_true(wait_for_own(&life, 3, 20 * NTA_NS_PER_S));
    (void)nanosleep(&second, NULL);
    assert_true(nta_recorder_stored_until(life.recorder) > now_ns);
    assert_int_equal(end(&life, &err), 0);
}

static void what_is_lost_is_not_stored_with_the_next(void **state)
{
    NTA_AUTO(nta_own_records_done) struct nta_own_records own_records;
    const int64_t minute_ns = 61 * NTA_NS_PER_S;
    struct nta_own_settled settled;

    (void)state;
    nta_own_records_init(&own_records);
    nta_own_records_settle(&own_records, 4, true, 1);
    settled = nta_own_records_settled(&own_records);
    assert_int_equal(settled.up_to, 4);
    assert_int_equal(settled.lost_from, 0);
    nta_own_records_settle(&own_records, 6, false, 1);
    nta_own_records_settle(&own_records, 9, true, 1);
    settled = nta_own_records_settled(&own_records);
    assert_int_equal(settled.up_to, 9);
    assert_int_equal(settled.lost_from, 5);
    assert_int_equal(settled.lost_to, 6);
    nta_own_records_settle(&own_records, 10, false, 2); /* who asks for 5 may still wait */
    settled = nta_own_records_settled(&own_records);
    assert_int_equal(settled.lost_from, 5);
    assert_int_equal(settled.lost_to, 10);
    nta_own_records_settle(&own_records, 12, true, minute_ns);
    nta_own_records_settle(&own_records, 13, false, minute_ns + 2);
    settled = nta_own_records_settled(&own_records);
    assert_int_equal(settled.lost_from, 13);
    assert_int_equal(settled.lost_to, 13);
}

static void with_alerter(void)
{
    const struct nta_alert_options options = {.json_path = json_path};
    struct nta_err err;

    (void)snprintf(json_path, sizeof(json_path), "%s/alerts.json", dir);
    assert_int_equal(nta_alerter_start(&options, &alerter, &err), 0);
}

static void alerts_leave_in_time_whatever_the_store_does(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    with_alerter();
    start(&life, false);
    limit_files(150000); /* less than the store's first pages of a batch of 500 records */
    add(NTA_RECORD_PACKETS, 500);
    for (unsigned n = 1; n <= 3; n++) {
        int64_t began_ns = nta_clock_mono_ns();

        add(NTA_RECORD_ALERT, 1);
        assert_true(wait_for_lines("\"stored\":false", n, 5 * NTA_NS_PER_S));
        /* 100 ms, and what a busy machine takes */
        assert_true(nta_clock_mono_ns() - began_ns < NTA_NS_PER_S);
    }
    assert_int_equal(count_lines("\"id\""), 0);
    limit_files(RLIM_INFINITY);
    assert_true(wait_for_lines("alert-stored", 3, 20 * NTA_NS_PER_S));
    add(NTA_RECORD_ALERT, 1); /* in time again: with its id */
    assert_int_equal(end(&life, &err), 0);
    nta_alerter_stop(&alerter);
    assert_int_equal(count_lines("\"event\":\"alert\""), 4);
    assert_int_equal(count_lines("\"stored\":false"), 3);
    assert_int_equal(count_lines("alert-lost"), 0);
    assert_int_equal(n_ids, 505);
}

static void what_the_end_of_a_full_disk_costs_is_counted_and_told(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    with_alerter();
    start(&life, false);
    limit_files(150000);
    add(NTA_RECORD_PACKETS, 500);
    add(NTA_RECORD_ALERT, 1);
    assert_true(wait_for_lines("\"stored\":false", 1, 5 * NTA_NS_PER_S));
    nta_outbox_flush(&outbox, nta_clock_mono_ns(), true);
    nta_recorder_finish(life.recorder);
    (void)pthread_join(life.thread, NULL);
    limit_files(RLIM_INFINITY);
    assert_true(nta_recorder_result(life.recorder, &err) < 0);
    if (!strstr(err.text, store_path))
        fail_msg("\"%s\"", err.text);
    /* and the loss record of the end */
    assert_int_equal(nta_recorder_counted(life.recorder, NTA_COUNTER_RECORD_LOST), 502);
    assert_int_equal(nta_recorder_counted(life.recorder, NTA_COUNTER_RECORD_STORED), 0);
    assert_int_equal(n_ids, 0);
    nta_recorder_free(&life.recorder);
    nta_alerter_stop(&alerter);
    assert_int_equal(count_lines("alert-lost"), 1);
}

static void a_long_outage_fills_memory_and_drops_what_is_beyond_but_no_alert(void **state)
{
    struct life life;
    struct nta_err err = {0};
    uint64_t n_added = 0;

    (void)state;
    with_alerter();
    start(&life, false);
    limit_files(150000);
    /* 32 batches of 1 MiB */
    for (int i = 0; i < 100; i++, n_added += 512)
        add(NTA_RECORD_PACKETS, 512);
    add(NTA_RECORD_ALERT, 1);
    assert_true(wait_for_lines("\"stored\":false", 1, 5 * NTA_NS_PER_S));
    assert_true(wait_for_lines("alert-lost", 1, 5 * NTA_NS_PER_S)); /* it found no place */
    uint64_t n_dropped = nta_recorder_counted(life.recorder, NTA_COUNTER_RECORD_DROP);

    assert_true(n_dropped > 1);
    limit_files(RLIM_INFINITY);
    assert_int_equal(end(&life, &err), 0);
    nta_alerter_stop(&alerter);
    assert_int_equal(n_ids, n_added + 1 - n_dropped + 1); /* and the loss record */
}

/** More batches than there are, were each alert to close one. */
static void alerts_in_an_outage_do_not_use_memory_up(void **state)
{
    struct life life;
    struct nta_err err = {0};

    (void)state;
    with_alerter();
    start(&life, false);
    limit_files(150000);
    add(NTA_RECORD_PACKETS, 500);
    for (unsigned n = 1; n <= 40; n++) {
        int64_t began_ns = nta_clock_mono_ns();

        add(NTA_RECORD_PACKETS, 1);
        add(NTA_RECORD_ALERT, 1);
        assert_true(wait_for_lines("\"stored\":false", n, 5 * NTA_NS_PER_S));
        assert_true(nta_clock_mono_ns() - began_ns < NTA_NS_PER_S);
    }
    assert_int_equal(nta_recorder_counted(life.recorder, NTA_COUNTER_RECORD_DROP), 0);
    limit_files(RLIM_INFINITY);
    assert_true(wait_for_lines("alert-stored", 40, 20 * NTA_NS_PER_S));
    assert_int_equal(end(&life, &err), 0);
    nta_alerter_stop(&alerter);
    assert_int_equal(count_lines("\"event\":\"alert\""), 40);
    assert_int_equal(count_lines("alert-stored"), 40);
    assert_int_equal(count_lines("alert-lost"), 0);
    assert_int_equal(n_ids, 581);
}

static void what_the_program_says_of_itself_is_a_record(void **state)
{
    const struct nta_record_loss loss = {{(const uint8_t *)"test", 4}, 7};
    const struct nta_record record = {
        .event = NTA_RECORD_LOSS, .time_ns = 1, .losses = &loss, .n_losses = 1};
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, true);
    nta_recorder_emit(life.recorder, &record);
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 1);
}

/** Each class has a place of its own: what there is most of does not push out what matters. */
static void an_outage_full_of_traffic_leaves_room_for_evidence(void **state)
{
    struct life life;
    struct nta_err err = {0};
    uint64_t n_added = 0;

    (void)state;
    with_alerter();
    start(&life, false);
    limit_files(150000);
    for (int i = 0; i < 100; i++, n_added += 512)
        add(NTA_RECORD_FLOW, 512);
    add(NTA_RECORD_ALERT, 1);
    assert_true(wait_for_lines("\"stored\":false", 1, 5 * NTA_NS_PER_S));
    uint64_t n_dropped = nta_recorder_counted(life.recorder, NTA_COUNTER_RECORD_DROP);

    assert_true(n_dropped > 1);
    limit_files(RLIM_INFINITY);
    assert_true(wait_for_lines("alert-stored", 1, 20 * NTA_NS_PER_S));
    assert_int_equal(end(&life, &err), 0);
    nta_alerter_stop(&alerter);
    assert_int_equal(count_lines("alert-lost"), 0);
    assert_int_equal(n_ids, n_added + 1 - n_dropped + 1); /* and the loss record */
}

static void what_is_rare_is_stored_at_once_and_a_loss_waits(void **state)
{
    const struct nta_record_loss loss = {{(const uint8_t *)"test", 4}, 7};
    const struct nta_record lost = {
        .event = NTA_RECORD_LOSS, .time_ns = 1, .losses = &loss, .n_losses = 1};
    const struct nta_record rare = {.event = NTA_RECORD_START, .time_ns = 1};
    struct life life;
    struct nta_err err = {0};

    (void)state;
    start(&life, false);
    nta_recorder_emit(life.recorder, &lost);
    assert_false(wait_for(1, 300 * NTA_NS_PER_MS));
    nta_recorder_emit(life.recorder, &rare);
    assert_true(wait_for(2, 10 * NTA_NS_PER_S));
    assert_int_equal(end(&life, &err), 0);
    assert_contiguous(3);
}

struct heads
{
    size_t n, n_next;
    struct nta_header last;
};

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct heads *heads = owner;

    (void)err;
    heads->n++;
    heads->n_next += row->header.has_next;
    heads->last = row->header;
    return 0;
}

/** Evidence, traffic, who, log: the last one, and no other, names the next key. */
static void the_last_batch_of_a_run_is_of_the_log_and_changes_the_key(void **state)
{
    static const enum nta_record_event events[] = {NTA_RECORD_LEASE, NTA_RECORD_FLOW,
                                                   NTA_RECORD_PACKETS};
    const struct nta_record stop = {.event = NTA_RECORD_STOP, .time_ns = 1};
    const struct nta_store_query query = {.sensor = NULL};
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct heads heads = {.n = 0};
    struct nta_err err = {0};
    struct life life;

    (void)state;
    start(&life, true);
    for (size_t i = 0; i < NTA_N_ELEMENTS(events); i++)
        add(events[i], 2);
    nta_recorder_emit(life.recorder, &stop);
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 7);
    assert_int_equal(nta_store_open_sqlite(store_path, false, &store, &err), 0);
    assert_int_equal(nta_store_each(store, &query, on_head, &heads, &err), 0);
    assert_int_equal(heads.n, 5);
    assert_int_equal(heads.n_next, 2); /* and the first one of all */
    assert_true(heads.last.has_next);
    assert_int_equal(heads.last.class, NTA_CLASS_LOG);
}

static void *run_low(void *self)
{
    static const struct sched_param none;

    /* as `nta read` runs; some test runners are idle or nice themselves */
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
    int before = getpriority(PRIO_PROCESS, (id_t)gettid());
    void *result = nta_recorder_run_low(self);
    int now = getpriority(PRIO_PROCESS, (id_t)gettid());

    assert_int_equal(sched_getscheduler(0), SCHED_BATCH);
    assert_true(now > before || before > 5);
    assert_true(now <= 5 || now == before);
    return result;
}

/** Whoever waits for its hand-over must not wait until nobody else wants a processor. */
static void the_first_thread_of_files_is_nice_but_not_idle(void **state)
{
    struct nta_err err = {0};
    struct life life;
    pthread_t low;

    (void)state;
    if (try_new(&life, true, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(nta_recorder_start(life.recorder), 0);
    assert_int_equal(pthread_create(&low, NULL, run_low, life.recorder), 0);
    add(NTA_RECORD_FLOW, 3);
    nta_recorder_finish(life.recorder);
    (void)pthread_join(low, NULL);
    assert_int_equal(pthread_create(&life.thread, NULL, nta_recorder_run, life.recorder), 0);
    assert_int_equal(end(&life, &err), 0);
    assert_int_equal(n_ids, 3);
}

/** A store that is slow, not failing, holds the end up, and costs nothing. */
static void what_waits_at_the_end_is_stored(void **state)
{
    const size_t n = 60000;
    struct life life;

    (void)state;
    is_heard = false;
    nta_outbox_be_patient(&outbox);
    start(&life, false);
    is_heard = true;
    nta_recorder_drain(life.recorder);
    add(NTA_RECORD_FLOW, n);
    nta_recorder_finish(life.recorder);
    (void)pthread_join(life.thread, NULL);
    /* and the loss record of the end */
    assert_int_equal(nta_recorder_counted(life.recorder, NTA_COUNTER_RECORD_STORED), n + 1);
    nta_recorder_free(&life.recorder);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_missing_folder_is_named),
        IN_FOLDER(missing_keys_are_named),
        IN_FOLDER(ids_go_on_over_restarts),
        IN_FOLDER(more_than_a_batch_holds_becomes_several),
        IN_FOLDER(an_alert_is_committed_soon_and_takes_along_what_was_before_it_of_its_class),
        IN_FOLDER(who_wants_matches_gets_no_others),
        IN_FOLDER(a_full_disk_ends_the_reading_of_files_with_a_sentence),
        IN_FOLDER(the_first_thread_of_files_is_nice_but_not_idle),
        IN_FOLDER(a_disk_that_is_full_for_a_while_costs_nothing_live),
        IN_FOLDER(what_is_stored_is_known),
        IN_FOLDER(what_is_lost_is_not_stored_with_the_next),
        IN_FOLDER(alerts_leave_in_time_whatever_the_store_does),
        IN_FOLDER(what_the_end_of_a_full_disk_costs_is_counted_and_told),
        IN_FOLDER(a_long_outage_fills_memory_and_drops_what_is_beyond_but_no_alert),
        IN_FOLDER(alerts_in_an_outage_do_not_use_memory_up),
        IN_FOLDER(what_the_program_says_of_itself_is_a_record),
        IN_FOLDER(an_outage_full_of_traffic_leaves_room_for_evidence),
        IN_FOLDER(what_is_rare_is_stored_at_once_and_a_loss_waits),
        IN_FOLDER(the_last_batch_of_a_run_is_of_the_log_and_changes_the_key),
        IN_FOLDER(what_waits_at_the_end_is_stored),
    };

    (void)signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
