/* SPDX-License-Identifier: Apache-2.0 */
#include "search/seen.h"

#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define BEFORE_SENSOR "chain head of sensor "

enum
{
    LINE_SIZE = 512,
    FILE_MAX = NTA_SEEN_MAX * LINE_SIZE,
    TRIES = 200,       ///< A second, until the file that another one writes is given up.
    PAUSE_NS = 5000000 ///< Between two of them.
};

struct seen_head
{
    uint8_t sensor[NTA_SENSOR_ID_LEN], link[NTA_HASH_LEN], root[NTA_HASH_LEN];
    uint64_t number;
};

struct seen
{
    struct seen_head *all; ///< Owned; space for NTA_SEEN_MAX.
    size_t n;
};

static void seen_done(struct seen *seen)
{
    free(seen->all);
}

/* ---- where ---- */

/** The folder, and the one that it lies in.  False: nobody says where. */
static bool find_folder(char base[PATH_MAX], char folder[PATH_MAX])
{
    /* NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment */
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    /* NOLINTEND(concurrency-mt-unsafe) */
    int n = state && *state == '/' ? snprintf(base, PATH_MAX, "%s", state)
            : home && *home == '/' ? snprintf(base, PATH_MAX, "%s/.local/state", home)
                                   : -1;

    if (n <= 0 || n >= PATH_MAX)
        return false;
    n = snprintf(folder, PATH_MAX, "%s/nta", base);
    return n > 0 && n < PATH_MAX;
}

static bool find_file(char path[PATH_MAX])
{
    char base[PATH_MAX], folder[PATH_MAX];
    int n;

    if (!find_folder(base, folder))
        return false;
    n = snprintf(path, PATH_MAX, "%s/heads", folder);
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

/* ---- reading ---- */

static bool take_word(const char **pos, const char *word)
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

static bool take_number(const char **pos, uint64_t *ret_number)
{
    char *end = NULL;

    if (**pos < '1' || **pos > '9')
        return false;
    errno = 0;
    *ret_number = strtoull(*pos, &end, 10);
    *pos = end;
    return errno == 0;
}

static bool take_line(const char *pos, struct seen_head *ret_head)
{
    return take_word(&pos, BEFORE_SENSOR) &&
           take_hex(&pos, sizeof(ret_head->sensor), ret_head->sensor) &&
           take_word(&pos, ": batch ") && take_number(&pos, &ret_head->number) &&
           take_word(&pos, ", ") && take_hex(&pos, sizeof(ret_head->link), ret_head->link) &&
           take_word(&pos, ", tree ") && take_hex(&pos, sizeof(ret_head->root), ret_head->root) &&
           strcmp(pos, "\n") == 0;
}

/** 0; -ENOENT: there is none; -EBADMSG: not of its form; or negative errno. */
static int read_file(struct seen *seen)
{
    char path[PATH_MAX], line[LINE_SIZE];
    struct nta_err ignored;
    int r = 0;

    seen->all = calloc(NTA_SEEN_MAX, sizeof(*seen->all));
    if (!seen->all)
        return -ENOMEM;
    if (!find_file(path))
        return -ENOENT;
    NTA_AUTO_FILE FILE *file =
        nta_plainfile_stream(path, FILE_MAX, NTA_PLAIN_NO_LINK, &r, &ignored);

    if (!file)
        return r == -ENOTDIR ? -ENOENT : r;
    while (fgets(line, sizeof(line), file)) {
        if (seen->n == NTA_SEEN_MAX || !take_line(line, &seen->all[seen->n]))
            return -EBADMSG;
        seen->n++;
    }
    return ferror(file) ? -EIO : 0;
}

/** A file that may not be read is not one that is not there. */
static void tell_unread(int why, struct nta_findings *findings)
{
    const bool is_closed = why == -EACCES || why == -EPERM;
    const struct nta_finding_at nowhere = {.number = 0};
    char path[PATH_MAX], text[NTA_FINDING_TEXT_SIZE];

    if (!find_file(path))
        path[0] = '\0';
    (void)snprintf(text, sizeof(text), "%.100s, the file of heads that nta has seen, %s", path,
                   is_closed ? "may not be read by this user" : "is not as nta wrote it");
    nta_findings_add(findings, is_closed ? NTA_FINDING_UNSEEN : NTA_FINDING_SEEN, &nowhere, text);
}

int nta_seen_expect(const struct nta_trust *trust, struct nta_chain *chain,
                    struct nta_findings *findings)
{
    NTA_AUTO(seen_done) struct seen seen = {.n = 0};
    int r = read_file(&seen);

    if (r == -ENOMEM)
        return r;
    if (r < 0 && r != -ENOENT)
        tell_unread(r, findings);
    for (size_t i = 0; i < seen.n; i++) {
        const struct seen_head *head = &seen.all[i];
        const struct nta_expected expected = {head->number, head->link, head->root};

        if (nta_trust_find(trust, head->sensor) &&
            nta_chain_expect(chain, NTA_FINDING_SEEN, head->sensor, &expected) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- writing ---- */

/**
 * The place of a sensor, a new one if it has none; NULL: there is no more space.  They are asked
 * for in the order in which they were written, mostly: `*next` is where the last one was found.
 */
static struct seen_head *place_of(struct seen *seen, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  size_t *next)
{
    for (size_t i = 0; i < seen->n; i++) {
        const size_t at = (*next + i) % seen->n;

        if (memcmp(seen->all[at].sensor, sensor, NTA_SENSOR_ID_LEN) != 0)
            continue;
        *next = at + 1;
        return &seen->all[at];
    }
    if (seen->n == NTA_SEEN_MAX)
        return NULL;
    memcpy(seen->all[seen->n].sensor, sensor, NTA_SENSOR_ID_LEN);
    return &seen->all[seen->n++];
}

/** The head of a chain that is whole and whose tree is known.  False: it is neither. */
static bool take_head(const struct nta_chain_sensor *sensor, struct seen_head *ret_head)
{
    if (!sensor->has_root || sensor->last == 0 || sensor->whole_to != sensor->last)
        return false;
    ret_head->number = sensor->last;
    memcpy(ret_head->sensor, sensor->trusted->sensor, sizeof(ret_head->sensor));
    memcpy(ret_head->link, sensor->head, sizeof(ret_head->link));
    memcpy(ret_head->root, sensor->root, sizeof(ret_head->root));
    return true;
}

/** Take in what is newer.  True: something is. */
static bool take_heads(struct seen *seen, const struct nta_chain *chain)
{
    struct nta_chain_sensor sensor;
    size_t next = 0;
    bool is_new = false;

    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++) {
        struct seen_head new;

        if (!take_head(&sensor, &new))
            continue;
        struct seen_head *head = place_of(seen, new.sensor, &next);

        if (!head || head->number >= new.number)
            continue;
        *head = new;
        is_new = true;
    }
    return is_new;
}

static void put_head(struct nta_buf *out, const struct seen_head *head)
{
    nta_buf_puts(out, BEFORE_SENSOR);
    nta_buf_put_hex(out, head->sensor, sizeof(head->sensor));
    nta_buf_printf(out, ": batch %" PRIu64 ", ", head->number);
    nta_buf_put_hex(out, head->link, sizeof(head->link));
    nta_buf_puts(out, ", tree ");
    nta_buf_put_hex(out, head->root, sizeof(head->root));
    nta_buf_puts(out, "\n");
}

static void put_heads(struct nta_buf *out, const struct seen *seen)
{
    for (size_t i = 0; i < seen->n; i++) {
        if (seen->all[i].number)
            put_head(out, &seen->all[i]);
    }
}

void nta_seen_put(struct nta_buf *out, const struct nta_chain *chain)
{
    struct nta_chain_sensor sensor;
    struct seen_head head;

    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++) {
        if (take_head(&sensor, &head))
            put_head(out, &head);
    }
}

/** Begin the new file, which is the lock, too; who holds it is done in a moment. */
static bool begin_file(struct nta_newfile *file)
{
    char base[PATH_MAX], folder[PATH_MAX], path[PATH_MAX];
    int r = -EBUSY;

    if (!find_folder(base, folder) || !find_file(path) || !make_folders(folder))
        return false;
    for (unsigned i = 0; i < TRIES && r == -EBUSY; i++) {
        if (i > 0)
            (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        r = nta_newfile_open(file, path, 0600);
    }
    return r == 0;
}

static void write_file(const struct seen *seen, struct nta_newfile *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    put_heads(&text, seen);
    if (!text.failed && nta_write_all(file->fd, text.ptr, text.len) == 0)
        (void)nta_newfile_commit(file, true);
}

void nta_seen_keep(const struct nta_chain *chain)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(seen_done) struct seen seen = {.n = 0};

    if (!begin_file(&file))
        return;
    const int r = read_file(&seen); /* what another one wrote before is in it */

    if ((r == 0 || r == -ENOENT) && take_heads(&seen, chain))
        write_file(&seen, &file);
}
