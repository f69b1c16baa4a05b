/* SPDX-License-Identifier: Apache-2.0 */
/* First bit: TCP.  Then packets, each behind its length in two bytes; the length's highest bit is the side. */
#include "../unit/proto/sink.h"
#include "proto/openvpn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    _Alignas(16) uint8_t state[NTA_PROTO_STATE_MAX] = {0};
    static struct sink sink;
    struct nta_reader all = nta_reader_of(data, len);
    struct nta_proto_io io = {.emit = sink_emit, .owner = &sink};
    io.is_stream = nta_read_u8(&all) & 1;
    sink.len = 0;
    while (nta_reader_left(&all) > 0 && !io.done_both) {
        uint16_t head = nta_read_be16(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7fff);
        io.side = head >> 15 ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
        (void)nta_proto_openvpn.probe(&io, (struct nta_span){r.pos, nta_reader_left(&r)});
        (void)nta_proto_openvpn.feed(state, &io, &r);
    }
    nta_proto_openvpn.end(state, &io);
    return 0;
}
