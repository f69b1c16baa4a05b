/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/unadopted.h"

#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "store/lock.h"
#include "store/walk.h"
#include "vault/vault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "signing.unadopted"
#define WORD "unadopted "

enum
{
    FILE_MODE = 0600,
    TEXT_SIZE = 4096, ///< A checkpoint, and its lines.
    PATH_SIZE = 4096
};

static int get_path(const char *state_dir, char path[PATH_SIZE], struct nta_err *err)
{
    int len = snprintf(path, PATH_SIZE, "%s/" NAME, state_dir);

    return len > 0 && len < PATH_SIZE ? 0 : nta_err_sys(err, -ENAMETOOLONG, "state folder");
}

/* ---- lines ---- */

static void put_line(const struct nta_unadopted *unadopted, size_t i, struct nta_buf *out)
{
    nta_buf_printf(out, WORD "%" PRIu64 " ", unadopted->keys[i].from);
    nta_buf_put_hex(out, unadopted->keys[i].key, NTA_KEY_LEN);
    nta_buf_puts(out, "\n");
}

/** Take a line off the text. */
static bool parse_line(struct nta_unadopted *unadopted, struct nta_span *text)
{
    const size_t i = unadopted->n;
    struct nta_span value;
    size_t len;

    if (i == NTA_UNADOPTED_MAX || !nta_checkpoint_take_line(text, WORD, &value))
        return false;
    const struct nta_span from = nta_span_take(&value, ' ');

    if (!nta_checkpoint_number(from, &unadopted->keys[i].from) ||
        !nta_checkpoint_hex(value, unadopted->keys[i].key, NTA_KEY_LEN, &len) ||
        len != NTA_KEY_LEN || unadopted->keys[i].from <= (i > 0 ? unadopted->keys[i - 1].from : 1))
        return false;
    unadopted->n++;
    return true;
}

static bool parse(const struct nta_checkpoint *checkpoint, struct nta_unadopted *ret_unadopted)
{
    struct nta_unadopted unadopted = {.n = 0};
    struct nta_span text = checkpoint->extra;

    while (text.len > 0)
        if (!parse_line(&unadopted, &text))
            return false;
    if (unadopted.n == 0 || unadopted.keys[unadopted.n - 1].from > checkpoint->n + 1)
        return false;
    *ret_unadopted = unadopted;
    return true;
}

/* ---- the file ---- */

int nta_unadopted_read(const char *state_dir, const struct nta_sensor_public *sensor,
                       struct nta_unadopted *ret_unadopted, struct nta_err *err)
{
    char path[PATH_SIZE], text[TEXT_SIZE];
    struct nta_checkpoint checkpoint;
    int r = get_path(state_dir, path, err);

    *ret_unadopted = (struct nta_unadopted){.n = 0};
    if (r < 0)
        return r;
    NTA_AUTO_FD int fd = nta_plainfile_open(path, TEXT_SIZE, NTA_PLAIN_NO_LINK, err);

    if (fd < 0)
        return fd;
    const ssize_t n = read(fd, text, sizeof(text));

    if (n < 0)
        return nta_err_sys(err, -errno, "%.300s", path);
    const struct nta_span note = {.ptr = (const uint8_t *)text, .len = (size_t)n};

    if (!nta_checkpoint_read(note, sensor->checkpoint_key, &checkpoint) ||
        memcmp(checkpoint.sensor, sensor->id, sizeof(sensor->id)) != 0 ||
        !parse(&checkpoint, ret_unadopted))
        return nta_err_set(err, -EBADMSG, "%.300s is not what this sensor wrote", path);
    return 0;
}

static int put_text(const struct nta_sealer *sealer, const struct nta_unadopted *unadopted,
                    struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf lines = {0};

    for (size_t i = 0; i < unadopted->n; i++)
        put_line(unadopted, i, &lines);
    if (lines.failed)
        return -ENOMEM;
    int r = nta_sealer_put_checkpoint(sealer, &nta_sealer_get_at(sealer)->log, nta_buf_span(&lines),
                                      out);

    return r == 0 && out->failed ? -ENOMEM : r;
}

int nta_unadopted_write(const char *state_dir, const struct nta_sealer *sealer,
                        const struct nta_unadopted *unadopted, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char path[PATH_SIZE];
    int r = get_path(state_dir, path, err);

    if (r < 0)
        return r;
    if (unadopted->n == 0)
        return unlink(path) < 0 && errno != ENOENT ? nta_err_sys(err, -errno, "%.300s", path) : 0;
    r = put_text(sealer, unadopted, &text);
    if (r == 0)
        r = nta_newfile_open(&file, path, FILE_MODE);
    if (r == 0) {
        nta_store_own_as_folder(path, file.fd);
        r = nta_write_all(file.fd, text.ptr, text.len);
    }
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}

/* ---- what it would prove ---- */

enum
{
    ENOUGH = 1 ///< A walk ends here.
};

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct nta_unadopted_range *range = owner;
    const uint64_t number = row->header.number;

    if (number > range->to)
        return ENOUGH;
    if (row->faults & (NTA_ROW_TYPE | NTA_ROW_HEADER | NTA_ROW_UNREAD))
        return 0;
    if (!nta_header_signed(&row->sealed, range->signing))
        return number != range->from
                   ? 0
                   : nta_err_set(err, -EBADMSG,
                                 "batch %" PRIu64 " of the store was signed by another key than "
                                 "the one that is to be adopted from it on",
                                 number);
    range->has_first |= number == range->from;
    range->n_proved++;
    if (row->header.has_next)
        memcpy(range->signing, row->header.next, NTA_KEY_LEN);
    return 0;
}

int nta_unadopted_measure(const struct nta_unadopted *unadopted, struct nta_store *store,
                          const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t last,
                          struct nta_unadopted_range *ret_range, struct nta_err *err)
{
    struct nta_unadopted_range range = {
        .from = unadopted->keys[0].from,
        .to = unadopted->n > 1 ? unadopted->keys[1].from - 1 : last,
    };
    const struct nta_store_query query = {
        .sensor = sensor, .from_number = range.from, .wants = nta_store_wants_none};

    memcpy(range.signing, unadopted->keys[0].key, NTA_KEY_LEN);
    int r = nta_store_each(store, &query, on_head, &range, err);

    *ret_range = range;
    return r < 0 ? r : 0;
}
