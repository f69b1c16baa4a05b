/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a TCP connection, each behind a byte with its side (highest bit) and length. */
#include "inside.h"
#include "proto/tls/fallback.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void on_event(void *owner, const struct nta_event *event)
{
    const struct nta_span *bytes = owner;

    if (event->kind == NTA_EVENT_REALM)
        assert_inside(*event->realm, bytes->ptr, bytes->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX] = {0};
    struct nta_reader all = nta_reader_of(data, len);
    struct nta_span all_bytes = {data, len};
    struct nta_proto_io io = {.is_stream = true, .emit = on_event, .owner = &all_bytes};

    while (nta_reader_left(&all) > 0 && !io.done_both && !io.handover) {
        uint8_t head = nta_read_u8(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7f);
        io.side = head >> 7 ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
        const struct nta_proto_io before = io;
        const struct nta_span bytes = nta_reader_rest(&r);
        enum nta_parse may_be = nta_proto_fallback.probe(&before, bytes);

        (void)nta_proto_fallback.feed(state, &io, &r);
        assert(nta_proto_fallback.probe(&before, bytes) == may_be); /* it keeps nothing */
    }
    return 0;
}
