/* SPDX-License-Identifier: Apache-2.0 */
#include "search/remember/remember.h"

#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum
{
    TRIES = 200,       ///< A second, until the file that another one writes is given up.
    PAUSE_NS = 5000000 ///< Between two of them.
};

/* ---- where ---- */

/** The folder.  False: nobody says where. */
static bool find_folder(char folder[PATH_MAX])
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment */
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    /* NOLINTEND(concurrency-mt-unsafe) */
    int n = state && *state == '/' ? snprintf(folder, PATH_MAX, "%s/nta", state)
            : home && *home == '/' ? snprintf(folder, PATH_MAX, "%s/.local/state/nta", home)
                                   : -1;

    return n > 0 && n < PATH_MAX;
}

static bool find_file(const char *name, char path[PATH_MAX])
{
    char folder[PATH_MAX];

    if (!find_folder(folder))
        return false;
    const int n = snprintf(path, PATH_MAX, "%s/%s", folder, name);

    return n > 0 && n < PATH_MAX;
}

/** Each folder of a path that is not there yet, for this user alone. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        const bool is_there = mkdir(path, 0700) == 0 || errno == EEXIST;

        *slash = '/';
        if (!is_there)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* ---- a head in a line ---- */

bool nta_remember_of(const struct nta_chain_sensor *sensor, struct nta_remembered *ret_head)
{
    if (!sensor->has_root || sensor->last == 0 || sensor->whole_to != sensor->last)
        return false;
    ret_head->number = sensor->last;
    memcpy(ret_head->sensor, sensor->trusted->sensor, sizeof(ret_head->sensor));
    memcpy(ret_head->link, sensor->head, sizeof(ret_head->link));
    memcpy(ret_head->root, sensor->root, sizeof(ret_head->root));
    return true;
}

void nta_remember_put(struct nta_buf *out, const struct nta_remembered *head)
{
    nta_buf_put_hex(out, head->sensor, sizeof(head->sensor));
    nta_buf_printf(out, ": batch %" PRIu64 ", ", head->number);
    nta_buf_put_hex(out, head->link, sizeof(head->link));
    nta_buf_puts(out, ", tree ");
    nta_buf_put_hex(out, head->root, sizeof(head->root));
}

bool nta_remember_take_word(const char **pos, const char *word)
{
    const size_t len = strlen(word);

    if (strncmp(*pos, word, len) != 0)
        return false;
    *pos += len;
    return true;
}

static bool take_hex(const char **pos, size_t len, uint8_t *ret_bytes)
{
    if (!nta_hex_parse(*pos, len, ret_bytes))
        return false;
    *pos += 2 * len;
    return true;
}

bool nta_remember_take_number(const char **pos, uint64_t *ret_number)
{
    char *end = NULL;

    if (**pos < '1' || **pos > '9')
        return false;
    errno = 0;
    *ret_number = strtoull(*pos, &end, 10);
    *pos = end;
    return errno == 0;
}

bool nta_remember_take(const char **pos, struct nta_remembered *ret_head)
{
    return take_hex(pos, sizeof(ret_head->sensor), ret_head->sensor) &&
           nta_remember_take_word(pos, ": batch ") &&
           nta_remember_take_number(pos, &ret_head->number) && nta_remember_take_word(pos, ", ") &&
           take_hex(pos, sizeof(ret_head->link), ret_head->link) &&
           nta_remember_take_word(pos, ", tree ") &&
           take_hex(pos, sizeof(ret_head->root), ret_head->root);
}

/* ---- files ---- */

/** Of this user's or root's, and nobody else may write to it. */
static bool is_ours(const struct stat *st)
{
    return (st->st_uid == 0 || st->st_uid == geteuid()) && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/** So are the file and its folder. */
static bool are_ours(FILE *file)
{
    char folder[PATH_MAX];
    struct stat st;

    return fstat(fileno(file), &st) == 0 && is_ours(&st) && find_folder(folder) &&
           stat(folder, &st) == 0 && is_ours(&st);
}

struct nta_remember_mark nta_remember_mark(const char *name)
{
    char path[PATH_MAX];
    struct stat st;

    if (!find_file(name, path) || lstat(path, &st) < 0)
        return (struct nta_remember_mark){.ino = 0};
    return (struct nta_remember_mark){.dev = st.st_dev,
                                      .ino = st.st_ino,
                                      .changed_ns =
                                          st.st_ctim.tv_sec * NTA_NS_PER_S + st.st_ctim.tv_nsec};
}

int nta_remember_read(const char *name, size_t n_max, nta_remember_line_fn *each, void *owner)
{
    char path[PATH_MAX], line[NTA_REMEMBER_LINE_SIZE];
    struct nta_err ignored;
    size_t n = 0;
    int r = 0;

    if (!find_file(name, path))
        return -ENOENT;
    NTA_AUTO_FILE FILE *file =
        nta_plainfile_stream(path, n_max * sizeof(line), NTA_PLAIN_NO_LINK, &r, &ignored);

    if (!file)
        return r == -ENOTDIR ? -ENOENT : r;
    if (!are_ours(file))
        return -EKEYREJECTED;
    while (fgets(line, sizeof(line), file))
        if (n++ == n_max || !each(owner, line))
            return -EBADMSG;
    return ferror(file) ? -EIO : 0;
}

/** A file that may not be read is not one that is not there. */
void nta_remember_tell(const char *name, const char *what, int why, struct nta_findings *findings)
{
    const bool is_closed = why == -EACCES || why == -EPERM;
    const struct nta_finding_at nowhere = {.number = 0};
    char path[PATH_MAX], text[NTA_FINDING_TEXT_SIZE];

    if (!find_file(name, path))
        path[0] = '\0';
    (void)snprintf(text, sizeof(text), "%.100s, the file of %s, %s", path, what,
                   is_closed              ? "may not be read by this user"
                   : why == -EKEYREJECTED ? "or its folder can be changed by others: it counts for "
                                            "nothing until that is mended"
                                          : "is not as nta wrote it");
    nta_findings_add(findings, is_closed ? NTA_FINDING_UNSEEN : NTA_FINDING_SEEN, &nowhere, text);
}

/** Who holds it is done in a moment. */
bool nta_remember_begin(const char *name, struct nta_newfile *ret_file)
{
    char folder[PATH_MAX], path[PATH_MAX];
    int r = -EBUSY;

    if (!find_folder(folder) || !find_file(name, path) || !make_folders(folder))
        return false;
    for (unsigned i = 0; i < TRIES && r == -EBUSY; i++) {
        if (i > 0)
            (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        r = nta_newfile_open(ret_file, path, 0600);
    }
    return r == 0;
}

void nta_remember_write(struct nta_newfile *file, const struct nta_buf *text)
{
    if (!text->failed && nta_write_all(file->fd, text->ptr, text->len) == 0)
        (void)nta_newfile_commit(file, true);
}
