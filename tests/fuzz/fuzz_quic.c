/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of a flow, each behind its length in two bytes; the length's highest bit is the side. */
#include "proto/quic/quic.h"

static void ignore(void *owner, const struct nta_event *event)
{
    *(size_t *)owner += event->client_hello->server_name.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX] = {0};
    struct nta_reader all = nta_reader_of(data, len);
    size_t n = 0;
    struct nta_proto_io io = {.emit = ignore, .owner = &n};
    while (nta_reader_left(&all) > 0 && !io.done_both) {
        uint16_t head = nta_read_be16(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7fff);
        io.side = head >> 15 ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
        (void)nta_proto_quic.feed(state, &io, &r);
    }
    return 0;
}
