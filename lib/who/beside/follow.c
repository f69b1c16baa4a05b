/* SPDX-License-Identifier: Apache-2.0 */
#include "who/beside/follow.h"

#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** What was changed so lately may still be written. */
#define SETTLE_NS (500 * NTA_NS_PER_MS)

int nta_follow_init(struct nta_follow *follow, const char *path)
{
    *follow = (struct nta_follow){.path = path, .fd = -1};
    follow->line = malloc(NTA_WHO_LINE_MAX);
    return follow->line ? 0 : -ENOMEM;
}

void nta_follow_done(struct nta_follow *follow)
{
    if (follow->line)
        nta_own_close(&follow->fd);
    free(follow->line);
    free(follow->had);
    free(follow->has);
    *follow = (struct nta_follow){.fd = -1};
}

/** From the beginning; of a file that was written anew what it is a file of is known. */
static void rewind_it(struct nta_follow *follow, uint8_t form)
{
    const bool is_trusted = follow->lines.is_trusted;

    follow->at = 0;
    follow->line_len = 0;
    follow->is_too_long = false;
    follow->is_anew = true;
    follow->n_has = 0;
    follow->lines = (struct nta_who_lines){.is_trusted = is_trusted, .form = form};
}

static int refuse(struct nta_follow *follow, int error, const char *what, struct nta_err *err)
{
    char shown[256];
    const bool was = follow->was_missing;

    follow->was_missing = true;
    if (was)
        return 0;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(follow->path));
    return what ? nta_err_set(err, error, "%s: %s", shown, what)
                : nta_err_sys(err, error, "%s", shown);
}

static int open_it(struct nta_follow *follow, const struct stat *st, struct nta_err *err)
{
    if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode))
        return refuse(follow, -EINVAL, "is neither a file nor a FIFO", err);
    follow->fd = open(follow->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (follow->fd < 0)
        return refuse(follow, -errno, NULL, err);
    follow->is_fifo = S_ISFIFO(st->st_mode);
    follow->dev = st->st_dev;
    follow->ino = st->st_ino;
    follow->changed = st->st_mtim;
    follow->was_missing = false;
    rewind_it(follow, NTA_WHO_FORM_UNKNOWN);
    if (follow->resume_at && follow->resume_dev == st->st_dev && follow->resume_ino == st->st_ino &&
        follow->resume_at <= st->st_size) {
        follow->at = follow->resume_at;
        follow->lines.form = NTA_WHO_FORM_JSON;
    }
    follow->resume_at = 0;
    return 0;
}

bool nta_follow_place(const struct nta_follow *follow, uint64_t *ret_dev, uint64_t *ret_ino,
                      uint64_t *ret_at)
{
    if (follow->fd < 0 || follow->is_fifo || follow->lines.form != NTA_WHO_FORM_JSON)
        return false;
    *ret_dev = follow->dev;
    *ret_ino = follow->ino;
    *ret_at = (uint64_t)follow->at - follow->line_len;
    return !follow->is_too_long && *ret_at > 0;
}

void nta_follow_resume(struct nta_follow *follow, uint64_t dev, uint64_t ino, uint64_t at)
{
    follow->resume_dev = dev;
    follow->resume_ino = ino;
    follow->resume_at = at < INT64_MAX ? (off_t)at : 0;
}

static int64_t ns_of(const struct timespec *time)
{
    return time->tv_sec * NTA_NS_PER_S + time->tv_nsec;
}

/**
 * Is it still the file of that name, and only longer?  Else it is opened, or read, anew; what is
 * being written anew as a whole only when that is over.
 */
static int look(struct nta_follow *follow, int64_t now_ns, struct nta_err *err)
{
    struct stat st;

    if (stat(follow->path, &st) < 0)
        return follow->fd < 0 ? refuse(follow, -errno, NULL, err) : 0; /* until there is another */
    if (follow->fd >= 0 && (st.st_dev != follow->dev || st.st_ino != follow->ino)) {
        nta_own_close(&follow->fd);
        follow->fd = -1;
    }
    if (follow->fd < 0)
        return open_it(follow, &st, err);
    const bool is_whole = nta_who_form_is_whole(follow->lines.form);
    const bool is_changed = ns_of(&st.st_mtim) != ns_of(&follow->changed);
    const int64_t age_ns = now_ns - ns_of(&st.st_mtim);

    if (follow->is_fifo || (is_whole && age_ns >= 0 && age_ns < SETTLE_NS))
        return 0;
    if (st.st_size < follow->at || (is_changed && is_whole))
        rewind_it(follow, is_whole ? follow->lines.form : (uint8_t)NTA_WHO_FORM_UNKNOWN);
    follow->changed = st.st_mtim;
    return 0;
}

/* ---- what is no more in a file that is written anew ---- */

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct nta_addr));
}

static void note_lease(struct nta_follow *follow, const struct nta_who_fact *fact)
{
    if (!nta_who_form_is_whole(follow->lines.form) || follow->n_has == NTA_FOLLOW_LEASES)
        return;
    if (!follow->has)
        follow->has = malloc(NTA_FOLLOW_LEASES * sizeof(*follow->has));
    if (follow->has)
        follow->has[follow->n_has++] = fact->ip.addr;
}

/** All of it was read: who stood there the last time, and does no more, has his address no more. */
static void end_missing(struct nta_follow *follow, int64_t now_ns,
                        const struct nta_follow_calls *calls)
{
    if (!nta_who_form_is_whole(follow->lines.form))
        return;
    if (follow->n_has)
        qsort(follow->has, follow->n_has, sizeof(*follow->has), compare);
    for (size_t i = 0; i < follow->n_had; i++) {
        const struct nta_who_fact fact = {
            .wall_ns = now_ns,
            .network = NTA_WHO_ANYWHERE,
            .has_ip = true,
            .ip = {.addr = follow->had[i], .len = 128},
            .source = NTA_WHO_LEASES,
            .state = NTA_WHO_ENDS,
        };

        if (!follow->n_has ||
            !bsearch(&follow->had[i], follow->has, follow->n_has, sizeof(*follow->has), compare))
            calls->fact(calls->owner, &fact);
    }
    struct nta_addr *spare = follow->had;

    follow->had = follow->has;
    follow->n_had = follow->n_has;
    follow->has = spare;
    follow->n_has = 0;
}

/* ---- lines ---- */

static void take_line(struct nta_follow *follow, int64_t now_ns,
                      const struct nta_follow_calls *calls)
{
    struct nta_who_fact fact;

    if (nta_who_line(&follow->lines, (struct nta_span){follow->line, follow->line_len}, now_ns,
                     &fact)) {
        note_lease(follow, &fact);
        calls->fact(calls->owner, &fact);
    }
}

static void take_bytes(struct nta_follow *follow, struct nta_span bytes, int64_t now_ns,
                       const struct nta_follow_calls *calls)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != '\n') {
            if (follow->line_len < NTA_WHO_LINE_MAX)
                follow->line[follow->line_len++] = bytes.ptr[i];
            else
                follow->is_too_long = true;
            continue;
        }
        if (follow->is_too_long)
            follow->lines.n_bad++;
        else
            take_line(follow, now_ns, calls);
        follow->line_len = 0;
        follow->is_too_long = false;
    }
}

/** To its end.  As nta_follow_read(). */
static int read_rest(struct nta_follow *follow, int64_t now_ns,
                     const struct nta_follow_calls *calls, struct nta_err *err)
{
    uint8_t buf[32768];

    for (size_t n = 0; n < NTA_FOLLOW_BYTES / sizeof(buf); n++) {
        if (!calls->has_space(calls->owner))
            return 1;
        const ssize_t len = follow->is_fifo ? read(follow->fd, buf, sizeof(buf))
                                            : pread(follow->fd, buf, sizeof(buf), follow->at);

        if (len < 0 && errno != EAGAIN && errno != EINTR)
            return refuse(follow, -errno, NULL, err);
        if (len <= 0) {
            if (follow->is_anew)
                end_missing(follow, now_ns, calls);
            follow->is_anew = false;
            return 0;
        }
        follow->at += follow->is_fifo ? 0 : len;
        take_bytes(follow, (struct nta_span){buf, (size_t)len}, now_ns, calls);
    }
    return 1;
}

int nta_follow_read(struct nta_follow *follow, int64_t now_ns, const struct nta_follow_calls *calls,
                    struct nta_err *err)
{
    int r = 0;

    /* what was still written to the one that another takes the place of */
    if (follow->fd >= 0 && !nta_who_form_is_whole(follow->lines.form))
        r = read_rest(follow, now_ns, calls, err);
    if (r == 0)
        r = look(follow, now_ns, err);
    return r == 0 && follow->fd >= 0 ? read_rest(follow, now_ns, calls, err) : r;
}
