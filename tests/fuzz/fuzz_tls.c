/* SPDX-License-Identifier: Apache-2.0 */
/* One side of a TLS flow: the first byte is the size of the pieces, the bytes follow. */
#include "proto/tls/tls.h"

#include <assert.h>

static void count(void *owner, const struct nta_event *event)
{
    *(size_t *)owner += event->kind == NTA_EVENT_TLS_CLIENT_HELLO && !event->client_hello->cut;
}

/**
 * How many whole hellos there are, fed `step` bytes more each time.  What is told of one that
 * breaks off depends on how much of it was shown before it broke.
 */
static size_t count_hellos(const uint8_t *data, size_t len, size_t step)
{
    _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX] = {0};
    size_t n = 0, begin = 0;
    struct nta_proto_io io = {.is_stream = true, .emit = count, .owner = &n};

    for (size_t end = step; end < len + step && !io.done; end += step) {
        struct nta_reader r = nta_reader_of(data + begin, (end < len ? end : len) - begin);

        if (nta_proto_tls.feed(state, &io, &r) >= NTA_PARSE_OTHER)
            break;
        begin += nta_reader_offset(&r);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > 1)
        assert(count_hellos(data + 1, len - 1, (size_t)data[0] * 8 + 1) ==
               count_hellos(data + 1, len - 1, len));
    return 0;
}
