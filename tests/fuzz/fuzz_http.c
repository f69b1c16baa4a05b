/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces: a byte with side (0x80), hole (0x40) and length (6 bits, 63: all that is left), then
 * bytes.
 */
#include "../unit/proto/play.h"
#include "proto/http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;

    play_begin(&play, &nta_proto_http, true, 80);
    for (size_t at = 0, n; at < len; at += n) {
        uint8_t head = data[at++];

        n = (head & 63U) == 63U || len - at < (head & 63U) ? len - at : head & 63U;
        (void)play_probe(&play, head >> 7, data + at, n);
        if (head & 0x40)
            play_gap(&play, head >> 7, n + 1);
        play_data(&play, head >> 7, data + at, n);
    }
    play_end(&play);
    play_done(&play);
    return 0;
}
