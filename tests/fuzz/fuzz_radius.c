/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of access server and accounting server by turns; the first byte says how long each is. */
#include "../unit/proto/play.h"
#include "proto/binding/radius.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    const size_t piece = len > 0 ? *data + 1U : 1;
    size_t n, turn = 0;

    play_begin(&play, &nta_proto_radius, false, 1813);
    for (size_t at = 1; at < len; at += n, turn++) {
        n = nta_smaller(len - at, turn & 1 ? 20 : piece);
        (void)play_probe(&play, turn & 1, data + at, n);
        play_data(&play, turn & 1, data + at, n);
    }
    play_end(&play);
    play_done(&play);
    return 0;
}
