/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file that is anything, read twice, once for all faults: both must agree. */
#include "base/own.h"
#include "config/config.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
const char *__lsan_default_suppressions(void);

/** Of a string that does not end, libconfig 1.5 forgets its buffer. */
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO_FD int fd = memfd_create("config", MFD_CLOEXEC);
    struct nta_config *one = NULL, *all = NULL;
    struct nta_buf faults = {0};
    struct nta_err err = {0}, err_all = {0};
    char path[64];

    if (fd < 0 || write(fd, data, len) != (ssize_t)len || memmem(data, len, "@include", 8))
        return 0; /* other files are not the input's */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    const int r = nta_config_load(path, &one, &err);
    const int n_faults = nta_config_load_all(path, &all, &faults, &err_all);

    assert((r == 0) == (n_faults == 0) && (r == 0) == (one != NULL));
    assert(r == 0 || err.text[0]);
    assert((faults.len > 0) == (n_faults > 0));
    nta_buf_done(&faults);
    nta_config_free(&one);
    nta_config_free(&all);
    return 0;
}
