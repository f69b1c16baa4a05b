/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-ups neither allocate nor lock.
 *
 * The linker leads all calls of lib/blacklist to the functions below (--wrap), which count them;
 * and a child that may do nothing but read, write and end (seccomp's strict mode) asks everything
 * once more, so that neither a lock that waits nor memory from the kernel could go unseen.
 */
#include "lists.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static unsigned n_calls;

#define COUNTED(type, name, parameters, arguments)                                                 \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        n_calls++;                                                                                 \
        return __real_##name arguments;                                                            \
    }

/* NOLINTBEGIN: the linker's names */
COUNTED(void *, malloc, (size_t size), (size))
COUNTED(void *, calloc, (size_t n, size_t size), (n, size))
COUNTED(void *, realloc, (void *ptr, size_t size), (ptr, size))
COUNTED(void *, reallocarray, (void *ptr, size_t n, size_t size), (ptr, n, size))
COUNTED(char *, strdup, (const char *text), (text))
COUNTED(void *, aligned_alloc, (size_t by, size_t size), (by, size))
COUNTED(int, pthread_mutex_lock, (pthread_mutex_t * lock), (lock))
COUNTED(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))

/* NOLINTEND */

static struct nta_blacklist *some_set(void)
{
    return set_of("example.com\n=only.example.net\n*.subs.example.net\nurls.example/a\n192.0.2.7\n"
                  "198.51.100.0/24\n2001:db8::/32\n",
                  "good.example.com\n198.51.100.9\n");
}

static unsigned n_hits;

/** Ask by name, address and URL, for denials and exceptions. */
static void ask_all(const struct nta_blacklist *set)
{
    static const char *const names[] = {"www.example.com",  "x.good.example.com",
                                        "only.example.net", "x.subs.example.net",
                                        "WWW.Example.ORG.", "a.b.c.d.e.f.g.h.example.com"};
    static const char *const addrs[] = {"192.0.2.7", "198.51.100.9", "198.51.100.10", "2001:db8::1",
                                        "203.0.113.1"};
    char normal[NTA_NAME_SIZE], buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        size_t len = nta_blacklist_name(nta_span_of(names[i]), normal);

        n_hits += nta_blacklist_match_name(set, normal, len, buf, &hit);
        n_hits += nta_blacklist_allows_name(set, normal, len, buf, &hit);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(addrs); i++) {
        struct nta_addr addr;

        if (nta_addr_parse(addrs[i], strlen(addrs[i]), &addr) < 0)
            continue;
        n_hits += nta_blacklist_match_addr(set, &addr, buf, &hit);
        n_hits += nta_blacklist_allows_addr(set, &addr, buf, &hit);
    }
    n_hits += nta_blacklist_match_url(set, nta_span_of("urls.example"), nta_span_of("/a/b"), &hit);
    n_hits += nta_blacklist_match_url(set, nta_span_of("urls.example"), nta_span_of("/b"), &hit);
}

static void a_look_up_calls_neither_the_allocator_nor_a_lock(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    unsigned n_before = n_calls;

    (void)state;
    set = some_set();
    assert_true(n_calls > n_before); /* so calls are counted at all */
    n_before = n_calls;
    n_hits = 0;
    ask_all(set);
    assert_int_equal(n_calls, n_before);
    assert_int_equal(n_hits, 4 + 1 + 3 + 1 + 1);
}

static void a_look_up_asks_nothing_of_the_kernel(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = some_set();
    pid_t pid;
    int status;

    (void)state;
    ask_all(set); /* whatever the linker does at a first call is done */
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) < 0)
            syscall(SYS_exit, 77);
        ask_all(set);
        syscall(SYS_exit, 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip(); /* not in this container */
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_look_up_calls_neither_the_allocator_nor_a_lock),
        cmocka_unit_test(a_look_up_asks_nothing_of_the_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
