/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/thread.h"
#include "unit.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

/** What a thread saw of itself in its first line. */
struct seen
{
    char name[16];
    sigset_t blocked;
    int nice;
    bool has_ended;
};

static void *look(void *arg)
{
    struct seen *seen = arg;

    (void)pthread_getname_np(pthread_self(), seen->name, sizeof(seen->name));
    (void)pthread_sigmask(SIG_SETMASK, NULL, &seen->blocked);
    seen->nice = getpriority(PRIO_PROCESS, (id_t)gettid());
    seen->has_ended = true;
    return NULL;
}

static struct seen seen_with(const struct nta_thread_options *options)
{
    struct nta_thread thread = {0};
    struct seen seen = {0};

    assert_int_equal(nta_thread_start(options, look, &seen, &thread), 0);
    assert_true(thread.is_started);
    nta_thread_join(&thread);
    assert_true(seen.has_ended);
    assert_false(thread.is_started);
    return seen;
}

static void a_thread_has_its_name_and_takes_no_signals(void **state)
{
    const struct seen seen = seen_with(&(struct nta_thread_options){.name = "nta-test"});
    sigset_t ours;

    (void)state;
    assert_string_equal(seen.name, "nta-test");
    assert_int_equal(sigismember(&seen.blocked, SIGTERM), 1);
    assert_int_equal(sigismember(&seen.blocked, SIGPIPE), 1);
    assert_int_equal(sigismember(&seen.blocked, SIGBUS), 1);
    assert_int_equal(seen.nice, getpriority(PRIO_PROCESS, (id_t)gettid()));
    (void)pthread_sigmask(SIG_SETMASK, NULL, &ours); /* the starter's mask is what it was */
    assert_int_equal(sigismember(&ours, SIGTERM), 0);
}

static void *count_cpus(void *arg)
{
    cpu_set_t *cpus = arg;

    (void)pthread_getaffinity_np(pthread_self(), sizeof(*cpus), cpus);
    return NULL;
}

static void a_thread_stays_on_its_processor(void **state)
{
    struct nta_thread thread = {0};
    cpu_set_t ours, its;
    unsigned cpu = 0;

    (void)state;
    assert_int_equal(pthread_getaffinity_np(pthread_self(), sizeof(ours), &ours), 0);
    while (!CPU_ISSET(cpu, &ours))
        cpu++;
    const struct nta_thread_options options = {.name = "pinned", .cpu = cpu + 1};

    assert_int_equal(nta_thread_start(&options, count_cpus, &its, &thread), 0);
    nta_thread_join(&thread);
    assert_int_equal(CPU_COUNT(&its), 1);
    assert_true(CPU_ISSET(cpu, &its));
    assert_int_equal(nta_thread_start(&(struct nta_thread_options){.name = "nowhere", .cpu = 1024},
                                      count_cpus, &its, &thread),
                     0);
    nta_thread_join(&thread);
    assert_true(CPU_EQUAL(&its, &ours)); /* it runs all the same */
}

static void what_is_asked_for_is_there_from_the_first_line_on(void **state)
{
    const struct nta_thread_options options = {
        .name = "a name that is longer than can be", .nice = 19, .takes_sigbus = true};
    const struct seen seen = seen_with(&options);

    (void)state;
    assert_string_equal(seen.name, "a name that is ");
    assert_int_equal(sigismember(&seen.blocked, SIGBUS), 0);
    assert_int_equal(sigismember(&seen.blocked, SIGTERM), 1);
    assert_int_equal(seen.nice, 19);
    assert_true(getpriority(PRIO_PROCESS, (id_t)gettid()) < 19); /* the starter is as it was */
}

static void a_thread_that_cannot_be_is_an_error_and_nothing_to_wait_for(void **state)
{
    const struct nta_thread_options options = {.name = "nta-test"};
    struct nta_thread thread = {0};
    struct seen seen = {0};
    pthread_attr_t usual, huge;

    (void)state;
    assert_int_equal(pthread_getattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 50), 0); /* no space for it */
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    assert_int_equal(nta_thread_start(&options, look, &seen, &thread), -EAGAIN);
    assert_int_equal(pthread_setattr_default_np(&usual), 0);
    assert_int_equal(pthread_attr_destroy(&huge), 0);
    assert_int_equal(pthread_attr_destroy(&usual), 0);
    assert_false(thread.is_started);
    nta_thread_join(&thread);
    assert_false(seen.has_ended);
}

static void *wait_for_a_byte(void *arg)
{
    const int *fd = arg;
    char byte;

    assert(read(*fd, &byte, 1) == 1);
    return NULL;
}

static void the_end_of_a_thread_can_be_asked_for(void **state)
{
    struct nta_thread thread = {0};
    int fds[2];

    (void)state;
    assert_true(nta_thread_has_ended(&thread));
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(nta_thread_start(&(struct nta_thread_options){.name = "nta-test"},
                                      wait_for_a_byte, &fds[0], &thread),
                     0);
    assert_false(nta_thread_has_ended(&thread));
    assert_int_equal(write(fds[1], "x", 1), 1);
    while (!nta_thread_has_ended(&thread))
        (void)usleep(1000);
    nta_thread_join(&thread); /* not twice */
    (void)close(fds[0]);
    (void)close(fds[1]);
}

/** What a watched thread is told to do, a letter each. */
static void *obey(void *arg)
{
    const int *fds = arg;
    char order;

    while (read(fds[0], &order, 1) == 1) {
        if (order == 'b')
            nta_thread_beat();
        if (order == 'w')
            nta_thread_wait();
        assert(write(fds[3], &order, 1) == 1);
    }
    return NULL;
}

static void command(const int fds[4], char order)
{
    char done;

    assert_int_equal(write(fds[1], &order, 1), 1);
    assert_int_equal(read(fds[2], &done, 1), 1);
}

static void who_does_not_move_is_found_unless_he_waits(void **state)
{
    enum
    {
        S = 1000
    };

    char name[NTA_THREAD_NAME_SIZE] = "";
    struct nta_thread thread = {0};
    int fds[4];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pipe(fds + 2), 0);
    assert_int_equal(
        nta_thread_start(&(struct nta_thread_options){.name = "nta-slow", .is_watched = true}, obey,
                         fds, &thread),
        0);
    command(fds, 'b');
    assert_int_equal(nta_thread_find_stuck(100 * S, 10 * S, name), 0);
    assert_int_equal(nta_thread_find_stuck(109 * S, 10 * S, name), 0);
    assert_int_equal(nta_thread_find_stuck(110 * S, 10 * S, name), 10 * S);
    assert_string_equal(name, "nta-slow");
    command(fds, 'b');
    assert_int_equal(nta_thread_find_stuck(111 * S, 10 * S, name), 0);
    command(fds, 'w');
    for (int64_t at = 112 * S; at < 200 * S; at += S)
        assert_int_equal(nta_thread_find_stuck(at, 10 * S, name), 0);
    command(fds, 'b'); /* the wait is over */
    assert_int_equal(nta_thread_find_stuck(200 * S, 10 * S, name), 0);
    assert_int_equal(nta_thread_find_stuck(211 * S, 10 * S, name), 11 * S);
    assert_int_equal(close(fds[1]), 0);
    nta_thread_join(&thread);
    assert_int_equal(nta_thread_find_stuck(300 * S, 10 * S, name), 0); /* who has ended needs not */
    nta_thread_beat();                                                 /* nor is this one watched */
    nta_thread_wait();
    for (size_t i = 0; i < 4; i++)
        if (i != 1)
            assert_int_equal(close(fds[i]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_its_name_and_takes_no_signals),
        cmocka_unit_test(a_thread_stays_on_its_processor),
        cmocka_unit_test(what_is_asked_for_is_there_from_the_first_line_on),
        cmocka_unit_test(the_end_of_a_thread_can_be_asked_for),
        cmocka_unit_test(who_does_not_move_is_found_unless_he_waits),
        cmocka_unit_test(a_thread_that_cannot_be_is_an_error_and_nothing_to_wait_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
