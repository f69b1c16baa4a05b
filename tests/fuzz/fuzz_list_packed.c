/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed lists: the first byte chooses the packing and the size of the pieces; 16 MiB of text at
 * most.
 */
#include "blacklist/file/unpack.h"
#include "inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    enum nta_packing packing = len && data[0] & 1 ? NTA_PACKING_ZSTD : NTA_PACKING_GZIP;
    size_t n_text = 0, step = len ? (size_t)(data[0] >> 1) + 1 : 1;
    struct nta_unpack *unpack = NULL;
    static uint8_t buf[65536];
    ssize_t n = nta_unpack_new(packing, &unpack);

    for (size_t at = 1; at < len && n >= 0; at += step) {
        struct nta_span piece = {.ptr = data + at, .len = len - at < step ? len - at : step};

        while ((n = nta_unpack_more(unpack, &piece, buf, sizeof(buf))) > 0 && n_text < 16U << 20) {
            n_text += (size_t)n;
            assert((size_t)n <= sizeof(buf));
            assert_inside(piece, data, len);
        }
    }
    nta_unpack_free(&unpack);
    return 0;
}
