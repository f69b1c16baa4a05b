/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/confine.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#    define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#    define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#    define OUR_ARCH 0 /* no rows were tried there */
#endif

/** What an argument must be. */
enum test
{
    ANY,
    IS,    ///< The value, in its lower 32 bits, which is all that the kernel takes of these.
    LACKS, ///< None of these bits.
    HAS,   ///< Any of these bits.
};

/** A call that is allowed to those in `whom`, or refused. */
struct row
{
    int call;
    unsigned whom;
    enum test test;
    unsigned arg;
    uint32_t value;
};

#define REFUSED  (SECCOMP_RET_ERRNO | EPERM)
#define COMPUTES NTA_CONFINED_COMPUTES
#define ALL      (NTA_CONFINED_COMPUTES | NTA_CONFINED_READS | NTA_CONFINED_CAPTURES)
#define READS    NTA_CONFINED_READS
#define CAPTURES NTA_CONFINED_CAPTURES

/* Memory that can be run, or is a file's, by which what is open could be written. */
static const struct row refusals[] = {
    {SYS_mmap, ALL, HAS, 2, PROT_EXEC},
    {SYS_mprotect, ALL, HAS, 2, PROT_EXEC},
    {SYS_mmap, COMPUTES | READS, LACKS, 3, MAP_ANONYMOUS},
};

/* What is not refused; what is called often stands first. */
static const struct row rows[] = {
    {SYS_futex, ALL, ANY, 0, 0},
    {SYS_clock_gettime, ALL, ANY, 0, 0}, /* where the clock cannot be read without */
    {SYS_clock_nanosleep, ALL, ANY, 0, 0},
    {SYS_nanosleep, ALL, ANY, 0, 0},
    {SYS_gettimeofday, ALL, ANY, 0, 0},
    {SYS_sched_yield, ALL, ANY, 0, 0},
    {SYS_restart_syscall, ALL, ANY, 0, 0},
    /* waiting for packets and files */
    {SYS_ppoll, READS | CAPTURES, ANY, 0, 0},
#ifdef SYS_poll
    {SYS_poll, READS | CAPTURES, ANY, 0, 0},
#endif
    {SYS_read, READS | CAPTURES, ANY, 0, 0},
    {SYS_recvfrom, CAPTURES, ANY, 0, 0},
    {SYS_recvmsg, CAPTURES, ANY, 0, 0},
    /* memory, and of a capture the kernel's ring */
    {SYS_mmap, ALL, ANY, 0, 0},
    {SYS_mprotect, ALL, ANY, 0, 0},
    {SYS_munmap, ALL, ANY, 0, 0},
    {SYS_mremap, ALL, ANY, 0, 0},
    {SYS_madvise, ALL, ANY, 0, 0},
    {SYS_brk, ALL, ANY, 0, 0},
    /* what libraries and the end of a thread need */
    {SYS_getrandom, ALL, ANY, 0, 0},
    {SYS_getpid, ALL, ANY, 0, 0},
    {SYS_gettid, ALL, ANY, 0, 0},
    {SYS_getcpu, ALL, ANY, 0, 0},
    {SYS_sched_getaffinity, ALL, ANY, 0, 0},
    {SYS_rt_sigprocmask, ALL, ANY, 0, 0},
    {SYS_rt_sigaction, ALL, ANY, 0, 0}, /* abort() */
    {SYS_rt_sigreturn, ALL, ANY, 0, 0},
    {SYS_sigaltstack, ALL, ANY, 0, 0},
    {SYS_exit, ALL, ANY, 0, 0},
    {SYS_exit_group, ALL, ANY, 0, 0},
    /* a line for who watches */
    {SYS_write, ALL, IS, 0, STDERR_FILENO},
    {SYS_writev, ALL, IS, 0, STDERR_FILENO},
    {SYS_ioctl, ALL, IS, 1, TCGETS}, /* is it a terminal? */
    {SYS_ioctl, ALL, IS, 1, TIOCGWINSZ},
    /* files */
    {SYS_openat, READS, LACKS, 2, O_ACCMODE | O_CREAT | O_TRUNC},
    {SYS_close, READS | CAPTURES, ANY, 0, 0},
    {SYS_pread64, READS, ANY, 0, 0},
    {SYS_lseek, READS, ANY, 0, 0},
    {SYS_fstat, READS | CAPTURES, ANY, 0, 0},
    {SYS_newfstatat, READS | CAPTURES, ANY, 0, 0},
    {SYS_statx, READS, ANY, 0, 0},
    {SYS_fadvise64, READS, ANY, 0, 0},
    {SYS_getdents64, READS, ANY, 0, 0},
    {SYS_fcntl, READS | CAPTURES, ANY, 0, 0},
    /* interfaces, and the log's socket */
    {SYS_socket, CAPTURES, IS, 0, AF_PACKET},
    {SYS_socket, CAPTURES, IS, 0, AF_NETLINK},
    {SYS_socket, CAPTURES, IS, 0, AF_UNIX},
    {SYS_bind, CAPTURES, ANY, 0, 0},
    {SYS_getsockname, CAPTURES, ANY, 0, 0},
    {SYS_getsockopt, CAPTURES, ANY, 0, 0},
    {SYS_setsockopt, CAPTURES, ANY, 0, 0},
    {SYS_sendto, CAPTURES, ANY, 0, 0},
    {SYS_sendmsg, CAPTURES, ANY, 0, 0},
    {SYS_ioctl, CAPTURES, ANY, 0, 0},
    {SYS_eventfd2, CAPTURES, ANY, 0, 0},
    {SYS_uname, CAPTURES, ANY, 0, 0},
};

enum
{
    ROW_STEPS = 5, ///< At most, of the program.
    OTHER_STEPS = 16,
    N_STEPS = (NTA_N_ELEMENTS(refusals) + NTA_N_ELEMENTS(rows)) * ROW_STEPS + OTHER_STEPS,
    TESTED_STEPS = 4, ///< Of a row behind its first, where it has a test.
};

/** A filter's program (seccomp(2)): whoever falls through all rows is refused. */
struct program
{
    struct sock_filter steps[N_STEPS];
    unsigned short n;
};

static void add(struct program *program, struct sock_filter step)
{
    program->steps[program->n++] = step;
}

static void load(struct program *program, uint32_t offset)
{
    add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void answer(struct program *program, uint32_t value)
{
    add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

/** What is compared is a 64-bit word of struct seccomp_data. */
static uint32_t arg_offset(unsigned arg)
{
    const uint32_t offset = (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)arg * 8);

    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? offset : offset + 4;
}

/** Goes on with the answer, or passes it over. */
static struct sock_filter comparison(const struct row *row)
{
    const uint16_t compare = row->test == IS ? BPF_JEQ : BPF_JSET;
    const uint8_t if_true = row->test == LACKS, if_false = !if_true;

    return (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | compare | BPF_K), row->value, if_true,
                                        if_false);
}

/** The number of the call is loaded, before and behind it. */
static void add_row(struct program *program, const struct row *row, uint32_t value)
{
    const uint8_t rest = row->test == ANY ? 1 : TESTED_STEPS;

    add(program,
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)row->call, 0, rest));
    if (row->test != ANY) {
        load(program, arg_offset(row->arg));
        add(program, comparison(row));
    }
    answer(program, value);
    if (row->test != ANY)
        load(program, offsetof(struct seccomp_data, nr));
}

static void make(struct program *program, enum nta_confinement confinement)
{
    /* abort() ends this process by a signal to the thread itself */
    const struct row abort_row = {SYS_tgkill, ALL, IS, 0, (uint32_t)getpid()};

    program->n = 0;
    load(program, offsetof(struct seccomp_data, arch));
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0));
    answer(program, SECCOMP_RET_KILL_PROCESS); /* numbers of calls mean something else there */
    load(program, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < NTA_N_ELEMENTS(refusals); i++)
        if (refusals[i].whom & (unsigned)confinement)
            add_row(program, &refusals[i], REFUSED);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++)
        if (rows[i].whom & (unsigned)confinement)
            add_row(program, &rows[i], SECCOMP_RET_ALLOW);
    add_row(program, &abort_row, SECCOMP_RET_ALLOW);
    answer(program, REFUSED);
}

bool nta_confine_is_possible(void)
{
    /* a kernel that has them looks for the program first */
    return OUR_ARCH != 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 &&
           errno == EFAULT;
}

int nta_confine(enum nta_confinement confinement)
{
    struct program program;

    if (!nta_confine_is_possible())
        return -ENOSYS;
    make(&program, confinement);
    const struct sock_fprog filter = {.len = program.n, .filter = program.steps};

    /* not seccomp(2), which Debian 12's @system-service does not have */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0)
        return -errno;
    return 0;
}
