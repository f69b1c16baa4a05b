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

#define DOMAIN "NTA chain state v1"
#define MAGIC  "nta-state 1 "

enum
{
    FILE_MODE = 0640,
    TEXT_SIZE = 512,
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

/** Digits of `n` bytes and what stands behind them. */
static bool take_hex(const char **text, size_t n, uint8_t *ret_bytes, char behind)
{
    if (!nta_hex_parse(*text, n, ret_bytes) || (*text)[2 * n] != behind)
        return false;
    *text += 2 * n + 1;
    return true;
}

static bool take_number(const char **text, uint64_t *ret_number)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *ret_number = strtoull(*text, &end, 10);
    if (errno || *end != ' ')
        return false;
    *text = end + 1;
    return true;
}

/** A file taken apart; nothing of it is proved. */
struct line
{
    struct nta_headfile file;
    uint8_t sensor[NTA_SENSOR_ID_LEN], signature[NTA_SIGNATURE_LEN];
    struct nta_span message; ///< What is signed; borrows from the text.
};

static bool parse(const char *text, struct line *line)
{
    struct nta_headfile *file = &line->file;
    const char *pos = text;

    if (strncmp(pos, MAGIC, strlen(MAGIC)) != 0)
        return false;
    pos += strlen(MAGIC);
    if (!take_hex(&pos, sizeof(line->sensor), line->sensor, ' ') ||
        !take_number(&pos, &file->head.number) ||
        !take_hex(&pos, sizeof(file->head.hash), file->head.hash, ' ') ||
        !take_number(&pos, &file->acked) || !take_number(&pos, &file->kept))
        return false;
    line->message = (struct nta_span){(const uint8_t *)text, (size_t)(pos - text) - 1};
    return take_hex(&pos, sizeof(line->signature), line->signature, '\n') && *pos == '\0';
}

/** Read the file of the store, whoever wrote it. */
static int read_text(const char *store_path, char text[TEXT_SIZE], char shown[SHOWN_SIZE],
                     struct nta_err *err)
{
    char path[PATH_MAX];
    int r = get_path(store_path, path, shown, err);

    if (r < 0)
        return r;
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    ssize_t n = read(fd, text, TEXT_SIZE - 1);

    if (n < 0)
        return nta_err_sys(err, -errno, "%s", shown);
    text[n] = '\0';
    return 0;
}

int nta_headfile_read(const char *store_path, const struct nta_sealer *sealer,
                      struct nta_headfile *ret_file, struct nta_err *err)
{
    char text[TEXT_SIZE] = "", shown[SHOWN_SIZE];
    uint8_t own[NTA_SENSOR_ID_LEN];
    struct line line = {.message = {0}};
    int r = read_text(store_path, text, shown, err);

    if (r < 0)
        return r;
    nta_sealer_get_sensor(sealer, own);
    if (!parse(text, &line) || memcmp(line.sensor, own, sizeof(own)) != 0 ||
        !nta_sealer_signed(sealer, DOMAIN, line.message, line.signature))
        return nta_err_set(err, -EBADMSG, "%s is not what this sensor wrote", shown);
    *ret_file = line.file;
    return 0;
}

int nta_headfile_check(const char *store_path, nta_headfile_key_fn *find_key, const void *owner,
                       struct nta_err *err)
{
    char text[TEXT_SIZE] = "", shown[SHOWN_SIZE];
    struct line line = {.message = {0}};
    int r = read_text(store_path, text, shown, err);

    if (r < 0)
        return r;
    const uint8_t *key = parse(text, &line) ? find_key(owner, line.sensor) : NULL;

    if (!key || !nta_signed_by(key, DOMAIN, line.message, line.signature))
        return nta_err_set(err, -EBADMSG, "%s is not what a trusted sensor wrote", shown);
    return 0;
}

int nta_headfile_write(const char *store_path, const struct nta_sealer *sealer,
                       const struct nta_headfile *file, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile out = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char path[PATH_MAX], shown[SHOWN_SIZE];
    uint8_t sensor[NTA_SENSOR_ID_LEN], signature[NTA_SIGNATURE_LEN];
    int r = get_path(store_path, path, shown, err);

    if (r < 0)
        return r;
    nta_sealer_get_sensor(sealer, sensor);
    nta_buf_puts(&text, MAGIC);
    nta_buf_put_hex(&text, sensor, sizeof(sensor));
    nta_buf_printf(&text, " %" PRIu64 " ", file->head.number);
    nta_buf_put_hex(&text, file->head.hash, sizeof(file->head.hash));
    nta_buf_printf(&text, " %" PRIu64 " %" PRIu64, file->acked, file->kept);
    r = text.failed ? -ENOMEM : nta_sealer_sign(sealer, DOMAIN, nta_buf_span(&text), signature);
    nta_buf_puts(&text, " ");
    nta_buf_put_hex(&text, signature, sizeof(signature));
    nta_buf_puts(&text, "\n");
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
