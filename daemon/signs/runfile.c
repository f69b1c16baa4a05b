/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/runfile.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    LINE_LEN = 64,
    PATH_SIZE = 4096
};

static const char file_name[] = "watch.state";

int nta_runfile_open(const char *store_path)
{
    const char *slash = strrchr(store_path, '/');
    int len = slash ? (int)(slash - store_path) + 1 : 0;
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof(path), "%.*s%s", len, store_path, file_name);

    if (n < 0 || n >= (int)sizeof(path))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
    struct stat st;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    (void)close(fd);
    return -EINVAL;
}

enum nta_run nta_runfile_read(int fd, int64_t *ret_wall_ns)
{
    char line[LINE_LEN + 1] = {0}, word[16] = "";
    int64_t wall_ns;

    if (pread(fd, line, LINE_LEN, 0) != LINE_LEN || line[LINE_LEN - 1] != '\n' ||
        sscanf(line, "nta-watch 1 %15[a-z] %" SCNd64, word, &wall_ns) != 2) // NOLINT
        return NTA_RUN_UNKNOWN;
    const enum nta_run run = strcmp(word, "running") == 0   ? NTA_RUN_RUNNING
                             : strcmp(word, "stopped") == 0 ? NTA_RUN_STOPPED
                                                            : NTA_RUN_UNKNOWN;

    if (run != NTA_RUN_UNKNOWN)
        *ret_wall_ns = wall_ns;
    return run;
}

/** "nta-watch 1 running NANOSECONDS", filled with spaces. */
int nta_runfile_write(int fd, enum nta_run run, int64_t wall_ns)
{
    char line[LINE_LEN + 1];
    int n = snprintf(line, sizeof(line), "nta-watch 1 %s %" PRId64,
                     run == NTA_RUN_STOPPED ? "stopped" : "running", wall_ns);

    if (n < 0 || n >= LINE_LEN)
        return -EINVAL;
    memset(line + n, ' ', (size_t)(LINE_LEN - n));
    line[LINE_LEN - 1] = '\n';
    if (fd < 0)
        return -EBADF;
    const ssize_t n_written = pwrite(fd, line, LINE_LEN, 0);

    return n_written < 0 ? -errno : n_written == LINE_LEN ? 0 : -EIO;
}
