/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/gunzip.h"

#include "base/file/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

enum
{
    CHUNK = 65536
};

/** What is no gzip is handed on as it is. */
static int copy(gzFile from, int to_fd, uint64_t max_bytes, struct nta_err *err)
{
    uint8_t chunk[CHUNK];
    uint64_t n_bytes = 0;
    int n = 0, r = 0;

    while (r == 0 && (n = gzread(from, chunk, sizeof(chunk))) > 0) {
        n_bytes += (uint64_t)n;
        if (n_bytes > max_bytes)
            return nta_err_set(err, -EFBIG,
                               "unpacks to more than %llu bytes (blacklist.unpack_limit)",
                               (unsigned long long)max_bytes);
        r = nta_write_all(to_fd, chunk, (size_t)n);
    }
    if (r < 0)
        return nta_err_sys(err, r, "cannot be written");
    return n < 0 ? nta_err_set(err, -EBADMSG, "its packing is broken") : 0;
}

int nta_gunzip(int from_fd, int to_fd, uint64_t max_bytes, struct nta_err *err)
{
    int fd = fcntl(from_fd, F_DUPFD_CLOEXEC, 0);

    if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
        return nta_err_sys(err, -errno, "cannot be read back");
    gzFile from = gzdopen(fd, "rb");

    if (!from) {
        (void)close(fd);
        return nta_err_sys(err, -ENOMEM, "unpacking");
    }
    int r = copy(from, to_fd, max_bytes, err);
    int closed = gzclose_r(from);

    return r == 0 && closed != Z_OK
               ? nta_err_set(err, -EBADMSG, "cut off: its packing does not end")
               : r;
}
