/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/unadopted.h"

#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "store/lock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "signing.unadopted"

enum
{
    FILE_MODE = 0600,
    TEXT_SIZE = 32,
    PATH_SIZE = 4096
};

static bool get_path(const char *state_dir, char path[PATH_SIZE])
{
    int len = snprintf(path, PATH_SIZE, "%s/" NAME, state_dir);

    return len > 0 && len < PATH_SIZE;
}

uint64_t nta_unadopted_read(const char *state_dir)
{
    char path[PATH_SIZE], text[TEXT_SIZE] = "", *end;
    struct nta_err ignored;

    if (!get_path(state_dir, path))
        return 0;
    NTA_AUTO_FD int fd = nta_plainfile_open(path, TEXT_SIZE, NTA_PLAIN_NO_LINK, &ignored);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (n <= 0 || text[0] < '1' || text[0] > '9')
        return 0;
    errno = 0;
    uint64_t from = strtoull(text, &end, 10);

    return errno == 0 && *end == '\n' ? from : 0;
}

int nta_unadopted_write(const char *state_dir, uint64_t from, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    char path[PATH_SIZE], text[TEXT_SIZE];

    if (!get_path(state_dir, path))
        return nta_err_sys(err, -ENAMETOOLONG, "state folder");
    if (from == 0)
        return unlink(path) < 0 && errno != ENOENT ? nta_err_sys(err, -errno, "%.300s", path) : 0;
    int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", from);
    int r = nta_newfile_open(&file, path, FILE_MODE);

    if (r == 0) {
        nta_store_own_as_folder(path, file.fd);
        r = nta_write_all(file.fd, text, (size_t)len);
    }
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}
