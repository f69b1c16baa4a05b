/* SPDX-License-Identifier: Apache-2.0 */
/* First byte: transport, and how many bytes each call gets; then bytes, directions by turns. */
#include "../unit/proto/play.h"
#include "proto/binding/kerberos.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    const uint8_t head = len > 0 ? *data : 0;
    const size_t piece = (head & 0x7fU) + 1U;
    size_t n, turn = 0;

    play_begin(&play, &nta_proto_kerberos, head & 0x80, 88);
    for (size_t at = 1; at < len; at += n, turn++) {
        n = nta_smaller(len - at, piece);
        (void)play_probe(&play, turn & 1, data + at, n);
        play_data(&play, turn & 1, data + at, n);
    }
    play_end(&play);
    play_done(&play);
    return 0;
}
