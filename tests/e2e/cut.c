/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends one program in the middle of what it writes: preloaded, it lets NTA_TEST_CUT calls that
 * change files happen, and kills the program instead of the next one.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static long change(long number, long a, long b, long c, long d)
{
    static _Atomic long n;
    const char *left = getenv("NTA_TEST_CUT"); /* NOLINT(concurrency-mt-unsafe): nobody sets it */

    if (left && ++n > strtol(left, NULL, 10))
        (void)kill(getpid(), SIGKILL);
    return syscall(number, a, b, c, d);
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc's names are reserved */

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return change(SYS_pwrite64, fd, (long)bytes, (long)n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    return change(SYS_pwrite64, fd, (long)bytes, (long)n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    return change(SYS_write, fd, (long)bytes, (long)n, 0);
}

int fsync(int fd)
{
    return (int)change(SYS_fsync, fd, 0, 0, 0);
}

int fdatasync(int fd)
{
    return (int)change(SYS_fdatasync, fd, 0, 0, 0);
}

int ftruncate(int fd, off_t len)
{
    return (int)change(SYS_ftruncate, fd, len, 0, 0);
}

int ftruncate64(int fd, off64_t len)
{
    return (int)change(SYS_ftruncate, fd, len, 0, 0);
}

int rename(const char *from, const char *to)
{
    return (int)change(SYS_rename, (long)from, (long)to, 0, 0);
}

int renameat(int a, const char *from, int b, const char *to)
{
    return (int)change(SYS_renameat, a, (long)from, b, (long)to);
}

int unlink(const char *path)
{
    return (int)change(SYS_unlink, (long)path, 0, 0, 0);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
