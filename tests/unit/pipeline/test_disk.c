/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that fails at each write and each sync of a run, one after the other: it is full for a
 * while, a sync fails, or the power goes in the middle of a write.  The calls are those that SQLite
 * and the key files make of the C library.
 */
#include "heads.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

enum
{
    STATUS_CUT = 9,
    POINTS_MAX = 900,
    SECTOR = 512,
    TRIES = 40
};

enum fault
{
    NONE,
    FULL, ///< From the write on for `n_failing` of them: no space.
    SYNC, ///< One sync fails.
    TORN  ///< Half of the write is there, in whole sectors, and then nothing more happens.
};

static struct sensor sensor;
static enum fault fault;
static unsigned n_calls, fails_at, n_failing;

static bool is_due(void)
{
    n_calls++;
    return n_calls >= fails_at && n_calls < fails_at + n_failing;
}

static ssize_t put(ssize_t (*real)(int, const void *, size_t, off64_t), int fd, const void *data,
                   size_t n, off64_t at)
{
    if (fault == FULL && is_due()) {
        errno = ENOSPC;
        return -1;
    }
    if (fault == TORN && is_due()) {
        (void)real(fd, data, n / 2 / SECTOR * SECTOR, at);
        _exit(STATUS_CUT);
    }
    return real(fd, data, n, at);
}

static int sync_file(int (*real)(int), int fd)
{
    if (fault == SYNC && is_due()) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

static void *find(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);

    *(void **)&real = find("pwrite64");
    return put(real, fd, data, n, at);
}

int fsync(int fd)
{
    int (*real)(int);

    *(void **)&real = find("fsync");
    return sync_file(real, fd);
}

int fdatasync(int fd)
{
    int (*real)(int);

    *(void **)&real = find("fdatasync");
    return sync_file(real, fd);
}

// NOLINTEND(readability-inconsistent-declaration-parameter-name)

/** As ntad: what the disk refuses is tried again. */
static void open_again(void)
{
    const struct nta_commit_options options = {.outlet = &sensor.outlet, .health = sensor.health};
    struct nta_err err = {0};
    int r = -1;

    for (int i = 0; i < TRIES && r < 0; i++)
        r = nta_commit_open(&options, &sensor.commit, &err);
    if (r < 0)
        fail_msg("%s", err.text);
}

static uint64_t put_again(bool is_last)
{
    struct nta_err err = {0};
    int64_t number = -1;

    for (int i = 0; i < TRIES && number < 0; i++)
        number = sensor_try(&sensor, is_last ? NTA_RECORD_STOP : NTA_RECORD_FLOW, is_last, &err);
    if (number < 0)
        fail_msg("%s", err.text);
    return (uint64_t)number;
}

/** A run that changes its key twice; the number of its last batch. */
static uint64_t run(void)
{
    open_again();
    (void)put_again(false);
    sensor.commit->day--;
    (void)put_again(false);
    (void)put_again(false);
    const uint64_t last = put_again(true);

    sensor_close(&sensor);
    return last;
}

static void look(uint64_t last, const char *when)
{
    static struct sensor_heads heads;

    sensor_look(&sensor, &heads);
    bool holds = heads.follows && heads.n > 0 && heads.heads[heads.n - 1].header.number == last;

    for (size_t i = 0; i < heads.n; i++)
        holds &= heads.heads[i].is_proved;
    if (!holds || nta_health_is(sensor.health, NTA_CAUSE_ROLLBACK) ||
        nta_health_is(sensor.health, NTA_CAUSE_SIGNING))
        fail_msg("%s %u: %zu batches, and %llu were said to be stored", when, fails_at, heads.n,
                 (unsigned long long)last);
}

static unsigned step(void)
{
    const char *text = getenv("NTA_LONG"); /* NOLINT(concurrency-mt-unsafe): one thread */

    return text && *text == '1' ? 1 : 7;
}

static void begin(enum fault which, unsigned at, unsigned n)
{
    sensor_init(&sensor);
    sensor.health = nta_health_new();
    fault = which;
    n_calls = 0;
    fails_at = at;
    n_failing = n;
}

/** All that was said to be stored is there, in one chain, wherever it began to fail. */
static void fail_everywhere(enum fault which, unsigned n, const char *when)
{
    bool is_reached = true;
    unsigned n_reached = 0;

    for (unsigned at = 1; is_reached && at < POINTS_MAX; at += step()) {
        begin(which, at, n);
        const uint64_t last = run();

        is_reached = n_calls >= at;
        n_reached += is_reached;
        fault = NONE;
        look(last, when);
        sensor_done(&sensor);
    }
    assert_false(is_reached); /* all were tried */
    assert_true(n_reached > 2);
}

static void a_disk_that_is_full_for_a_while(void **state)
{
    (void)state;
    fail_everywhere(FULL, 5, "full from write");
}

static void a_sync_that_fails(void **state)
{
    (void)state;
    fail_everywhere(SYNC, 1, "failing sync");
}

static void the_power_goes_in_the_middle_of_a_write(void **state)
{
    bool is_cut = true;
    unsigned n_cut = 0;

    (void)state;
    for (unsigned at = 1; is_cut && at < POINTS_MAX; at += step()) {
        int status;

        begin(TORN, at, 1);
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            (void)run();
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        is_cut = WEXITSTATUS(status) == STATUS_CUT;
        n_cut += is_cut;
        assert_true(is_cut || WEXITSTATUS(status) == 0);
        fault = NONE;
        look(run(), "torn write");
        sensor_done(&sensor);
    }
    assert_false(is_cut);
    assert_true(n_cut > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disk_that_is_full_for_a_while),
        cmocka_unit_test(a_sync_that_fails),
        cmocka_unit_test(the_power_goes_in_the_middle_of_a_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
