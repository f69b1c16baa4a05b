/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First bit: TCP.  Then packets, each behind its length in two bytes; the length's highest bit is
 * the side.
 */
#include "../unit/proto/play.h"
#include "proto/tls/openvpn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    struct nta_reader all = nta_reader_of(data, len);
    play_begin(&play, &nta_proto_openvpn, nta_read_u8(&all) & 1, 1194);
    while (nta_reader_left(&all) > 0 && !play.io.done_both) {
        uint16_t head = nta_read_be16(&all);
        struct nta_reader r = nta_read_sub(&all, head & 0x7fff);
        struct nta_span packet = nta_reader_rest(&r);
        (void)play_probe(&play, head >> 15, packet.ptr, packet.len);
        (void)play_call(&play, head >> 15, packet);
    }
    (void)play_end(&play);
    play_done(&play);
    return 0;
}
