/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First byte: how many joined bytes are taken at a time, its highest bit: the rest of a message is
 * skipped or lost.
 */
#include "proto/websocket.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_websocket_side side = {0};
    struct nta_reader r = nta_reader_of(data, len);
    const uint8_t how = nta_read_u8(&r);
    uint8_t buf[128];
    struct nta_span inner = {0};
    uint64_t lost;
    while (nta_websocket_join(&side, &r, buf, (how & 127U) + 1U, &inner) == NTA_PARSE_OK &&
           nta_reader_left(&r) > 0) {
        side.skip = how >> 7 ? inner.len : 0;
        if (inner.len > (how & 127U) + 1U || (how == 255 && !nta_websocket_lose(&side, 3, &lost)))
            break;
    }
    assert(inner.len <= 128 && nta_websocket_jump(&side) <= INT64_MAX);
    return 0;
}
