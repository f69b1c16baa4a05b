/* SPDX-License-Identifier: Apache-2.0 */
/* An archive of a case, from anybody: what is taken is written again byte for byte. */
#include "base/own.h"
#include "evidence/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    const struct nta_span archive = {data, len};
    struct nta_err err;
    size_t n;

    if (nta_zip_read(archive, members, &n, &err) < 0)
        return 0;
    assert(n > 0 && n <= NTA_ZIP_MEMBERS);
    assert(nta_zip_write(&again, members, n) == 0);
    assert(nta_span_equal(nta_buf_span(&again), archive));
    return 0;
}
