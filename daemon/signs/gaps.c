/* SPDX-License-Identifier: Apache-2.0 */
#include "signs/gaps.h"

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
    LINE_LEN = 64, ///< Always, so that a line never is half a new one and half an old one.
    PATH_SIZE = 4096
};

static const char file_name[] = "watch.state";

static void emit_gap(const struct nta_gaps *gaps, const struct nta_record_log *log)
{
    const struct nta_record record = {
        .event = NTA_RECORD_GAP,
        .time_ns = log->from_ns,
        .end_ns = log->to_ns,
        .log = log,
    };

    gaps->emit(gaps->owner, &record);
}

static void tell(const struct nta_gaps *gaps, enum nta_gap_reason reason, int64_t from_ns,
                 int64_t to_ns)
{
    /* the clock may have been set back meanwhile */
    emit_gap(gaps, &(struct nta_record_log){
                       .reason = (uint8_t)reason,
                       .from_ns = from_ns < to_ns ? from_ns : to_ns,
                       .to_ns = to_ns,
                   });
}

/** "nta-watch 1 running NANOSECONDS", filled with spaces. */
static int write_state(const struct nta_gaps *gaps, const char *word, int64_t wall_ns)
{
    char line[LINE_LEN + 1];
    int n = snprintf(line, sizeof(line), "nta-watch 1 %s %" PRId64, word, wall_ns);

    if (n < 0 || n >= LINE_LEN)
        return -EINVAL;
    memset(line + n, ' ', (size_t)(LINE_LEN - n));
    line[LINE_LEN - 1] = '\n';
    if (gaps->fd < 0)
        return -EBADF;
    const ssize_t n_written = pwrite(gaps->fd, line, LINE_LEN, 0);

    return n_written < 0 ? -errno : n_written == LINE_LEN ? 0 : -EIO;
}

/** False: there is none, or it is not understood: nothing is known of before. */
static bool read_state(int fd, bool *ret_killed, int64_t *ret_wall_ns)
{
    char line[LINE_LEN + 1] = {0}, word[16] = "";
    int64_t wall_ns;

    if (pread(fd, line, LINE_LEN, 0) != LINE_LEN || line[LINE_LEN - 1] != '\n' ||
        sscanf(line, "nta-watch 1 %15[a-z] %" SCNd64, word, &wall_ns) != 2) // NOLINT
        return false;
    if (strcmp(word, "running") != 0 && strcmp(word, "stopped") != 0)
        return false;
    *ret_killed = word[0] == 'r';
    *ret_wall_ns = wall_ns;
    return true;
}

/** Beside the store's file. */
static int open_state(const char *store_path)
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

/** Nobody watched longer than there is a batch that says so. */
static int64_t bound(const struct nta_gaps *gaps, int64_t wall_ns)
{
    const int64_t room = INT64_MAX - NTA_GAPS_SEALED_NS;

    if (gaps->sealed_ns <= 0 || gaps->sealed_ns > room ||
        wall_ns <= gaps->sealed_ns + NTA_GAPS_SEALED_NS)
        return wall_ns;
    return gaps->sealed_ns + NTA_GAPS_SEALED_NS;
}

int nta_gaps_start(struct nta_gaps *gaps, const char *path, int64_t wall_ns)
{
    struct nta_record_log log = {.from_ns = 0};
    const struct nta_record start = {.event = NTA_RECORD_START, .time_ns = wall_ns, .log = &log};
    bool killed = false;

    gaps->fd = open_state(path);
    if (gaps->fd >= 0 && read_state(gaps->fd, &killed, &log.from_ns)) {
        log.from_ns = bound(gaps, log.from_ns);
        tell(gaps, killed ? NTA_GAP_REASON_KILLED : NTA_GAP_REASON_STOPPED, log.from_ns, wall_ns);
    }
    gaps->emit(gaps->owner, &start);
    return gaps->fd < 0 ? gaps->fd : write_state(gaps, "running", wall_ns);
}

static void end_unstored(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    if (!gaps->unstored_since_ns)
        return;
    tell(gaps, NTA_GAP_REASON_STORE, gaps->unstored_since_ns, look->wall_ns);
    gaps->unstored_since_ns = 0;
}

void nta_gaps_look(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    /* what waits in memory is not lost: the gap begins with the first record that is */
    if (!look->store_fails)
        end_unstored(gaps, look);
    else if (!gaps->unstored_since_ns && look->n_unstored > gaps->n_unstored)
        gaps->unstored_since_ns = look->wall_ns;
    gaps->n_unstored = look->n_unstored;
    if (look->mono_ns - gaps->beat_mono_ns < NTA_GAPS_BEAT_NS)
        return;
    gaps->beat_mono_ns = look->mono_ns;
    (void)write_state(gaps, "running", look->wall_ns);
}

void nta_gaps_stop(struct nta_gaps *gaps, const struct nta_gaps_look *look)
{
    const struct nta_record stop = {.event = NTA_RECORD_STOP, .time_ns = look->wall_ns};

    end_unstored(gaps, look);
    gaps->emit(gaps->owner, &stop);
    (void)write_state(gaps, "stopped", look->wall_ns);
}

void nta_gaps_done(struct nta_gaps *gaps)
{
    nta_own_close(&gaps->fd);
    gaps->fd = -1;
}
