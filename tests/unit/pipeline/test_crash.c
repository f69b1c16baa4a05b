/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that ends at any moment of a commit: before or after each call that makes something
 * durable.  The next one goes on, with the key that the chain names and without a hole.
 */
#include "heads.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

enum
{
    STATUS_CUT = 9,
    POINTS_MAX = 600
};

static struct sensor sensor;
static unsigned n_calls, cut_at; ///< Of the child; 0: never.

/** Each call is two moments: before it and after it. */
static void moment(void)
{
    if (cut_at && ++n_calls == cut_at)
        _exit(STATUS_CUT);
}

// NOLINTBEGIN(bugprone-macro-parentheses,readability-inconsistent-declaration-parameter-name)
#define CUT(type, name, parameters, arguments)                                                     \
    type name parameters                                                                           \
    {                                                                                              \
        type(*real) parameters;                                                                    \
                                                                                                   \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                 \
        moment();                                                                                  \
        type result = real arguments;                                                              \
        moment();                                                                                  \
        return result;                                                                             \
    }

CUT(int, fsync, (int fd), (fd))
CUT(int, fdatasync, (int fd), (fd))
CUT(int, renameat, (int from, const char *old, int to, const char *new), (from, old, to, new))
CUT(int, rename, (const char *old, const char *new), (old, new))
CUT(int, unlinkat, (int fd, const char *name, int flags), (fd, name, flags))
CUT(ssize_t, pwrite64, (int fd, const void *data, size_t n, off64_t at), (fd, data, n, at))

// NOLINTEND(bugprone-macro-parentheses,readability-inconsistent-declaration-parameter-name)

/** A run that changes its key twice, by the day and at its end. */
static void run(void)
{
    sensor_open(&sensor);
    (void)sensor_put(&sensor);
    sensor.commit->day--;
    (void)sensor_put(&sensor);
    (void)sensor_put(&sensor);
    (void)sensor_put_last(&sensor);
    sensor_close(&sensor);
}

/** False: it came to its end. */
static bool run_and_cut(unsigned at)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        n_calls = 0;
        cut_at = at;
        run();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == STATUS_CUT || WEXITSTATUS(status) == 0);
    return WEXITSTATUS(status) == STATUS_CUT;
}

static void look(unsigned at, const char *when)
{
    static struct sensor_heads heads;

    sensor_look(&sensor, &heads);
    bool holds = heads.follows;

    for (size_t i = 0; i < heads.n; i++)
        holds &= heads.heads[i].is_proved;
    if (!holds || nta_health_is(sensor.health, NTA_CAUSE_ROLLBACK) ||
        nta_health_is(sensor.health, NTA_CAUSE_SIGNING) ||
        nta_health_is(sensor.health, NTA_CAUSE_STATE))
        fail_msg("cut at moment %u, %s: %zu batches", at, when, heads.n);
}

/** Each time from nothing. */
static void wherever_it_is_cut_the_next_run_goes_on(void **state)
{
    unsigned at = 0;
    bool is_cut = true;

    (void)state;
    for (at = 1; is_cut && at < POINTS_MAX; at++) {
        sensor_init(&sensor);
        sensor.health = nta_health_new();
        is_cut = run_and_cut(at);
        run();
        look(at, "then a run");
        sensor_done(&sensor);
    }
    assert_false(is_cut); /* all moments were tried */
    assert_true(at > 40);
}

/** Cut again and again, in the same store: at each moment once, and then the one after it. */
static void cut_again_and_again_it_goes_on(void **state)
{
    bool is_cut = true;
    unsigned at;

    (void)state;
    sensor_init(&sensor);
    sensor.health = nta_health_new();
    for (at = 1; is_cut && at < POINTS_MAX; at++)
        is_cut = run_and_cut(at);
    assert_false(is_cut);
    run();
    look(at, "many times");
    sensor_done(&sensor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_it_is_cut_the_next_run_goes_on),
        cmocka_unit_test(cut_again_and_again_it_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
