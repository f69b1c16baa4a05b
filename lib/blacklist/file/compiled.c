/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/compiled.h"

#include "base/file/newfile.h"
#include "base/memory/area.h"
#include "base/own.h"
#include "base/text.h"
#include "blacklist/file/fingerprint.h"
#include "blacklist/file/image.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum
{
    SHOWN_SIZE = 256,
    PATH_SIZE = 4096,
    PIECE_BYTES = 1 << 20,
};

static const char magic[8] = "NTASET\0\2";

static_assert(sizeof(struct nta_image_header) <= NTA_IMAGE_PAGE, "the header is one page");

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

/** The folder that a path is in. */
static int stat_folder(const char *path, struct stat *ret_stat)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_SIZE];

    (void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
                   slash ? path : ".");
    return lstat(folder, ret_stat);
}

/* ---- writing ---- */

/** A file in the making. */
struct output
{
    int fd;
    EVP_MD_CTX *digest; ///< Of all behind the first page.
    uint64_t n_bytes;
    struct nta_image_header header;
};

/** Append a part, then zeros up to the next page. */
static int put_part(struct output *out, enum nta_image_part part, const void *bytes, size_t len)
{
    static const uint8_t zeros[NTA_IMAGE_PAGE];
    size_t n_zeros = (NTA_IMAGE_PAGE - len % NTA_IMAGE_PAGE) % NTA_IMAGE_PAGE;
    int r = nta_write_all(out->fd, bytes, len);

    if (r == 0)
        r = nta_write_all(out->fd, zeros, n_zeros);
    if (r == 0 && ((len > 0 && EVP_DigestUpdate(out->digest, bytes, len) != 1) ||
                   EVP_DigestUpdate(out->digest, zeros, n_zeros) != 1))
        r = -EIO;
    out->header.parts[part].start = out->n_bytes;
    out->header.parts[part].bytes = len;
    out->n_bytes += len + n_zeros;
    return r;
}

static int put_parts(struct output *out, const struct nta_blacklist *set, struct nta_span patterns,
                     struct nta_span lists)
{
    const struct nta_addrs *addrs = &set->addrs;
    const struct nta_span parts[NTA_IMAGE_N_PARTS] = {
        [NTA_IMAGE_BUCKETS] = {(const void *)set->names.buckets,
                               set->names.n_buckets * sizeof(*set->names.buckets)},
        [NTA_IMAGE_WAYS] = {(const void *)set->names.ways,
                            set->names.n_ways * sizeof(*set->names.ways)},
        [NTA_IMAGE_SINGLES] = {(const void *)addrs->singles,
                               addrs->n_singles * sizeof(*addrs->singles)},
        [NTA_IMAGE_INDEX] = {(const void *)addrs->index,
                             addrs->index ? NTA_ADDR_INDEX_SIZE * sizeof(*addrs->index) : 0},
        [NTA_IMAGE_PAGES] = {(const void *)addrs->pages, addrs->pages ? NTA_ADDR_PAGES_BYTES : 0},
        [NTA_IMAGE_RANGES] = {(const void *)addrs->ranges,
                              addrs->n_ranges * sizeof(*addrs->ranges)},
        [NTA_IMAGE_SEGMENTS] = {(const void *)addrs->segments,
                                addrs->n_segments * sizeof(*addrs->segments)},
        [NTA_IMAGE_URLS] = {(const void *)set->urls.urls,
                            set->urls.n_urls * sizeof(*set->urls.urls)},
        [NTA_IMAGE_TEXT] = {set->urls.text.ptr, set->urls.text.len},
        [NTA_IMAGE_MARKS] = {(const void *)set->marks.marks,
                             set->marks.n_marks * sizeof(*set->marks.marks)},
        [NTA_IMAGE_PATTERNS] = patterns,
        [NTA_IMAGE_LISTS] = lists,
    };
    int r = 0;

    for (size_t i = 0; r == 0 && i < NTA_IMAGE_N_PARTS; i++)
        r = put_part(out, (enum nta_image_part)i, parts[i].ptr, parts[i].len);
    return r;
}

/** SHA-256 of a header, its field for it taken as zeros. */
static int hash_header(const struct nta_image_header *header, uint8_t sha256[32])
{
    struct nta_image_header copy = *header;

    memset(copy.own_sha256, 0, sizeof(copy.own_sha256));
    return EVP_Digest(&copy, sizeof(copy), sha256, NULL, EVP_sha256(), NULL) == 1 ? 0 : -EIO;
}

static int put_common(struct nta_image_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf common = {0};

    nta_list_fingerprint_common(&common);
    if (common.failed || common.len > sizeof(header->common))
        return -ENOMEM;
    memcpy(header->common, common.ptr, common.len);
    header->common_len = (uint32_t)common.len;
    return 0;
}

static int put_header(struct output *out, const struct nta_blacklist *set)
{
    struct nta_image_header *header = &out->header;
    int r = put_common(header);

    memcpy(header->magic, magic, sizeof(header->magic));
    header->bytes = out->n_bytes;
    header->keys = set->names.keys;
    header->n_entries = set->names.n_entries;
    header->label_counts = set->names.label_counts;
    memcpy(header->n_marks, set->marks.n, sizeof(header->n_marks));
    header->n_lists = (uint32_t)set->n_lists;
    if (r == 0 && EVP_DigestFinal_ex(out->digest, header->sha256, NULL) != 1)
        r = -EIO;
    if (r == 0)
        r = hash_header(header, header->own_sha256);
    if (r == 0 && pwrite(out->fd, header, sizeof(*header), 0) != (ssize_t)sizeof(*header))
        r = errno ? -errno : -EIO;
    return r;
}

/** Root writes it for whoever owns the folder: the daemon. */
static int give_to_owner(const struct nta_newfile *file)
{
    struct stat folder;

    if (geteuid() != 0)
        return 0;
    return fstat(file->folder_fd, &folder) < 0 || fchown(file->fd, folder.st_uid, folder.st_gid) < 0
               ? -errno
               : 0;
}

static int write_set(int fd, const struct nta_blacklist *set)
{
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    NTA_AUTO(nta_buf_done) struct nta_buf lists = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf patterns = {0};
    struct output out = {.fd = fd, .digest = digest, .n_bytes = NTA_IMAGE_PAGE};
    int r;

    nta_image_put_lists(set, &lists);
    nta_patterns_put(&set->patterns, &patterns);
    if (!digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1 || lists.failed ||
        patterns.failed)
        return -ENOMEM;
    if (lseek(fd, NTA_IMAGE_PAGE, SEEK_SET) < 0)
        return -errno;
    r = put_parts(&out, set, nta_buf_span(&patterns), nta_buf_span(&lists));
    if (r == 0)
        r = put_header(&out, set);
    return r;
}

int nta_compiled_save(const struct nta_blacklist *set, const char *path, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    char shown[SHOWN_SIZE];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (set->n_lists == 0)
        return nta_err_set(err, -ENODATA, "%s: a set without lists is not kept", shown);
    for (size_t i = 0; i < set->n_lists; i++) {
        if (set->lists[i].young)
            return nta_err_set(err, -EAGAIN, "%s: a list was changed just before it was read",
                               shown);
    }
    int r = nta_newfile_open(&file, path, 0600);

    if (r == 0)
        r = give_to_owner(&file);
    if (r == 0)
        r = write_set(file.fd, set);
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%s: the compiled lists cannot be written", shown) : 0;
}

/* ---- reading ---- */

/**
 * Root's, this user's or, for root, that of whoever owns the folder (the daemon); and only they may
 * write it.
 */
static bool is_trusted(const char *path, const struct stat *file)
{
    struct stat folder;

    if (file->st_mode & (S_IWGRP | S_IWOTH))
        return false;
    if (file->st_uid == 0 || file->st_uid == geteuid())
        return true;
    return geteuid() == 0 && stat_folder(path, &folder) == 0 && folder.st_uid == file->st_uid &&
           !(folder.st_mode & (S_IWGRP | S_IWOTH));
}

static int check_file(int fd, const char *path, const char *shown, uint64_t *ret_bytes,
                      struct nta_err *err)
{
    struct stat stat;

    if (fstat(fd, &stat) < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    if (!S_ISREG(stat.st_mode))
        return nta_err_set(err, -EINVAL, "%s: not a regular file", shown);
    if (!is_trusted(path, &stat))
        return nta_err_set(err, -EPERM, "%s: somebody else owns it or may write it", shown);
    *ret_bytes = (uint64_t)stat.st_size;
    return 0;
}

static bool is_ours(const struct nta_image_header *header)
{
    struct nta_image_header now = {0};

    return put_common(&now) == 0 && now.common_len == header->common_len &&
           memcmp(now.common, header->common, sizeof(now.common)) == 0;
}

/** Read and check the first page. */
static int read_header(int fd, uint64_t n_bytes, const char *shown, struct nta_image_header *header,
                       struct nta_err *err)
{
    uint8_t sha256[32];

    if (pread(fd, header, sizeof(*header), 0) != (ssize_t)sizeof(*header) ||
        memcmp(header->magic, magic, sizeof(magic)) != 0)
        return nta_err_set(err, -EBADMSG, "%s: not a compiled set", shown);
    if (hash_header(header, sha256) < 0 ||
        memcmp(sha256, header->own_sha256, sizeof(sha256)) != 0 || header->bytes != n_bytes)
        return nta_err_set(err, -EBADMSG, "%s: a broken compiled set", shown);
    if (!is_ours(header))
        return nta_err_set(err, -ESTALE, "%s: compiled by another version", shown);
    return 0;
}

static int open_file(const char *path, const char *shown, struct nta_image_header *header,
                     struct nta_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    uint64_t n_bytes = 0;
    int r;

    if (fd < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    r = check_file(fd, path, shown, &n_bytes, err);
    if (r == 0)
        r = read_header(fd, n_bytes, shown, header, err);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    return fd;
}

/** Hold what lies behind the header against its SHA-256. */
static bool is_whole(const uint8_t *image, const struct nta_image_header *header)
{
    uint8_t sha256[32];

    return EVP_Digest(image + NTA_IMAGE_PAGE, header->bytes - NTA_IMAGE_PAGE, sha256, NULL,
                      EVP_sha256(), NULL) == 1 &&
           memcmp(sha256, header->sha256, sizeof(sha256)) == 0;
}

/** The file in memory of our own, or NULL. */
static uint8_t *copy_file(int fd, size_t n_bytes)
{
    uint8_t *image = nta_area_new(n_bytes, NTA_AREA_ROAMS);

    if (!image)
        return NULL;
    for (size_t done = 0; done < n_bytes;) {
        ssize_t n = pread(fd, image + done, n_bytes - done, (off_t)done);

        if (n <= 0) {
            nta_area_free(image, n_bytes);
            return NULL;
        }
        done += (size_t)n;
    }
    return image;
}

/** The file's bytes: a copy that was checked, or the file itself if it is large. */
static int take_bytes(int fd, const char *shown, const struct nta_image_header *header,
                      struct nta_blacklist *set, struct nta_err *err)
{
    bool checks = header->bytes <= NTA_COMPILED_CHECKED;
    void *image = checks ? copy_file(fd, header->bytes)
                         : mmap(NULL, header->bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);

    if (!image || image == MAP_FAILED)
        return nta_err_set(err, -ENOMEM, "%s: cannot be read into memory", shown);
    set->image = image;
    set->image_bytes = header->bytes;
    if (checks && !is_whole(image, header))
        return nta_err_set(err, -EBADMSG, "%s: a broken compiled set: its SHA-256 is another",
                           shown);
    return 0;
}

int nta_compiled_open(const char *path, struct nta_blacklist **ret_set, struct nta_err *err)
{
    NTA_AUTO(nta_set_free) struct nta_blacklist *set = calloc(1, sizeof(*set));
    struct nta_image_header header = {0};
    char shown[SHOWN_SIZE];
    NTA_AUTO_FD int fd = -1;
    int r;

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (!set)
        return nta_err_set(err, -ENOMEM, "%s: no memory", shown);
    fd = open_file(path, shown, &header, err);
    if (fd < 0)
        return fd;
    r = take_bytes(fd, shown, &header, set, err);
    if (r < 0)
        return r;
    r = nta_image_attach(set, &header, set->image);
    if (r < 0)
        return nta_err_sys(err, r, "%s: a broken compiled set", shown);
    *ret_set = NTA_TAKE(set);
    return 0;
}

int nta_compiled_check(const char *path, size_t *ret_n_lists, struct nta_err *err)
{
    NTA_AUTO(nta_set_free) struct nta_blacklist *set = NULL;
    struct nta_image_header header = {0};
    char shown[SHOWN_SIZE];
    int r = nta_compiled_open(path, &set, err);

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (r < 0 || !set)
        return r;
    memcpy(&header, set->image, sizeof(header));
    if (!is_whole(set->image, &header))
        return nta_err_set(err, -EBADMSG, "%s: a broken compiled set: its SHA-256 is another",
                           shown);
    *ret_n_lists = set->n_lists;
    return 0;
}
