/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place is "f DEVICE:INODE:OFFSET:N:HASH" without blanks: HASH is of the file's first N bytes, so
 * that an inode that is used again, or a file that was written anew, is not taken for the old one.
 */
#include "notify/follow_file.h"

#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define REOPEN_NS (60 * NTA_NS_PER_S) /* ntad goes over to a new file within that, once told */

enum
{
    HEAD_BYTES = 256,
    PIECE_BYTES = 16 * 1024,
    PATH_SIZE = 4096,
    WAIT_MS = 250
};

struct place
{
    uint64_t dev, ino, offset, n, hash;
};

struct nta_follow_file
{
    char path[PATH_SIZE], old_path[PATH_SIZE], shown[256];
    int fd; ///< Negative: there is none now.
    struct place at;
    struct nta_buf text; ///< Read behind `at.offset`, not taken yet.
    bool skips;          ///< In a line that is too long.
    bool is_missing;     ///< And that was said.
    int64_t new_ns;      ///< Since when another one, an empty one, is there (monotonic); 0: none.
};

void nta_follow_file_free(struct nta_follow_file **file)
{
    if (*file) {
        nta_buf_done(&(*file)->text);
        nta_own_close(&(*file)->fd);
    }
    free(*file);
    *file = NULL;
}

/** A key that is the same in each run: nobody gains by a collision, who writes there is trusted. */
static uint64_t hash_head(int fd, uint64_t n)
{
    const struct nta_hash_key key = {1, 2};
    uint8_t head[HEAD_BYTES];

    if (n > sizeof(head) || pread(fd, head, n, 0) != (ssize_t)n)
        return 0;
    return nta_hash_bytes(&key, head, n);
}

static int open_regular(const char *path, struct stat *ret_status)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    if (fstat(fd, ret_status) == 0 && S_ISREG(ret_status->st_mode))
        return fd;
    (void)close(fd);
    return -EINVAL;
}

/** The first bytes that were read, so that one sees when others stand there. */
static void keep_head(struct nta_follow_file *file)
{
    struct place *at = &file->at;
    const uint64_t n = at->offset < HEAD_BYTES ? at->offset : HEAD_BYTES;

    if (n <= at->n || hash_head(file->fd, at->n) != at->hash)
        return;
    at->n = n;
    at->hash = hash_head(file->fd, n);
}

/** Go on in this file, from `offset`. */
static void use(struct nta_follow_file *file, int fd, const struct stat *status, uint64_t offset)
{
    nta_own_close(&file->fd);
    file->fd = fd;
    file->new_ns = 0;
    file->at = (struct place){.dev = status->st_dev, .ino = status->st_ino, .offset = offset};
    file->at.hash = hash_head(fd, 0);
    keep_head(file);
    nta_buf_clear(&file->text);
    file->skips = false;
}

/** It was cut short, or is another by now. */
static void start_anew(struct nta_follow_file *file, int fd, const struct stat *status)
{
    nta_log_warning("%s was cut short: it is read from its beginning", file->shown);
    use(file, fd, status, 0);
}

/** Is it the file of the place? */
static bool is_of(int fd, const struct stat *status, const struct place *place)
{
    return status->st_dev == place->dev && status->st_ino == place->ino &&
           (uint64_t)status->st_size >= place->offset && hash_head(fd, place->n) == place->hash;
}

static bool try_path(struct nta_follow_file *file, const char *path, const struct place *place)
{
    struct stat status;
    const int fd = open_regular(path, &status);

    if (fd < 0)
        return false;
    if (!is_of(fd, &status, place)) {
        (void)close(fd);
        return false;
    }
    use(file, fd, &status, place->offset);
    return true;
}

/** Where the last run stopped, there or renamed; else what is there, from its beginning. */
static void go_on_at(struct nta_follow_file *file, const struct place *place)
{
    struct stat status;
    int fd;

    if (try_path(file, file->path, place) || try_path(file, file->old_path, place))
        return;
    nta_log_warning("%s is not the file that was read last: what came behind that in the old one "
                    "was not read",
                    file->shown);
    fd = open_regular(file->path, &status);
    if (fd >= 0)
        use(file, fd, &status, 0);
}

/** From now on: to the end of what is there; one that comes later is read from its beginning. */
static void begin_now(struct nta_follow_file *file)
{
    struct stat status;
    const int fd = open_regular(file->path, &status);

    if (fd >= 0)
        use(file, fd, &status, (uint64_t)status.st_size);
}

static bool read_place(const char *text, struct place *place)
{
    int n = 0;

    return sscanf(text, "f%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%" SCNu64 ":%" SCNx64 "%n",
                  &place->dev, &place->ino, &place->offset, &place->n, &place->hash, &n) == 5 &&
           !text[n] && place->n <= HEAD_BYTES;
}

int nta_follow_file_open(const char *path, const char *place, struct nta_follow_file **ret_file,
                         struct nta_err *err)
{
    NTA_AUTO(nta_follow_file_free) struct nta_follow_file *file = calloc(1, sizeof(*file));
    struct place at;

    if (!file)
        return nta_err_sys(err, -ENOMEM, "alerts");
    file->fd = -1;
    (void)nta_text_escape_to(file->shown, sizeof(file->shown), nta_span_of(path));
    if (strlen(path) + sizeof(".1") > sizeof(file->path))
        return nta_err_sys(err, -ENAMETOOLONG, "%s", file->shown);
    (void)snprintf(file->path, sizeof(file->path), "%s", path);
    (void)snprintf(file->old_path, sizeof(file->old_path), "%.*s.1", (int)sizeof(file->path) - 3,
                   path);
    if (strcmp(place, "f") == 0) /* there was none then: all of it is new */
        (void)0;
    else if (!place[0])
        begin_now(file);
    else if (read_place(place, &at))
        go_on_at(file, &at);
    else {
        nta_log_warning("%s: where the log was read last is no place in a file: alerts are told "
                        "from now on",
                        file->shown);
        begin_now(file);
    }
    *ret_file = NTA_TAKE(file);
    return 0;
}

/** A line that is whole leaves the buffer; one that is no event is one of no kind.  False: none. */
static bool cut_line(struct nta_follow_file *file, struct nta_notify_event *ret_event)
{
    const struct nta_span text = nta_buf_span(&file->text);
    const struct nta_span line = nta_span_before(text, '\n');
    enum nta_parse parsed = NTA_PARSE_OTHER;

    if (line.len == text.len)
        return false;
    nta_notify_event_init(ret_event);
    if (!file->skips)
        parsed = nta_notify_event_json(ret_event, line);
    if (parsed == NTA_PARSE_BAD && line.len > 0)
        nta_log_warning("%s: a line is no JSON, and was left out", file->shown);
    file->skips = false;
    file->at.offset += line.len + 1;
    memmove(file->text.ptr, file->text.ptr + line.len + 1, text.len - line.len - 1);
    file->text.len -= line.len + 1;
    return true;
}

/** What is too long for an alert goes, up to the line's end. */
static void skip_long(struct nta_follow_file *file)
{
    if (file->text.len <= NTA_NOTIFY_LINE_MAX)
        return;
    file->at.offset += file->text.len;
    nta_buf_clear(&file->text);
    file->skips = true;
}

/** More bytes.  1; 0: none; negative errno. */
static int read_more(struct nta_follow_file *file)
{
    uint8_t *room = nta_buf_reserve(&file->text, PIECE_BYTES);
    struct stat status;
    ssize_t n;

    if (!room)
        return -ENOMEM;
    /* cut short, and longer again than what was read by now */
    if (hash_head(file->fd, file->at.n) != file->at.hash) {
        const int fd = open_regular(file->path, &status);

        if (fd >= 0)
            start_anew(file, fd, &status);
        return fd >= 0 ? 1 : 0;
    }
    keep_head(file);
    n = pread(file->fd, room, PIECE_BYTES, (off_t)(file->at.offset + file->text.len));
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    file->text.len += (size_t)n;
    return n > 0;
}

/**
 * Another file is there.  ntad writes on into the renamed one until it is told: what has come there
 * since its end was read is first, and while nothing is in the new one, more may come.
 */
static bool stays_with_old(struct nta_follow_file *file, const struct stat *new, bool *ret_has_more)
{
    const int64_t mono_ns = nta_clock_mono_ns();
    struct stat now;

    *ret_has_more = file->fd >= 0 && fstat(file->fd, &now) == 0 &&
                    (uint64_t)now.st_size > file->at.offset + file->text.len;
    if (file->fd < 0 || *ret_has_more)
        return *ret_has_more;
    if (!file->new_ns)
        file->new_ns = mono_ns;
    return new->st_size == 0 && mono_ns - file->new_ns < REOPEN_NS;
}

/** At its end: is another file there by now, or was this one written anew?  True: read on. */
static bool turn_over(struct nta_follow_file *file)
{
    struct stat status;
    const int fd = open_regular(file->path, &status);
    bool has_more;

    if (fd < 0) {
        if (file->fd < 0 && !file->is_missing)
            nta_log_notice("%s is not there yet: waiting for it", file->shown);
        file->is_missing = file->fd < 0;
        return false;
    }
    const bool is_same =
        file->fd >= 0 && status.st_dev == file->at.dev && status.st_ino == file->at.ino;

    if (is_same && (uint64_t)status.st_size >= file->at.offset) {
        (void)close(fd);
        return false;
    }
    if (!is_same && stays_with_old(file, &status, &has_more)) {
        (void)close(fd);
        return has_more;
    }
    if (is_same)
        start_anew(file, fd, &status);
    else
        use(file, fd, &status, 0);
    return true;
}

int nta_follow_file_next(struct nta_follow_file *file, struct nta_notify_event *ret_event)
{
    for (;;) {
        if (cut_line(file, ret_event))
            return 1;
        skip_long(file);
        const int r = file->fd >= 0 ? read_more(file) : 0;

        if (r < 0 || (r == 0 && !turn_over(file)))
            return r;
    }
}

void nta_follow_file_place(struct nta_follow_file *file, char ret_place[NTA_NOTIFY_PLACE_SIZE])
{
    const struct place *at = &file->at;

    if (file->fd < 0) {
        (void)snprintf(ret_place, NTA_NOTIFY_PLACE_SIZE, "f");
        return;
    }
    keep_head(file);
    (void)snprintf(ret_place, NTA_NOTIFY_PLACE_SIZE,
                   "f%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIu64 ":%" PRIx64, at->dev, at->ino,
                   at->offset, at->n, at->hash);
}

void nta_follow_file_wait(struct nta_follow_file *file)
{
    (void)file;
    (void)poll(NULL, 0, WAIT_MS);
}
