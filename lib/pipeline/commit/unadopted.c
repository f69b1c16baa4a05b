/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/unadopted.h"

#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "store/lock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME "signing.unadopted"

enum
{
    FILE_MODE = 0600,
    LINE_MAX_LEN = 20 + 1 + 2 * NTA_KEY_LEN + 1,
    TEXT_SIZE = NTA_UNADOPTED_MAX * LINE_MAX_LEN + 1,
    PATH_SIZE = 4096
};

static bool get_path(const char *state_dir, char path[PATH_SIZE])
{
    int len = snprintf(path, PATH_SIZE, "%s/" NAME, state_dir);

    return len > 0 && len < PATH_SIZE;
}

static bool parse_line(struct nta_unadopted *unadopted, const char **text)
{
    char *end;

    if (**text < '1' || **text > '9' || unadopted->n == NTA_UNADOPTED_MAX)
        return false;
    errno = 0;
    unadopted->keys[unadopted->n].from = strtoull(*text, &end, 10);
    if (errno || *end != ' ' ||
        !nta_hex_parse(end + 1, NTA_KEY_LEN, unadopted->keys[unadopted->n].key) ||
        end[1 + 2 * NTA_KEY_LEN] != '\n')
        return false;
    *text = end + 2 + (size_t)2 * NTA_KEY_LEN;
    unadopted->n++;
    return true;
}

void nta_unadopted_read(const char *state_dir, struct nta_unadopted *ret_unadopted)
{
    char path[PATH_SIZE], text[TEXT_SIZE] = "";
    const char *rest = text;
    struct nta_err ignored;

    *ret_unadopted = (struct nta_unadopted){.n = 0};
    if (!get_path(state_dir, path))
        return;
    NTA_AUTO_FD int fd = nta_plainfile_open(path, TEXT_SIZE, NTA_PLAIN_NO_LINK, &ignored);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    while (n > 0 && *rest && parse_line(ret_unadopted, &rest))
        ;
}

static void put_lines(const struct nta_unadopted *unadopted, struct nta_buf *out)
{
    for (size_t i = 0; i < unadopted->n; i++) {
        nta_buf_printf(out, "%" PRIu64 " ", unadopted->keys[i].from);
        nta_buf_put_hex(out, unadopted->keys[i].key, NTA_KEY_LEN);
        nta_buf_puts(out, "\n");
    }
}

int nta_unadopted_write(const char *state_dir, const struct nta_unadopted *unadopted,
                        struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char path[PATH_SIZE];

    if (!get_path(state_dir, path))
        return nta_err_sys(err, -ENAMETOOLONG, "state folder");
    if (unadopted->n == 0)
        return unlink(path) < 0 && errno != ENOENT ? nta_err_sys(err, -errno, "%.300s", path) : 0;
    put_lines(unadopted, &text);
    int r = text.failed ? -ENOMEM : nta_newfile_open(&file, path, FILE_MODE);

    if (r == 0) {
        nta_store_own_as_folder(path, file.fd);
        r = nta_write_all(file.fd, text.ptr, text.len);
    }
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}
