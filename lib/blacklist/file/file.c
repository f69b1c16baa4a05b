/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/file.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "blacklist/format/line.h"
#include "blacklist/json/json.h"
#include "unpack/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    READ_BYTES = 256 * 1024,
    LOOK_BYTES = 4096, ///< In so many it shows whether a file is JSON.
    SHOWN_SIZE = 256,
};

#define FILE_MAX_BYTES   (UINT64_C(4) << 30)
#define UNPACK_MAX_BYTES (UINT64_C(4) << 30)

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

/** State of one reading. */
struct reading
{
    nta_list_line_fn *line;
    void *owner;
    const char *shown;
    EVP_MD_CTX *digest;
    uint8_t *buffer; ///< A started line, then what was read: NTA_LINE_SIZE + READ_BYTES.
    size_t n_held;   ///< Bytes of the started line.
    bool skips;      ///< The rest of a line that was too long is passed over.
    uint64_t n_lines;
    uint64_t n_bytes;    ///< Of the file.
    uint64_t n_text;     ///< Of its text: more, if it is packed.
    uint64_t unpack_max; ///< So much of it.
    bool is_packed;
    bool looked;                ///< Whether it is JSON is known.
    struct nta_list_file *file; ///< Borrows; of it `packed` and `json` are set at once.
    struct stat stat;           ///< Of the file, when it was read.
    struct nta_err *err;
};

static int check(int fd, const struct nta_list_source *source, const char *shown,
                 struct stat *ret_stat, struct nta_err *err)
{
    if (fstat(fd, ret_stat) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    if (!S_ISREG(ret_stat->st_mode))
        return nta_err_set(err, -EINVAL, "%s: not a regular file", shown);
    if (!source->any_owner && ret_stat->st_uid != 0 && ret_stat->st_uid != geteuid() &&
        ret_stat->st_uid != source->owner_uid)
        return nta_err_set(err, -EPERM, "%s: belongs to user %u, not to root or this user", shown,
                           (unsigned)ret_stat->st_uid);
    if (ret_stat->st_mode & S_IWOTH)
        return nta_err_set(err, -EPERM, "%s: everybody may write it (chmod o-w)", shown);
    if ((uint64_t)ret_stat->st_size > FILE_MAX_BYTES)
        return nta_err_set(err, -EFBIG, "%s: larger than 4 GiB", shown);
    return 0;
}

static int open_list(const struct nta_list_source *source, const char *shown, struct stat *ret_stat,
                     struct nta_err *err)
{
    int fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    int r;

    if (fd < 0 && errno == ELOOP)
        return nta_err_set(err, -ELOOP, "%s: a symbolic link; name the file itself", shown);
    if (fd < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    r = check(fd, source, shown, ret_stat, err);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    return fd;
}

/** Hand out the lines in the buffer's first `n` bytes and keep what is left of the last one. */
static void split(struct reading *reading, size_t n)
{
    const uint8_t *pos = reading->buffer, *end = reading->buffer + n, *newline;

    while ((newline = memchr(pos, '\n', (size_t)(end - pos)))) {
        if (!reading->skips) {
            reading->n_lines++;
            reading->line(reading->owner,
                          (struct nta_span){.ptr = pos, .len = (size_t)(newline - pos)}, false);
        }
        reading->skips = false;
        pos = newline + 1;
    }
    reading->n_held = reading->skips ? 0 : (size_t)(end - pos);
    if (reading->n_held >= NTA_LINE_SIZE) {
        reading->n_lines++;
        reading->line(reading->owner, (struct nta_span){.ptr = pos, .len = NTA_LINE_SIZE}, true);
        reading->skips = true;
        reading->n_held = 0;
    }
    memmove(reading->buffer, pos, reading->n_held);
}

/** The buffer's first `n` bytes are a piece of JSON. */
static void pass_on(struct reading *reading, size_t n)
{
    for (size_t i = 0; i < n; i++)
        reading->n_lines += reading->buffer[i] == '\n';
    reading->n_held = 0;
    reading->line(reading->owner, (struct nta_span){.ptr = reading->buffer, .len = n}, false);
}

/** The buffer's first `n` bytes are text: lines or JSON, or too short to be told yet. */
static void take(struct reading *reading, size_t n, bool is_all)
{
    if (!reading->looked) {
        enum nta_parse kind = nta_json_begins((struct nta_span){.ptr = reading->buffer, .len = n});

        if (kind == NTA_PARSE_MORE && !is_all && n < LOOK_BYTES) {
            reading->n_held = n;
            return;
        }
        reading->looked = true;
        reading->file->json = kind == NTA_PARSE_OK;
    }
    if (reading->file->json)
        pass_on(reading, n);
    else
        split(reading, n);
}

/** `n` bytes of text stand behind what the buffer holds. */
static int take_text(struct reading *reading, size_t n)
{
    reading->n_text += n;
    if (reading->is_packed && reading->n_text > reading->unpack_max)
        return nta_err_set(reading->err, -EFBIG,
                           "%s: unpacks to more than %llu bytes (blacklist.unpack_limit)",
                           reading->shown, (unsigned long long)reading->unpack_max);
    take(reading, reading->n_held + n, false);
    return 0;
}

/**
 * Up to READ_BYTES of the file, counted and hashed; 0 at its end, or negative errno with a
 * sentence.
 */
static ssize_t read_some(int fd, struct reading *reading, uint8_t *into)
{
    ssize_t n;

    do
        n = read(fd, into, READ_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return nta_err_sys(reading->err, -errno, "%s: cannot be read", reading->shown);
    if (n > 0 && EVP_DigestUpdate(reading->digest, into, (size_t)n) != 1)
        return nta_err_set(reading->err, -EIO, "%s: SHA-256 failed", reading->shown);
    reading->n_bytes += (uint64_t)n;
    return n;
}

static int read_plain(int fd, struct reading *reading, size_t n_first)
{
    ssize_t n = (ssize_t)n_first;

    while (n > 0) {
        int r = take_text(reading, (size_t)n);

        if (r < 0)
            return r;
        n = read_some(fd, reading, reading->buffer + reading->n_held);
    }
    return (int)n;
}

/** All text that one piece of a packed file gives. */
static int unpack_piece(struct reading *reading, struct nta_unpack *unpack, struct nta_span piece)
{
    for (;;) {
        ssize_t n = nta_unpack_more(unpack, &piece, reading->buffer + reading->n_held, READ_BYTES);

        if (n < 0)
            return nta_err_set(reading->err, (int)n, "%s: its packing is broken", reading->shown);
        if (n == 0)
            return 0;
        int r = take_text(reading, (size_t)n);

        if (r < 0)
            return r;
    }
}

static int read_packed(int fd, struct reading *reading, enum nta_packing packing, uint8_t *piece,
                       size_t n_first)
{
    NTA_AUTO(nta_unpack_free) struct nta_unpack *unpack = NULL;
    ssize_t n = (ssize_t)n_first;
    int r = nta_unpack_new(packing, &unpack);

    if (r < 0)
        return nta_err_sys(reading->err, r, "%s: no memory to unpack it", reading->shown);
    reading->is_packed = reading->file->packed = true;
    while (n > 0) {
        r = unpack_piece(reading, unpack, (struct nta_span){.ptr = piece, .len = (size_t)n});
        if (r < 0)
            return r;
        n = read_some(fd, reading, piece);
    }
    if (n == 0 && !nta_unpack_is_whole(unpack))
        return nta_err_set(reading->err, -EBADMSG, "%s: cut off: its packing does not end",
                           reading->shown);
    return (int)n;
}

/** Read all, unpacking what is packed. */
static int read_all(int fd, struct reading *reading)
{
    NTA_AUTO_FREE uint8_t *piece = NULL;
    ssize_t n = read_some(fd, reading, reading->buffer);
    struct nta_span start = {.ptr = reading->buffer, .len = n > 0 ? (size_t)n : 0};
    enum nta_packing packing = nta_packing_of(start);

    if (n < 0)
        return (int)n;
    switch (packing) {
    case NTA_PACKING_NONE: return read_plain(fd, reading, start.len);
    case NTA_PACKING_OTHER:
        return nta_err_set(reading->err, -EINVAL,
                           "%s: %s: unpack it first (gzip, zstd, xz and lz4 are read as they are)",
                           reading->shown, nta_packing_name(start));
    case NTA_PACKING_GZIP:
    case NTA_PACKING_ZSTD:
    case NTA_PACKING_XZ:
    case NTA_PACKING_LZ4: break;
    }
    piece = malloc(READ_BYTES);
    if (!piece)
        return nta_err_set(reading->err, -ENOMEM, "%s: no memory to unpack it", reading->shown);
    memcpy(piece, start.ptr, start.len);
    return read_packed(fd, reading, packing, piece, start.len);
}

static int64_t ns_of(const struct timespec *time)
{
    return (int64_t)time->tv_sec * NTA_NS_PER_S + time->tv_nsec;
}

static struct nta_list_identity identity_of(const struct stat *stat)
{
    return (struct nta_list_identity){
        .device = stat->st_dev,
        .inode = stat->st_ino,
        .bytes = (uint64_t)stat->st_size,
        .modified_ns = ns_of(&stat->st_mtim),
        .changed_ns = ns_of(&stat->st_ctim),
    };
}

/** File systems stamp changes with the time of the last tick of a clock, some with seconds only. */
static bool is_young(const struct stat *stat)
{
    int64_t tick_ns = stat->st_ctim.tv_nsec ? NTA_NS_PER_S / 10 : 2 * NTA_NS_PER_S;

    return nta_clock_wall_ns() - ns_of(&stat->st_ctim) < tick_ns;
}

/** The last line may lack its newline. */
static int finish(struct reading *reading, struct nta_list_file *ret_file)
{
    if (!reading->looked && reading->n_held > 0)
        take(reading, reading->n_held, true);
    reading->n_lines += reading->file->json; /* the last one, of JSON */
    if (reading->n_held > 0) {
        reading->n_lines++;
        reading->line(reading->owner,
                      (struct nta_span){.ptr = reading->buffer, .len = reading->n_held}, false);
    }
    *ret_file = (struct nta_list_file){
        .bytes = reading->n_bytes,
        .n_lines = reading->n_lines,
        .packed = reading->is_packed,
        .json = reading->file->json,
        .identity = identity_of(&reading->stat),
        .young = is_young(&reading->stat),
    };
    if (EVP_DigestFinal_ex(reading->digest, ret_file->sha256, NULL) != 1)
        return nta_err_set(reading->err, -EIO, "%s: SHA-256 failed", reading->shown);
    return 0;
}

static int read_file(const struct nta_list_source *source, struct reading *reading)
{
    NTA_AUTO_FD int fd = -1;
    struct stat before = {0}, after = {0};

    fd = open_list(source, reading->shown, &before, reading->err);
    if (fd < 0)
        return fd;
    int r = read_all(fd, reading);

    if (r < 0)
        return r;
    if (fstat(fd, &after) < 0 || (uint64_t)after.st_size != reading->n_bytes ||
        after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
        return nta_err_set(reading->err, -EAGAIN, "%s: changed while it was read; try again",
                           reading->shown);
    reading->stat = after;
    return 0;
}

/** A list that the program makes itself. */
static int read_text(const char *text, struct reading *reading)
{
    size_t len = strlen(text);

    reading->n_bytes = len;
    if (EVP_DigestUpdate(reading->digest, text, len) != 1)
        return nta_err_set(reading->err, -EIO, "%s: SHA-256 failed", reading->shown);
    for (size_t n; len > 0; text += n, len -= n) {
        n = len < READ_BYTES ? len : READ_BYTES;
        memcpy(reading->buffer + reading->n_held, text, n);
        int r = take_text(reading, n);

        if (r < 0)
            return r;
    }
    return 0;
}

int nta_list_file_read(const struct nta_list_source *source, nta_list_line_fn *line, void *owner,
                       struct nta_list_file *ret_file, struct nta_err *err)
{
    char shown[SHOWN_SIZE];
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    NTA_AUTO_FREE uint8_t *buffer = malloc(NTA_LINE_SIZE + READ_BYTES);
    struct reading reading = {
        .line = line,
        .owner = owner,
        .shown = nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path)),
        .digest = digest,
        .buffer = buffer,
        .unpack_max = source->unpack_limit ? source->unpack_limit : UNPACK_MAX_BYTES,
        .err = err,
        .file = ret_file,
    };

    if (!digest || !buffer || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return nta_err_set(err, -ENOMEM, "%s: no memory to read it", shown);
    ret_file->json = false;
    int r = source->text ? read_text(source->text, &reading) : read_file(source, &reading);

    return r < 0 ? r : finish(&reading, ret_file);
}

int nta_list_file_identify(const struct nta_list_source *source,
                           struct nta_list_identity *ret_identity, struct nta_err *err)
{
    char shown[SHOWN_SIZE];
    NTA_AUTO_FD int fd = -1;
    struct stat stat = {0};

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path));
    fd = open_list(source, shown, &stat, err);
    if (fd < 0)
        return fd;
    *ret_identity = identity_of(&stat);
    return 0;
}
