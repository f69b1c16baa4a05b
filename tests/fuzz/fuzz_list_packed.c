/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is packed: the first byte chooses the packing and the size of the pieces; 16 MiB of text at
 * most.
 */
#include "inside.h"
#include "unpack/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const enum nta_packing all[] = {NTA_PACKING_GZIP, NTA_PACKING_ZSTD, NTA_PACKING_XZ,
                                           NTA_PACKING_LZ4};
    const enum nta_packing packing = all[len ? (data[0] & 1) | (data[0] >> 6 & 2) : 0];
    size_t n_text = 0, step = len ? (size_t)(data[0] >> 1 & 63) + 1 : 1;
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
