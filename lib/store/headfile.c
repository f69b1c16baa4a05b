/* SPDX-License-Identifier: Apache-2.0 */
#include "store/headfile.h"

#include "base/file/newfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "store/lock.h"
#include "vault/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

enum
{
    FILE_MODE = 0640,
    TEXT_SIZE = 8192, ///< The longest frontier has 4,096 digits.
    SHOWN_SIZE = 300
};

static int get_path(const char *store_path, char path[PATH_MAX], char shown[SHOWN_SIZE],
                    struct nta_err *err)
{
    int r = nta_store_beside(store_path, ".state", path, PATH_MAX);

    if (r < 0)
        return nta_err_sys(err, r, "chain state");
    (void)nta_text_escape_to(shown, SHOWN_SIZE, nta_span_of(path));
    return 0;
}

/* ---- lines ---- */

static bool take_hex(struct nta_span *text, const char *name, uint8_t *bytes, size_t size,
                     size_t *ret_len)
{
    struct nta_span value;

    return nta_checkpoint_take_line(text, name, &value) &&
           nta_checkpoint_hex(value, bytes, size, ret_len);
}

static bool take_exact(struct nta_span *text, const char *name, uint8_t *bytes, size_t size)
{
    size_t len = 0;

    return take_hex(text, name, bytes, size, &len) && len == size;
}

static bool take_number(struct nta_span *text, const char *name, uint64_t *ret_number)
{
    struct nta_span value;

    return nta_checkpoint_take_line(text, name, &value) && nta_checkpoint_number(value, ret_number);
}

/** The tree over the links of 1 to the place's number. */
static bool get_tree(const struct nta_store_place *place, struct nta_log_tree *ret_tree)
{
    if (place->head.number == 0 ||
        !nta_log_from_frontier(place->head.number - 1,
                               (struct nta_span){place->frontier, place->n_frontier}, ret_tree))
        return false;
    nta_log_add(ret_tree, place->head.hash);
    return true;
}

/** What a checkpoint that holds says: true if it is of our form, and its tree that of its lines. */
static bool parse(const struct nta_checkpoint *checkpoint, struct nta_headfile *ret_file)
{
    struct nta_headfile file = {.acked = 0};
    struct nta_store_place *place = &file.place;
    struct nta_span text = checkpoint->extra;
    struct nta_log_tree tree;
    uint8_t root[NTA_HASH_LEN];

    place->head.number = checkpoint->n;
    if (!take_exact(&text, "link ", place->head.hash, sizeof(place->head.hash)) ||
        !take_exact(&text, "signing ", file.signing, sizeof(file.signing)) ||
        !take_hex(&text, "frontier ", place->frontier, sizeof(place->frontier),
                  &place->n_frontier) ||
        !take_number(&text, "acknowledged ", &file.acked) ||
        !take_number(&text, "kept ", &file.kept) || text.len > 0 || !get_tree(place, &tree))
        return false;
    nta_log_root(&tree, root);
    if (memcmp(root, checkpoint->root, sizeof(root)) != 0)
        return false;
    *ret_file = file;
    return true;
}

/* ---- the file ---- */

/** Read the file of the store, whoever wrote it. */
static int read_text(const char *store_path, char text[TEXT_SIZE], struct nta_span *ret_note,
                     char shown[SHOWN_SIZE], struct nta_err *err)
{
    char path[PATH_MAX];
    int r = get_path(store_path, path, shown, err);

    if (r < 0)
        return r;
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    ssize_t n = read(fd, text, TEXT_SIZE);

    if (n < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    *ret_note = (struct nta_span){(const uint8_t *)text, (size_t)n};
    return 0;
}

int nta_headfile_read(const char *store_path, const struct nta_sealer *sealer,
                      struct nta_headfile *ret_file, struct nta_err *err)
{
    char text[TEXT_SIZE], shown[SHOWN_SIZE];
    struct nta_checkpoint checkpoint;
    struct nta_span note = {.len = 0};
    int r = read_text(store_path, text, &note, shown, err);

    if (r < 0)
        return r;
    if (!nta_sealer_read_checkpoint(sealer, note, &checkpoint) || !parse(&checkpoint, ret_file))
        return nta_err_set(err, -EBADMSG, "%s is not what this sensor wrote", shown);
    return 0;
}

/** The sensor that the first line names. */
static bool get_sensor(struct nta_span note, uint8_t ret_sensor[NTA_SENSOR_ID_LEN])
{
    return take_exact(&note, NTA_LOG_NAME, ret_sensor, NTA_SENSOR_ID_LEN);
}

static bool see(struct nta_span note, nta_headfile_key_fn *find_key, const void *owner,
                struct nta_headfile_seen *ret_seen)
{
    struct nta_headfile_seen seen = {.sensor = {0}};
    struct nta_checkpoint checkpoint;
    const uint8_t *key = get_sensor(note, seen.sensor) ? find_key(owner, seen.sensor) : NULL;

    if (!key || !nta_checkpoint_read(note, key, &checkpoint) ||
        memcmp(checkpoint.sensor, seen.sensor, sizeof(seen.sensor)) != 0 ||
        !parse(&checkpoint, &seen.file))
        return false;
    memcpy(seen.root, checkpoint.root, sizeof(seen.root));
    *ret_seen = seen;
    return true;
}

int nta_headfile_check(const char *store_path, nta_headfile_key_fn *find_key, const void *owner,
                       struct nta_headfile_seen *ret_seen, struct nta_err *err)
{
    char text[TEXT_SIZE], shown[SHOWN_SIZE];
    struct nta_span note = {.len = 0};
    int r = read_text(store_path, text, &note, shown, err);

    if (r == 0 && !see(note, find_key, owner, ret_seen))
        r = nta_err_set(err, -EBADMSG, "%s is not what a trusted sensor wrote", shown);
    return r;
}

int nta_headfile_copy(const char *store_path, struct nta_buf *text, struct nta_err *err)
{
    char bytes[TEXT_SIZE], shown[SHOWN_SIZE];
    struct nta_span note = {.len = 0};
    int r = read_text(store_path, bytes, &note, shown, err);

    if (r == 0)
        nta_buf_put(text, note.ptr, note.len);
    return r == 0 && text->failed ? nta_err_sys(err, -ENOMEM, "%s", shown) : r;
}

int nta_headfile_paste(const char *store_path, struct nta_span text, nta_headfile_key_fn *find_key,
                       const void *owner, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile out = NTA_NEWFILE_NONE;
    char path[PATH_MAX], shown[SHOWN_SIZE];
    struct nta_headfile_seen seen;
    int r = get_path(store_path, path, shown, err);

    if (r < 0)
        return r;
    if (!see(text, find_key, owner, &seen))
        return nta_err_set(err, -EBADMSG, "the state of the chain is no trusted sensor's");
    r = nta_newfile_open(&out, path, FILE_MODE);
    if (r == 0) {
        nta_store_own_as_folder(path, out.fd);
        r = nta_write_all(out.fd, text.ptr, text.len);
    }
    if (r == 0)
        r = nta_newfile_commit(&out, false);
    return r < 0 ? nta_err_sys(err, r, "%s", shown) : 0;
}

/** Append the lines that the checkpoint carries. */
static void put_lines(struct nta_buf *out, const struct nta_headfile *file)
{
    const struct nta_store_place *place = &file->place;

    nta_buf_puts(out, "link ");
    nta_buf_put_hex(out, place->head.hash, sizeof(place->head.hash));
    nta_buf_puts(out, "\nsigning ");
    nta_buf_put_hex(out, file->signing, sizeof(file->signing));
    nta_buf_puts(out, "\nfrontier ");
    nta_buf_put_hex(out, place->frontier, place->n_frontier);
    nta_buf_printf(out, "\nacknowledged %" PRIu64 "\nkept %" PRIu64 "\n", file->acked, file->kept);
}

int nta_headfile_write(const char *store_path, const struct nta_sealer *sealer,
                       const struct nta_headfile *file, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile out = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_buf_done) struct nta_buf lines = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char path[PATH_MAX], shown[SHOWN_SIZE];
    struct nta_log_tree tree;
    int r = get_path(store_path, path, shown, err);

    if (r < 0)
        return r;
    put_lines(&lines, file);
    if (lines.failed)
        r = -ENOMEM;
    else
        r = get_tree(&file->place, &tree)
                ? nta_sealer_put_checkpoint(sealer, &tree, nta_buf_span(&lines), &text)
                : -EINVAL;
    if (r == 0)
        r = text.failed ? -ENOMEM : nta_newfile_open(&out, path, FILE_MODE);
    if (r == 0) {
        nta_store_own_as_folder(path, out.fd);
        r = nta_write_all(out.fd, text.ptr, text.len);
    }
    if (r == 0)
        r = nta_newfile_commit(&out, true);
    return r < 0 ? nta_err_sys(err, r, "%s cannot be written", shown) : 0;
}
