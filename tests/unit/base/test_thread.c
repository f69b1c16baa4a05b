/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/thread.h"
#include "unit.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_has_its_name_and_takes_no_signals),
        cmocka_unit_test(what_is_asked_for_is_there_from_the_first_line_on),
        cmocka_unit_test(the_end_of_a_thread_can_be_asked_for),
        cmocka_unit_test(a_thread_that_cannot_be_is_an_error_and_nothing_to_wait_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
