/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file.h"

#include "base/own.h"
#include "base/text.h"
#include "blacklist/line.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    READ_BYTES = 256 * 1024,
    SHOWN_SIZE = 256,
};

#define FILE_MAX_BYTES (UINT64_C(4) << 30)

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

/** State of one reading. */
struct reading
{
    nta_list_line_fn *line;
    void *owner;
    uint8_t *buffer; ///< A started line, then what was read.
    size_t n_held;   ///< Bytes of the started line.
    bool skips;      ///< The rest of a line that was too long is passed over.
    uint64_t n_lines;
};

static int check(int fd, const struct nta_list_source *source, const char *shown,
                 struct stat *ret_stat, struct nta_err *err)
{
    if (fstat(fd, ret_stat) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    if (!S_ISREG(ret_stat->st_mode))
        return nta_err_set(err, -EINVAL, "%s: not a regular file", shown);
    if (!source->any_owner && ret_stat->st_uid != 0 && ret_stat->st_uid != geteuid())
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

/** Read all; gives the number of bytes. */
static int64_t read_all(int fd, struct reading *reading, EVP_MD_CTX *digest)
{
    int64_t total = 0;

    for (;;) {
        uint8_t *into = reading->buffer + reading->n_held;
        ssize_t n = read(fd, into, READ_BYTES);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        if (EVP_DigestUpdate(digest, into, (size_t)n) != 1)
            return -EIO;
        if (total == 0 && n >= 3 && memcmp(into, "\xef\xbb\xbf", 3) == 0)
            memset(into, ' ', 3); /* a byte order mark */
        total += n;
        split(reading, reading->n_held + (size_t)n);
    }
    if (reading->n_held > 0) { /* the last line may lack its newline */
        reading->n_lines++;
        reading->line(reading->owner,
                      (struct nta_span){.ptr = reading->buffer, .len = reading->n_held}, false);
    }
    return total;
}

int nta_list_file_read(const struct nta_list_source *source, nta_list_line_fn *line, void *owner,
                       struct nta_list_file *ret_file, struct nta_err *err)
{
    char shown[SHOWN_SIZE];
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    NTA_AUTO_FREE uint8_t *buffer = malloc(NTA_LINE_SIZE + READ_BYTES);
    NTA_AUTO_FD int fd = -1;
    struct reading reading = {.line = line, .owner = owner, .buffer = buffer};
    struct stat before = {0}, after;
    int64_t n_bytes;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(source->path));
    if (!digest || !buffer || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return nta_err_set(err, -ENOMEM, "%s: no memory to read it", shown);
    fd = open_list(source, shown, &before, err);
    if (fd < 0)
        return fd;
    n_bytes = read_all(fd, &reading, digest);
    if (n_bytes < 0)
        return nta_err_sys(err, (int)n_bytes, "%s: cannot be read", shown);
    if (fstat(fd, &after) < 0 || after.st_size != n_bytes ||
        after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
        after.st_mtim.tv_nsec != before.st_mtim.tv_nsec)
        return nta_err_set(err, -EAGAIN, "%s: changed while it was read; try again", shown);
    *ret_file = (struct nta_list_file){.bytes = (uint64_t)n_bytes, .n_lines = reading.n_lines};
    if (EVP_DigestFinal_ex(digest, ret_file->sha256, NULL) != 1)
        return nta_err_set(err, -EIO, "%s: SHA-256 failed", shown);
    return 0;
}
