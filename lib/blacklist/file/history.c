/* SPDX-License-Identifier: Apache-2.0 */
#define OPENSSL_SUPPRESS_DEPRECATED /* plain states: two hashes a line (see vault/digest.h) */
#include "blacklist/file/history.h"

#include "base/file/newfile.h"
#include "base/file/path.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "blacklist/file/line_tree.h"
#include "unpack/unpack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

enum
{
    HASH_LEN = 32,
    HASH_TEXT = 2 * HASH_LEN,
    PIECE_BYTES = 256 * 1024,
    NAME_SIZE = 2 * HASH_TEXT + 32,
    PATH_SIZE = 4096,
    SHOWN_SIZE = 256,
    COUNT_MAX_BYTES = 64,
};

#define COUNT_WORD "nta-history 1 "

static const char ending[] = ".zst";

/* ---- a list's text, piece by piece ---- */

NTA_DEFINE_FREE(free_cctx, ZSTD_CCtx, ZSTD_freeCCtx)

/** Where the text goes: into lines, packed into a file, or both. */
struct sink
{
    struct nta_line_tree *lines;
    ZSTD_CCtx *packer; ///< NULL: not into a file.
    int fd;
    uint8_t *packed; ///< PIECE_BYTES.
};

static int pack(struct sink *sink, struct nta_span text, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {text.ptr, text.len, 0};
    size_t left;

    do {
        ZSTD_outBuffer out = {sink->packed, PIECE_BYTES, 0};

        left = ZSTD_compressStream2(sink->packer, &out, &in, how);
        if (ZSTD_isError(left))
            return -ENOMEM;
        int r = nta_write_all(sink->fd, sink->packed, out.pos);

        if (r < 0)
            return r;
    } while (in.pos < in.size || (how == ZSTD_e_end && left > 0));
    return 0;
}

static int give(struct sink *sink, struct nta_span text)
{
    nta_line_tree_take(sink->lines, text);
    return sink->packer && text.len ? pack(sink, text, ZSTD_e_continue) : 0;
}

/** Of a packed file the text inside. */
static int give_unpacked(struct sink *sink, struct nta_unpack *unpack, struct nta_span packed,
                         uint8_t *buf)
{
    for (;;) {
        ssize_t n = nta_unpack_more(unpack, &packed, buf, PIECE_BYTES);

        if (n < 0)
            return (int)n;
        if (n == 0 && packed.len == 0)
            return 0;
        int r = give(sink, (struct nta_span){buf, (size_t)n});

        if (r < 0)
            return r;
    }
}

/** Read a file to its end, with the SHA-256 of its bytes. */
static int read_text(int fd, struct sink *sink, uint8_t ret_sha256[HASH_LEN])
{
    NTA_AUTO_FREE uint8_t *bytes = malloc(PIECE_BYTES), *text = malloc(PIECE_BYTES);
    NTA_AUTO(nta_unpack_free) struct nta_unpack *unpack = NULL;
    SHA256_CTX digest;
    bool is_first = true;
    ssize_t n;
    int r = bytes && text ? 0 : -ENOMEM;

    (void)SHA256_Init(&digest);
    while (r == 0 && (n = read(fd, bytes, PIECE_BYTES)) != 0) {
        if (n < 0)
            return -errno;
        const struct nta_span piece = {bytes, (size_t)n};

        (void)SHA256_Update(&digest, bytes, (size_t)n);
        if (is_first) {
            const enum nta_packing packing = nta_packing_of(piece);

            if (packing == NTA_PACKING_GZIP || packing == NTA_PACKING_ZSTD)
                r = nta_unpack_new(packing, &unpack);
        }
        is_first = false;
        if (r == 0)
            r = unpack ? give_unpacked(sink, unpack, piece, text) : give(sink, piece);
    }
    (void)SHA256_Final(ret_sha256, &digest);
    return r;
}

/** A list's bytes, from its file or as they were given. */
static int read_list(const struct nta_list_report *report, struct sink *sink)
{
    uint8_t sha256[HASH_LEN];
    int r;

    if (report->text) {
        const struct nta_span text = nta_span_of(report->text);

        (void)SHA256(text.ptr, text.len, sha256);
        r = give(sink, text);
    } else {
        NTA_AUTO_FD int fd =
            open(report->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        if (fd < 0)
            return -errno;
        r = read_text(fd, sink, sha256);
    }
    if (r == 0 && memcmp(sha256, report->sha256, HASH_LEN) != 0)
        r = -EAGAIN;
    return r;
}

/* ---- the folder ---- */

/** SHA256.TREE.LINES.zst */
struct entry
{
    char name[NAME_SIZE];
    uint8_t sha256[HASH_LEN];
    struct nta_list_lines lines;
};

static bool parse_name(const char *name, struct entry *ret_entry)
{
    char sha256[HASH_TEXT + 1], tree[HASH_TEXT + 1], rest[sizeof(ending)];

    if (strlen(name) >= sizeof(ret_entry->name) ||
        sscanf(name, "%64[0-9a-f].%64[0-9a-f].%20" SCNu64 "%4s", sha256, tree, // NOLINT
               &ret_entry->lines.n, rest) != 4 ||
        strcmp(rest, ending) != 0 || !nta_hex_parse(sha256, HASH_LEN, ret_entry->sha256) ||
        !nta_hex_parse(tree, HASH_LEN, ret_entry->lines.tree))
        return false;
    (void)snprintf(ret_entry->name, sizeof(ret_entry->name), "%s", name);
    return true;
}

static void free_dir(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir);
}

static bool find(const char *path, const uint8_t sha256[HASH_LEN], struct entry *ret_entry)
{
    NTA_AUTO(free_dir) DIR *dir = opendir(path);
    const struct dirent *item;

    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own
    while (dir && (item = readdir(dir)))
        if (parse_name(item->d_name, ret_entry) && memcmp(ret_entry->sha256, sha256, HASH_LEN) == 0)
            return true;
    return false;
}

static int path_of(const char *dir, const char *name, char path[PATH_SIZE])
{
    return nta_path_join(dir, name, path, PATH_SIZE) ? 0 : -ENAMETOOLONG;
}

/** Read it once more, into a file whose name is known by now. */
static int write_packed(const char *path, const struct nta_list_report *report)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(free_cctx) ZSTD_CCtx *packer = ZSTD_createCCtx();
    NTA_AUTO_FREE uint8_t *packed = malloc(PIECE_BYTES);
    NTA_AUTO_FREE struct nta_line_tree *lines = calloc(1, sizeof(*lines));
    int r = packer && packed && lines ? nta_newfile_open(&file, path, 0600) : -ENOMEM;

    if (r < 0)
        return r;
    struct sink sink = {.lines = lines, .packer = packer, .fd = file.fd, .packed = packed};

    (void)ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 1);
    r = read_list(report, &sink);
    if (r == 0)
        r = pack(&sink, (struct nta_span){0}, ZSTD_e_end);
    return r < 0 ? r : nta_newfile_commit(&file, true);
}

static int keep(const char *dir, const struct nta_list_report *report,
                struct nta_list_lines *ret_lines)
{
    NTA_AUTO_FREE struct nta_line_tree *lines = calloc(1, sizeof(*lines));
    char sha256[HASH_TEXT + 1], tree[HASH_TEXT + 1], name[NAME_SIZE], path[PATH_SIZE];
    struct sink sink = {.lines = lines};
    int r = lines ? nta_newfile_folder(dir) : -ENOMEM;

    if (r == 0)
        r = read_list(report, &sink);
    if (r < 0)
        return r;
    nta_line_tree_end(lines, ret_lines->tree);
    ret_lines->n = lines->n;
    (void)snprintf(name, sizeof(name), "%s.%s.%" PRIu64 "%s",
                   nta_hex_text(report->sha256, HASH_LEN, sha256),
                   nta_hex_text(ret_lines->tree, HASH_LEN, tree), ret_lines->n, ending);
    r = path_of(dir, name, path);
    return r < 0 ? r : write_packed(path, report);
}

int nta_list_history_keep(const char *dir, const struct nta_list_report *report,
                          struct nta_list_lines *ret_lines, struct nta_err *err)
{
    char path[PATH_SIZE], shown[SHOWN_SIZE];
    struct entry entry;
    int r;

    if (find(dir, report->sha256, &entry) && path_of(dir, entry.name, path) == 0 &&
        utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0) {
        *ret_lines = entry.lines;
        return 0;
    }
    r = keep(dir, report, ret_lines);
    return r < 0 ? nta_err_sys(err, r, "%s: its text cannot be kept",
                               nta_text_escape_to(shown, sizeof(shown), nta_span_of(report->path)))
                 : 0;
}

/* ---- how many there are ---- */

static int count_path(const char *dir, char path[PATH_SIZE])
{
    int n = snprintf(path, PATH_SIZE, "%s.count", dir);

    return n > 0 && n < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static uint64_t count_texts(const char *path)
{
    NTA_AUTO(free_dir) DIR *dir = opendir(path);
    const struct dirent *item;
    struct entry entry;
    uint64_t n = 0;

    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own
    while (dir && (item = readdir(dir)))
        n += parse_name(item->d_name, &entry);
    return n;
}

static int write_count(const char *dir, uint64_t n)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    char path[PATH_SIZE], text[sizeof(COUNT_WORD) + 24];
    const int len = snprintf(text, sizeof(text), COUNT_WORD "%" PRIu64 "\n", n);
    int r = count_path(dir, path);

    if (r == 0)
        r = nta_newfile_open(&file, path, 0600);
    if (r == 0)
        r = nta_write_all(file.fd, text, (size_t)len);
    return r < 0 ? r : nta_newfile_commit(&file, true);
}

uint64_t nta_list_history_missing(const char *dir)
{
    char path[PATH_SIZE];
    uint64_t noted = 0, n;
    int r = count_path(dir, path);

    if (r < 0)
        return 0;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, COUNT_MAX_BYTES, 0, &r, NULL);

    if (!file || fscanf(file, COUNT_WORD "%20" SCNu64, &noted) != 1) // NOLINT(cert-err34-c)
        return 0;
    n = count_texts(dir);
    return noted > n ? noted - n : 0;
}

/* ---- what goes ---- */

/** The oldest that is not in force; `ret_bytes`: of all together.  False: there is none. */
static bool find_oldest(const char *path, const uint8_t *in_force, size_t n,
                        char ret_name[NAME_SIZE], uint64_t *ret_bytes)
{
    NTA_AUTO(free_dir) DIR *dir = opendir(path);
    const struct dirent *item;
    struct timespec oldest = {0};
    bool any = false;

    *ret_bytes = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of our own
    while (dir && (item = readdir(dir))) {
        struct entry entry;
        struct stat st;
        bool is_used = false;

        if (!parse_name(item->d_name, &entry) ||
            fstatat(dirfd(dir), item->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        *ret_bytes += (uint64_t)st.st_size;
        for (size_t i = 0; i < n && !is_used; i++)
            is_used = memcmp(in_force + i * HASH_LEN, entry.sha256, HASH_LEN) == 0;
        if (is_used ||
            (any && (st.st_mtim.tv_sec > oldest.tv_sec ||
                     (st.st_mtim.tv_sec == oldest.tv_sec && st.st_mtim.tv_nsec >= oldest.tv_nsec))))
            continue;
        oldest = st.st_mtim;
        any = true;
        memcpy(ret_name, entry.name, NAME_SIZE);
    }
    return any;
}

int nta_list_history_trim(const char *dir, const uint8_t *in_force, size_t n, uint64_t bytes,
                          struct nta_err *err)
{
    char name[NAME_SIZE], path[PATH_SIZE];
    uint64_t there;

    while (find_oldest(dir, in_force, n, name, &there) && there > bytes) {
        int r = path_of(dir, name, path);

        if (r == 0) /* first, so that a crash in between is not taken for somebody */
            r = write_count(dir, count_texts(dir) - 1);
        if (r == 0 && unlink(path) < 0)
            r = -errno;
        if (r < 0)
            return nta_err_sys(err, r, "a list that was in force cannot be removed");
    }
    const uint64_t n_left = count_texts(dir);
    int r = n_left > 0 || nta_list_history_missing(dir) > 0 ? write_count(dir, n_left) : 0;

    return r < 0 ? nta_err_sys(err, r, "how many lists were in force cannot be noted") : 0;
}

int nta_list_history_line(const char *dir, const struct nta_list_line_at *at, struct nta_buf *out,
                          struct nta_buf *path_out, struct nta_err *err)
{
    NTA_AUTO_FREE struct nta_line_tree *lines = calloc(1, sizeof(*lines));
    struct sink sink = {.lines = lines};
    struct entry entry;
    char path[PATH_SIZE];
    uint8_t ignored[HASH_LEN], found[HASH_LEN];
    const size_t start = out->len, path_start = path_out ? path_out->len : 0;

    if (!find(dir, at->sha256, &entry) || path_of(dir, entry.name, path) < 0)
        return nta_err_set(err, -ENOENT, "the text of this list is not kept any more");
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    int r = fd < 0 ? -errno : lines ? 0 : -ENOMEM;

    if (r == 0) {
        lines->wanted = at->number;
        lines->kept = out;
        lines->path = path_out;
        r = read_text(fd, &sink, ignored);
    }
    if (r < 0 && r != -EBADMSG)
        return nta_err_sys(err, r, "the kept text of this list");
    if (r == 0)
        nta_line_tree_end(lines, found);
    if (r < 0 || memcmp(found, at->tree ? at->tree : entry.lines.tree, HASH_LEN) != 0) {
        out->len = start;
        if (path_out)
            path_out->len = path_start;
        return nta_err_set(err, -EBADMSG, "the kept text of this list is another one");
    }
    if (at->number == 0 || at->number > lines->n)
        return nta_err_set(err, -ERANGE, "the list has %" PRIu64 " lines", lines->n);
    return out->failed || (path_out && path_out->failed) ? nta_err_sys(err, -ENOMEM, "a line") : 0;
}
