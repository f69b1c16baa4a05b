/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a capture file, the odd-numbered lengths with a filter: ends without waiting for a
 * worker.
 */
#include "base/own.h"
#include "capture/capture.h"

#include <assert.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_dispatch *dispatch;
    NTA_AUTO_FD int fd = memfd_create("capture", MFD_CLOEXEC);
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    char path[32], *file = path;
    uint64_t done, all;
    const struct nta_capture_options options = {
        .files = (const char *const *)&file, .n_files = 1, .filter = len % 2 ? "ip" : NULL};

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (len > 32768 || write(fd, data, len) != (ssize_t)len ||
        (!dispatch && nta_dispatch_new(0, 1, 4, &dispatch, NULL) < 0) ||
        nta_capture_open(&options, dispatch, &capture, NULL) < 0)
        return 0;
    (void)nta_capture_run(capture, NULL);
    nta_capture_progress(capture, &done, &all);
    assert(done <= all && all == len);
    for (struct nta_block *block; (block = nta_dispatch_take(dispatch, 0));)
        nta_dispatch_give_back(dispatch, 0, block);
    return 0;
}
