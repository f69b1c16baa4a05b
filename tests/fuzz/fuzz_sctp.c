/* SPDX-License-Identifier: Apache-2.0 */
/* The chunks of one packet; what is found lies within it. */
#include "proto/sctp.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_reader r = nta_reader_of(data, len);
    struct nta_sctp_data chunk;

    while (nta_sctp_next(&r, &chunk) == NTA_PARSE_OK) {
        if (chunk.bytes.len == 0 || chunk.bytes.ptr < data ||
            chunk.bytes.ptr + chunk.bytes.len > data + len)
            abort();
    }
    return 0;
}
