/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/fetch.h"

#include "base/file/newfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "fetch/checksum.h"
#include "fetch/gunzip.h"
#include "fetch/http.h"
#include "fetch/state.h"
#include "geo/geo.h"
#include "policy/lists.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum
{
    PATH_SIZE = 4096,
    NAME_SIZE = 256,
    CHECKSUM_MAX = 65536,
};

#define FILE_MAX_BYTES (UINT64_C(64) << 20)

/** One file on its way. */
struct work
{
    const struct nta_fetch *fetch;
    const struct nta_config_list *list;
    struct nta_newfile file;
    char temporary[PATH_SIZE]; ///< Path of the file that is being written.
    char name[NAME_SIZE];
    struct nta_fetch_state before, now;
    bool has_before; ///< The file there is the one that `before` is of.
    uint64_t entries;
    struct nta_err *err;
};

const struct nta_config_list *nta_fetch_list(const struct nta_fetch *fetch)
{
    return fetch->is_geo ? &fetch->config->geo.fetch[fetch->number]
                         : &fetch->config->blacklist.files[fetch->number];
}

const char *nta_fetch_name(const struct nta_fetch *fetch, char *buf, size_t size)
{
    const struct nta_config_list *list = nta_fetch_list(fetch);
    char name[NAME_SIZE];

    return nta_text_escape_to(
        buf, size,
        nta_span_of(list->name ? list->name
                               : nta_blacklist_list_name(list->path, name, sizeof(name))));
}

static int begin(struct work *work)
{
    const char *path = work->list->path, *slash = strrchr(path, '/');
    int r = nta_newfile_open(&work->file, path, 0644);

    if (r == -EBUSY)
        return nta_err_set(work->err, r, "another program is writing it");
    if (r < 0)
        return nta_err_sys(work->err, r, "cannot be written in its folder");
    (void)snprintf(work->temporary, sizeof(work->temporary), "%.*s%s",
                   slash ? (int)(slash + 1 - path) : 0, path, work->file.temporary);
    (void)nta_fetch_name(work->fetch, work->name, sizeof(work->name));
    return 0;
}

/** What is known of the file that is there, if it is as it was left. */
static void recall(struct work *work)
{
    NTA_AUTO_FD int fd = open(work->list->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    uint8_t kept[32];

    nta_fetch_hash(work->list->url, strlen(work->list->url), work->now.url_sha256);
    work->has_before = fd >= 0 && nta_fetch_state_read(work->list->path, &work->before) &&
                       memcmp(work->before.url_sha256, work->now.url_sha256, 32) == 0 &&
                       nta_fetch_hash_fd(fd, kept) == 0 &&
                       memcmp(work->before.kept_sha256, kept, 32) == 0;
}

static struct nta_http_ask ask_for(const struct work *work, const char *url)
{
    return (struct nta_http_ask){
        .url = url,
        .ca_path = work->fetch->ca_path,
        .shown = work->name,
        .max_bytes = work->list->max_bytes ? work->list->max_bytes : FILE_MAX_BYTES,
        .seconds = work->fetch->seconds,
        .is_private = work->list->is_private,
    };
}

/** The body as it comes.  1: it is the one that we have. */
static int get_body(struct work *work, int fd)
{
    struct nta_http_ask ask = ask_for(work, work->list->url);
    struct nta_http_answer answer;

    if (work->has_before && work->before.etag[0])
        ask.etag = work->before.etag;
    if (work->has_before && work->before.modified[0])
        ask.modified = work->before.modified;
    int r = nta_http_get(&ask, fd, &answer, work->err);

    if (r < 0)
        return r;
    if (answer.is_unchanged)
        return 1;
    memcpy(work->now.etag, answer.etag, sizeof(work->now.etag));
    memcpy(work->now.modified, answer.modified, sizeof(work->now.modified));
    r = nta_fetch_hash_fd(fd, work->now.file_sha256);
    return r < 0 ? nta_err_sys(work->err, r, "cannot be read back") : 0;
}

/** Hold it against the SHA-256 that its publisher gives. */
static int check_published(const struct work *work)
{
    NTA_AUTO_FD int fd = memfd_create("nta-sha256", MFD_CLOEXEC);
    struct nta_http_ask ask;
    struct nta_http_answer answer;
    static char text[CHECKSUM_MAX + 1];
    char is[NTA_HEX_SIZE(32)], should_be[NTA_HEX_SIZE(32)];
    uint8_t wanted[32];

    if (!work->list->sha256_url)
        return 0;
    ask = ask_for(work, work->list->sha256_url);
    ask.max_bytes = CHECKSUM_MAX;
    if (fd < 0)
        return nta_err_sys(work->err, -errno, "memory");
    int r = nta_http_get(&ask, fd, &answer, work->err);

    if (r < 0)
        return nta_err_prefix(work->err, r, "its SHA-256");
    ssize_t n = pread(fd, text, CHECKSUM_MAX, 0);

    text[n > 0 ? n : 0] = '\0';
    if (!nta_checksum_find(text, work->list->url, wanted))
        return nta_err_set(work->err, -EBADMSG, "sha256_url gives no SHA-256 of it");
    if (memcmp(wanted, work->now.file_sha256, 32) == 0)
        return 0;
    return nta_err_set(work->err, -EBADMSG, "its SHA-256 is %s, and should be %s",
                       nta_hex_text(work->now.file_sha256, 32, is),
                       nta_hex_text(wanted, 32, should_be));
}

/* ---- lists ---- */

/** Read one list alone, as ntad does. */
static int build(const struct work *work, const char *path, struct nta_blacklist **ret_set,
                 struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_list_source source =
        nta_policy_list_source(work->fetch->config, work->fetch->number);
    int r = nta_blacklist_builder_new(&builder, err);

    source.path = path;
    source.name = work->name;
    if (r == 0)
        r = nta_blacklist_builder_add(builder, &source, NULL, err);
    return r < 0 ? r : nta_blacklist_builder_build(builder, ret_set, err);
}

/** Would ntad take it, and has it lost no more entries than it may? */
static int check_list(struct work *work)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *old = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *new = NULL;
    struct nta_err unused;
    int r = build(work, work->temporary, &new, work->err);

    if (r < 0)
        return nta_err_prefix(work->err, r, "it would be refused");
    const struct nta_list_report *now = nta_blacklist_get_list(new, 0);

    work->entries = nta_list_report_entries(now) - now->n_duplicates;
    if (build(work, work->list->path, &old, &unused) < 0)
        return 0; /* there is none yet, or none that is any good */
    const struct nta_list_report *then = nta_blacklist_get_list(old, 0);

    return nta_policy_check_shrinking(now, nta_list_report_entries(then), then->sha256,
                                      work->fetch->config->blacklist.shrink_limit, work->err);
}

/* ---- geo databases ---- */

static int check_geo(const struct work *work)
{
    NTA_AUTO(nta_geo_free) struct nta_geo *geo = NULL;
    const char *path = work->temporary;

    return nta_geo_open(&path, 1, NULL, &geo, work->err);
}

/** An unnamed file beside the one that is being written; negative errno. */
static int open_unnamed(const struct work *work)
{
    char path[PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "%s-XXXXXX", work->temporary);
    int fd = n > 0 && (size_t)n < sizeof(path) ? mkostemp(path, O_CLOEXEC) : -1;

    if (fd < 0)
        return -errno;
    (void)unlink(path);
    return fd;
}

/** Fetch it, unpack it if it is packed. */
static int get_geo(struct work *work)
{
    NTA_AUTO_FD int fd = open_unnamed(work);

    if (fd < 0)
        return nta_err_sys(work->err, fd, "cannot be written in its folder");
    int r = get_body(work, fd);

    if (r == 0)
        r = check_published(work);
    return r ? r
             : nta_gunzip(fd, work->file.fd, work->fetch->config->blacklist.unpack_limit,
                          work->err);
}

static int get_list(struct work *work)
{
    int r = get_body(work, work->file.fd);

    return r ? r : check_published(work);
}

/* ---- in its place ---- */

static int keep_state(const struct work *work, const struct nta_fetch_state *state)
{
    int r = work->fetch->dry_run ? 0 : nta_fetch_state_write(work->list->path, state);

    return r < 0 ? nta_err_sys(work->err, r, "what is known of it cannot be kept") : 0;
}

/** It is good: put it there, unless it is there. */
static int commit(struct work *work, enum nta_fetched *ret_fetched)
{
    int r = nta_fetch_hash_fd(work->file.fd, work->now.kept_sha256);

    if (r < 0)
        return nta_err_sys(work->err, r, "cannot be read back");
    *ret_fetched = NTA_FETCHED_CHANGED;
    if (work->has_before && memcmp(work->before.kept_sha256, work->now.kept_sha256, 32) == 0)
        *ret_fetched = NTA_FETCHED_SAME;
    else if (!work->fetch->dry_run)
        r = nta_newfile_commit(&work->file, true);
    return r < 0 ? nta_err_sys(work->err, r, "cannot be put in its place")
                 : keep_state(work, &work->now);
}

static void drop_work(struct work *work)
{
    nta_newfile_drop(&work->file);
}

int nta_fetch_file(const struct nta_fetch *fetch, enum nta_fetched *ret_fetched,
                   uint64_t *ret_entries, struct nta_err *err)
{
    NTA_AUTO(drop_work)
    struct work work = {
        .fetch = fetch, .list = nta_fetch_list(fetch), .file = NTA_NEWFILE_NONE, .err = err};
    int r = begin(&work);

    if (r < 0)
        return r;
    recall(&work);
    r = fetch->is_geo ? get_geo(&work) : get_list(&work);
    if (r == 1) {
        *ret_fetched = NTA_FETCHED_SAME;
        return keep_state(&work, &work.before);
    }
    if (r == 0)
        r = fetch->is_geo ? check_geo(&work) : check_list(&work);
    *ret_entries = work.entries;
    return r < 0 ? r : commit(&work, ret_fetched);
}
