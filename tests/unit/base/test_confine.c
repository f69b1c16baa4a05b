/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/runtime/confine.h"
#include "base/runtime/thread.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/** 0: it was done; else its errno. */
static int outcome(long result)
{
    return result < 0 ? errno : 0;
}

static int closed(int fd)
{
    const int r = outcome(fd);

    if (fd >= 0)
        (void)close(fd);
    return r;
}

static int open_to_read(void)
{
    return closed(open("/dev/zero", O_RDONLY | O_CLOEXEC));
}

static int open_to_write(void)
{
    return closed(open("/dev/null", O_WRONLY | O_CLOEXEC));
}

static int open_both_ways(void)
{
    return closed(open("/dev/null", O_RDWR | O_CLOEXEC));
}

static int make_a_file(void)
{
    return closed(open("/nowhere/file", O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int cut_a_file(void)
{
    return closed(open("/nowhere/file", O_RDONLY | O_TRUNC | O_CLOEXEC));
}

static int remove_a_file(void)
{
    return outcome(unlink("/nowhere/file"));
}

static int socket_of_ip(void)
{
    return closed(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int socket_of_netlink(void)
{
    return closed(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static int connection(void)
{
    const struct sockaddr address = {.sa_family = AF_UNIX};

    return outcome(connect(STDERR_FILENO, &address, sizeof(address)));
}

static int program(void)
{
    char *const none[] = {NULL};

    return outcome(execve("/nowhere/program", none, none));
}

static int process(void)
{
    /* flags that no kernel takes, so that nothing is started if it is allowed */
    return outcome(syscall(SYS_clone, CLONE_SIGHAND, NULL, NULL, NULL, NULL));
}

static int signal_to_all(void)
{
    return outcome(kill(getpid(), 0));
}

static int signal_to_another_process(void)
{
    return outcome(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int signal_to_itself(void)
{
    return outcome(syscall(SYS_tgkill, getpid(), gettid(), 0));
}

static int map(int protection)
{
    void *at = mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at == MAP_FAILED ? errno : outcome(munmap(at, 4096));
}

static int memory_to_write(void)
{
    return map(PROT_READ | PROT_WRITE);
}

static int file_fd; ///< Open before.

static int map_an_open_file(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file_fd, 0);

    return at == MAP_FAILED ? errno : outcome(munmap(at, 4096));
}

static int memory_to_run(void)
{
    return map(PROT_READ | PROT_EXEC);
}

static int make_it_run(void)
{
    void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const int r = outcome(mprotect(at, 4096, PROT_READ | PROT_EXEC));

    return munmap(at, 4096) < 0 ? errno : r;
}

static int large_block(void)
{
    char *block = malloc(8 << 20);

    if (block)
        memset(block, 1, 8 << 20);
    free(block);
    return block ? 0 : ENOMEM;
}

static int nap(void)
{
    const struct timespec ns = {.tv_nsec = 1000};

    return outcome(nanosleep(&ns, NULL));
}

static int line(void)
{
    return outcome(write(STDERR_FILENO, "", 0));
}

static int line_elsewhere(void)
{
    return outcome(write(STDOUT_FILENO, "", 0));
}

enum
{
    C = NTA_CONFINED_COMPUTES,
    R = NTA_CONFINED_READS,
    W = NTA_CONFINED_CAPTURES
};

/** What is tried, and who may: for others it is EPERM. */
static const struct
{
    int (*try)(void);
    unsigned allowed;
} tries[] = {
    {memory_to_write, C | R | W},
    {large_block, C | R | W},
    {nap, C | R | W},
    {line, C | R | W},
    {signal_to_itself, C | R | W},
    {open_to_read, R},
    {socket_of_netlink, W},
    {open_to_write, 0},
    {open_both_ways, 0},
    {make_a_file, 0},
    {cut_a_file, 0},
    {remove_a_file, 0},
    {socket_of_ip, 0},
    {connection, 0},
    {program, 0},
    {process, 0},
    {signal_to_all, 0},
    {signal_to_another_process, 0},
    {memory_to_run, 0},
    {make_it_run, 0},
    {line_elsewhere, 0},
    {map_an_open_file, W},
};

struct attempt
{
    enum nta_confinement confinement;
    int confined;
    int outcomes[NTA_N_ELEMENTS(tries)];
};

static void *attempt_all(void *arg)
{
    struct attempt *attempt = arg;

    attempt->confined = nta_confine(attempt->confinement);
    for (size_t i = 0; i < NTA_N_ELEMENTS(tries); i++)
        attempt->outcomes[i] = tries[i].try();
    return NULL;
}

static void check(enum nta_confinement confinement)
{
    struct attempt attempt = {.confinement = confinement};
    struct nta_thread thread = {0};

    assert_int_equal(nta_thread_start(&(struct nta_thread_options){.name = "nta-test"}, attempt_all,
                                      &attempt, &thread),
                     0);
    nta_thread_join(&thread);
    assert_int_equal(attempt.confined, 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(tries); i++) {
        const int expected = tries[i].allowed & (unsigned)confinement ? 0 : EPERM;

        if (attempt.outcomes[i] != expected)
            fail_msg("row %zu: %d", i, attempt.outcomes[i]);
    }
}

static void who_computes_does_nothing_else(void **state)
{
    (void)state;
    check(NTA_CONFINED_COMPUTES);
}

static void who_reads_files_writes_none_and_talks_to_nobody(void **state)
{
    (void)state;
    check(NTA_CONFINED_READS);
}

static void who_captures_opens_no_file_and_connects_to_nobody(void **state)
{
    (void)state;
    check(NTA_CONFINED_CAPTURES);
}

static void the_other_threads_are_as_they_were(void **state)
{
    static const size_t last = NTA_N_ELEMENTS(tries);

    (void)state;
    check(NTA_CONFINED_COMPUTES);
    for (size_t i = 0; i < last; i++)
        if (tries[i].allowed)
            assert_int_equal(tries[i].try(), 0);
    assert_int_equal(open_to_write(), 0);
    assert_int_equal(socket_of_ip(), 0);
    assert_int_equal(memory_to_run(), 0);
}

/** As a service whose manager lets it make no filters by seccomp(2): Debian 12's systemd. */
static void *confine_without_the_call(void *arg)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {.len = NTA_N_ELEMENTS(steps), .filter = steps};
    int *outcomes = arg;

    outcomes[0] = outcome(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    outcomes[1] = outcome(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0));
    outcomes[2] = nta_confine(NTA_CONFINED_COMPUTES);
    outcomes[3] = open_to_read();
    return NULL;
}

static void a_service_of_debian_12_can_do_it(void **state)
{
    static const int expected[] = {0, 0, 0, EPERM};
    struct nta_thread thread = {0};
    int outcomes[NTA_N_ELEMENTS(expected)] = {-1, -1, -1, -1};

    (void)state;
    assert_int_equal(nta_thread_start(&(struct nta_thread_options){.name = "nta-test"},
                                      confine_without_the_call, outcomes, &thread),
                     0);
    nta_thread_join(&thread);
    assert_memory_equal(outcomes, expected, sizeof(expected));
}

static void *stop_here(void *arg)
{
    if (nta_confine(NTA_CONFINED_COMPUTES) == 0)
        abort();
    return arg;
}

/** This program again, as another process. */
static void a_thread_that_finds_a_mistake_ends_the_program(void **state)
{
    char name[] = "confine", how[] = "abort";
    char *const arguments[] = {name, how, NULL};
    pid_t child;
    int status;

    (void)state;
    assert_int_equal(posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static int run_and_stop(void)
{
    struct nta_thread thread = {0};

    if (nta_thread_start(&(struct nta_thread_options){.name = "nta-test"}, stop_here, NULL,
                         &thread) < 0)
        return 1;
    nta_thread_join(&thread);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_computes_does_nothing_else),
        cmocka_unit_test(who_reads_files_writes_none_and_talks_to_nobody),
        cmocka_unit_test(who_captures_opens_no_file_and_connects_to_nobody),
        cmocka_unit_test(the_other_threads_are_as_they_were),
        cmocka_unit_test(a_service_of_debian_12_can_do_it),
        cmocka_unit_test(a_thread_that_finds_a_mistake_ends_the_program),
    };

    if (argc > 1 && strcmp(argv[1], "abort") == 0)
        return run_and_stop();
    if (!nta_confine_is_possible()) {
        (void)puts("skipped: no seccomp filters here");
        return 77;
    }
    file_fd = memfd_create("nta-test", MFD_CLOEXEC);
    if (file_fd < 0 || ftruncate(file_fd, 4096) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
