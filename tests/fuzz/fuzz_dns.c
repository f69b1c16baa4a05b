/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First byte: transport, port and how many bytes each call gets; then bytes, directions by turns.
 */
#include "../unit/proto/play.h"
#include "proto/dns/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint16_t ports[] = {53, 5353, 5355, 137, 4000, 53, 53, 53};
    static struct nta_play play;
    uint8_t head = len > 0 ? *data : 0;
    size_t piece = (head & 0x10 ? 512U : 48U) + (head >> 5U), n;

    play_begin(&play, &nta_proto_dns, head & 8, ports[head & 7]);
    for (size_t at = 1; at < len; at += n) {
        n = len - at < piece ? len - at : piece;
        (void)play_probe(&play, at & 1, data + at, n);
        play_data(&play, at & 1, data + at, n);
    }
    play_end(&play);
    play_done(&play);
    return 0;
}
