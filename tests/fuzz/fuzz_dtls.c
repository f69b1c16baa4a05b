/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams of a flow, each behind its length in two bytes; the length's highest bit is the side.
 */
#include "proto/tls/dtls.h"

#include <assert.h>

static void ignore(void *owner, const struct nta_event *event)
{
    *(size_t *)owner += event->client_hello->server_name.len;
}

/** What all hellos say, by length; `poison` lies behind the state, which must not matter. */
static size_t read_all(const uint8_t *data, size_t len, uint8_t poison)
{
    _Alignas(16) uint8_t memory[NTA_PROTO_STATE_MAX + 64] = {0};
    struct nta_reader all = nta_reader_of(data, len);
    size_t n = 0;
    struct nta_proto_io io = {.emit = ignore, .owner = &n};

    memset(memory + nta_proto_dtls.state_size, poison, sizeof(memory) - nta_proto_dtls.state_size);
    while (nta_reader_left(&all) > 0 && !io.done_both) {
        uint16_t head = nta_read_be16(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7fff);

        io.side = head >> 15 ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
        (void)nta_proto_dtls.feed(memory, &io, &r);
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    assert(read_all(data, len, 0) == read_all(data, len, 0xa5));
    return 0;
}
