/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a stream in pieces, each with its place and length before it; the first byte
 * says which direction.
 */
#include "redact/redact.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_redact redact;
    static uint8_t buf[64][256];
    struct nta_redact_piece pieces[64];
    const struct nta_redact_options options = {.from_client = len && data[0] & 1,
                                               .is_content = len && data[0] & 8,
                                               .talk = len ? data[0] >> 1 & 3 : 0};
    size_t n = 0, n_bytes = 0;

    for (size_t at = 1; n < 64 && at + 2 < len && at + 2 + data[at + 1] <= len; n++) {
        pieces[n] = (struct nta_redact_piece){buf[n], data[at + 1], data[at], 0};
        memcpy(buf[n], data + at + 2, data[at + 1]);
        n_bytes += data[at + 1];
        at += 2U + data[at + 1];
    }
    if (nta_redact_stream(&redact, &options, pieces, n) > n_bytes)
        __builtin_trap();
    return 0;
}
