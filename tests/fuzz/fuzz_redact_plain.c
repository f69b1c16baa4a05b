/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram, whose first byte says as what it was recognised, and the same as a stream's begin. */
#include "redact/redact.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_redact redact;
    const enum nta_redact_plain plain = len ? data[0] % (NTA_REDACT_PLAIN_ZEROTIER + 1) : 0;
    const struct nta_redact_options options = {.plain = plain, .from_start = true};
    const size_t n = len > 1 && len < NTA_REDACT_BYTES ? len - 1 : 0;
    uint8_t *bytes = malloc(n + 1);
    struct nta_redact_piece piece = {.bytes = bytes, .len = (uint32_t)n};

    memcpy(bytes, data + (n > 0), n);
    nta_redact_datagram(&redact, &piece, plain);
    if (piece.redacted > n)
        __builtin_trap();
    memcpy(bytes, data + (n > 0), n);
    if (nta_redact_stream(&redact, &options, &piece, 1) > n)
        __builtin_trap();
    free(bytes);
    return 0;
}
