/* SPDX-License-Identifier: Apache-2.0 */
/* The length of pieces, then a body: its parts are the same, however it is cut. */
#include "proto/http/http_parts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/** Content and places of all parts. */
static uint64_t read_parts(const uint8_t *data, size_t len, size_t most)
{
    struct nta_http_parts parts;
    uint64_t sum = 0;

    nta_http_parts_begin(&parts, nta_span_of("multipart/byteranges; boundary=b"));
    for (size_t at = 0, n; at < len; at += n) {
        n = len - at < most ? len - at : most;
        uint8_t *copy = memcpy(malloc(n), data + at, n);
        struct nta_span bytes = {copy, n}, piece;

        while (bytes.len > 0) {
            if (nta_http_parts_next(&parts, &bytes, &piece) != NTA_HTTP_PARTS_PIECE)
                continue;
            parts.bytes += piece.len;
            for (size_t i = 0; i < piece.len; i++)
                sum = sum * 31 + piece.ptr[i] + parts.first + parts.n;
        }
        free(copy);
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 1 &&
        read_parts(data + 1, len - 1, len) != read_parts(data + 1, len - 1, 1U + data[0] % 64U))
        __builtin_trap();
    return 0;
}
