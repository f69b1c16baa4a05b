/* SPDX-License-Identifier: Apache-2.0 */
#include "output/fresh.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum
{
    MODE = 0600
};

/** A device or a pipe, also behind a link as /dev/stdout is one. */
static bool is_special(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/** A link is replaced, never followed: where it leads to is nobody's wish who said the name. */
static int open_whole(struct nta_fresh_file *fresh)
{
    int r = nta_newfile_open(&fresh->whole, fresh->path, MODE);
    int fd = r < 0 ? -1 : fcntl(fresh->whole.fd, F_DUPFD_CLOEXEC, 0);

    if (r < 0)
        return r;
    fresh->file = fd < 0 ? NULL : fdopen(fd, "w");
    if (fresh->file)
        return 0;
    r = -errno;
    nta_own_close(&fd);
    nta_newfile_drop(&fresh->whole);
    return r;
}

int nta_fresh_open(struct nta_fresh_file *fresh, const char *path, struct nta_err *err)
{
    int r = 0;

    *fresh = (struct nta_fresh_file){.path = path, .whole = NTA_NEWFILE_NONE};
    if (is_special(path)) {
        fresh->file = fopen(path, "we");
        r = fresh->file ? 0 : -errno;
    } else {
        r = open_whole(fresh);
    }
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}

int nta_fresh_commit(struct nta_fresh_file *fresh, bool replaces, struct nta_err *err)
{
    FILE *file = NTA_TAKE(fresh->file);
    int r = fflush(file) != 0 || ferror(file) ? -errno : 0;

    if (fclose(file) != 0 && r == 0)
        r = -errno;
    if (r == 0 && fresh->whole.fd >= 0)
        r = nta_newfile_commit(&fresh->whole, replaces);
    if (r == 0)
        return 0;
    nta_newfile_drop(&fresh->whole);
    return nta_err_sys(err, r, "%.300s", fresh->path);
}

void nta_fresh_drop(struct nta_fresh_file *fresh)
{
    nta_own_fclose(&fresh->file);
    nta_newfile_drop(&fresh->whole);
}
