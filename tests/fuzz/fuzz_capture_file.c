/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a capture file, with a filter: ends without waiting for a worker. */
#include "base/own.h"
#include "capture/capture.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO_FD int fd = memfd_create("capture", MFD_CLOEXEC);
    NTA_AUTO(nta_dispatch_free) struct nta_dispatch *dispatch = NULL;
    NTA_AUTO(nta_capture_free) struct nta_capture *capture = NULL;
    char path[32];
    const char *file = path;
    const struct nta_capture_options options = {.files = &file, .n_files = 1, .filter = "ip"};

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (len > 32768 || write(fd, data, len) != (ssize_t)len ||
        nta_dispatch_new(0, 1, 4, &dispatch, NULL) < 0)
        return 0;
    if (nta_capture_open(&options, dispatch, &capture, NULL) == 0)
        (void)nta_capture_run(capture, NULL);
    return 0;
}
