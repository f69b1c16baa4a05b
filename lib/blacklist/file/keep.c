/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/keep.h"

#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "blacklist/file/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    STATE_MAX_BYTES = 4096,
    HASH_TEXT = 64,
    COPY_BYTES = 256 * 1024,
    SHOWN_SIZE = 256,
    AT_ONCE = 16 ///< Lists whose files are open at a time.
};

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

/** DIR/HASH.ENDING; false if that is too long. */
static bool name_of(const char *dir, const char *path, const char *ending,
                    char buf[NTA_KEPT_PATH_SIZE])
{
    uint8_t hash[32];
    char text[HASH_TEXT + 1];

    if (EVP_Digest(path, strlen(path), hash, NULL, EVP_sha256(), NULL) != 1)
        return false;
    int n = snprintf(buf, NTA_KEPT_PATH_SIZE, "%s/%s.%s", dir, nta_hex_text(hash, 8, text), ending);

    return n > 0 && n < NTA_KEPT_PATH_SIZE;
}

int nta_list_find_kept(const char *dir, const char *path, struct nta_list_kept *ret_kept)
{
    struct nta_list_kept kept = {0};
    char state[NTA_KEPT_PATH_SIZE], line[256], hash[HASH_TEXT + 1] = "";
    NTA_AUTO_FILE FILE *file = NULL;
    int r;

    if (!name_of(dir, path, "state", state) || !name_of(dir, path, "list", kept.copy))
        return -ENOENT;
    file = nta_plainfile_stream(state, STATE_MAX_BYTES, 0, &r, NULL);
    if (!file) /* only a missing one is none: what may not be read is no first start */
        return r == -EACCES ? r : -ENOENT;
    if (!fgets(line, sizeof(line), file) ||
        sscanf(line, "nta-list 1 %" SCNu64 " %" SCNd64 " %64[0-9a-f]", &kept.n_entries, // NOLINT
               &kept.wall_ns, hash) != 3 ||
        strlen(hash) != HASH_TEXT || !nta_hex_parse(hash, sizeof(kept.sha256), kept.sha256))
        return -ENOENT;
    if (access(kept.copy, R_OK) < 0)
        return errno == EACCES ? -EACCES : -ENOENT;
    *ret_kept = kept;
    return 0;
}

/** Copy `from` into `to`, hashing. */
static int copy_bytes(int from, int to, uint8_t hash[32])
{
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    NTA_AUTO_FREE uint8_t *bytes = malloc(COPY_BYTES);
    ssize_t n = 0;

    if (!digest || !bytes || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return -ENOMEM;
    while ((n = read(from, bytes, COPY_BYTES)) > 0) {
        if (EVP_DigestUpdate(digest, bytes, (size_t)n) != 1)
            return -EIO;
        int r = nta_write_all(to, bytes, (size_t)n);

        if (r < 0)
            return r;
    }
    if (n < 0)
        return -errno;
    return EVP_DigestFinal_ex(digest, hash, NULL) == 1 ? 0 : -EIO;
}

static int copy_list(const char *path, const char *copy, const uint8_t expected[32],
                     struct nta_newfile *to)
{
    NTA_AUTO_FD int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    uint8_t hash[32];

    if (from < 0)
        return -errno;
    int r = nta_newfile_open(to, copy, 0600);

    if (r == 0)
        r = copy_bytes(from, to->fd, hash);
    return r == 0 && memcmp(hash, expected, sizeof(hash)) != 0 ? -EAGAIN : r;
}

static int write_state(const char *state, const struct nta_list_report *report, int64_t wall_ns,
                       struct nta_newfile *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_printf(&text, "nta-list 1 %" PRIu64 " %" PRId64 " ", nta_list_report_entries(report),
                   wall_ns);
    nta_buf_put_hex(&text, report->sha256, sizeof(report->sha256));
    nta_buf_puts(&text, "\n");
    nta_text_escape(&text, nta_span_of(report->path));
    nta_buf_puts(&text, "\n");
    int r = text.failed ? -ENOMEM : nta_newfile_open(file, state, 0600);

    return r < 0 ? r : nta_write_all(file->fd, text.ptr, text.len);
}

/** A list's two files, written and not in place yet. */
struct kept_files
{
    struct nta_newfile copy, state;
};

static bool is_kept(const char *dir, const struct nta_list_report *report)
{
    const struct nta_list_source source = {.path = report->path};
    struct nta_list_kept kept;

    return nta_list_is_folder(&source) ||
           (nta_list_find_kept(dir, report->path, &kept) == 0 &&
            kept.n_entries == nta_list_report_entries(report) &&
            memcmp(kept.sha256, report->sha256, sizeof(kept.sha256)) == 0);
}

static int cannot_keep(const struct nta_list_report *report, int r, struct nta_err *err)
{
    char shown[SHOWN_SIZE];

    return nta_err_sys(err, r, "%s: a copy cannot be kept",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(report->path)));
}

/** Write both files; on failure neither is there.  Nothing if the same is kept already: 1. */
static int write_files(const char *dir, const struct nta_list_report *report, int64_t wall_ns,
                       struct kept_files *files, struct nta_err *err)
{
    char state[NTA_KEPT_PATH_SIZE], copy[NTA_KEPT_PATH_SIZE];

    *files = (struct kept_files){NTA_NEWFILE_NONE, NTA_NEWFILE_NONE};
    if (is_kept(dir, report))
        return 1;
    if (!name_of(dir, report->path, "state", state) || !name_of(dir, report->path, "list", copy))
        return nta_err_set(err, -ENAMETOOLONG, "the folder of kept lists has too long a name");
    int r = mkdir(dir, 0700) < 0 && errno != EEXIST ? -errno : 0;

    if (r == 0)
        r = copy_list(report->path, copy, report->sha256, &files->copy);
    if (r == 0)
        r = write_state(state, report, wall_ns, &files->state);
    if (r == 0)
        return 0;
    nta_newfile_drop(&files->copy);
    nta_newfile_drop(&files->state);
    return cannot_keep(report, r, err);
}

/** Up to AT_ONCE lists. */
static void keep_some(const char *dir, const struct nta_list_report *const reports[], size_t n,
                      int64_t wall_ns, struct nta_buf *complaints)
{
    struct kept_files files[AT_ONCE];
    struct nta_newfile *all[2 * AT_ONCE];
    struct nta_err err = {0};
    size_t n_all = 0;

    for (size_t i = 0; i < n; i++) {
        const int r = write_files(dir, reports[i], wall_ns, &files[i], &err);

        if (r < 0)
            nta_buf_printf(complaints, "%s\n", err.text);
        if (r != 0)
            continue;
        all[n_all++] = &files[i].copy;
        all[n_all++] = &files[i].state;
    }
    const int r = n_all ? nta_newfile_commit_all(all, n_all) : 0;

    if (r < 0) {
        (void)nta_err_sys(&err, r, "%.200s: copies of lists cannot be kept", dir);
        nta_buf_printf(complaints, "%s\n", err.text);
    }
}

/** Of lists that are read from one file the first has the copy. */
static bool is_first_of_file(const struct nta_list_report *const reports[], size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(reports[k]->path, reports[i]->path) == 0)
            return false;
    }
    return true;
}

void nta_list_keep_all(const char *dir, const struct nta_list_report *const reports[], size_t n,
                       int64_t wall_ns, struct nta_buf *complaints)
{
    const struct nta_list_report *some[AT_ONCE];
    size_t n_some = 0;

    for (size_t i = 0; i < n; i++) {
        if (is_first_of_file(reports, i))
            some[n_some++] = reports[i];
        if (n_some == AT_ONCE || (i + 1 == n && n_some > 0)) {
            keep_some(dir, some, n_some, wall_ns, complaints);
            n_some = 0;
        }
    }
}

int nta_list_keep(const char *dir, const struct nta_list_report *report, int64_t wall_ns,
                  struct nta_err *err)
{
    struct kept_files files;
    int r = write_files(dir, report, wall_ns, &files, err);

    if (r != 0)
        return r < 0 ? r : 0;
    r = nta_newfile_commit_all((struct nta_newfile *[]){&files.copy, &files.state}, 2);
    return r < 0 ? cannot_keep(report, r, err) : 0;
}
