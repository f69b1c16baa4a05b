/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams of a flow, each behind its length in two bytes. */
#include "../unit/proto/play.h"
#include "proto/tls/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    struct nta_reader all = nta_reader_of(data, len);

    play_begin(&play, &nta_proto_stun, false, 3478);
    while (nta_reader_left(&all) > 0) {
        struct nta_reader r = nta_read_vec16(&all);

        (void)play_probe(&play, 0, nta_reader_rest(&r).ptr, nta_reader_left(&r));
        play_data(&play, 0, nta_reader_rest(&r).ptr, nta_reader_left(&r));
    }
    play_end(&play);
    play_done(&play);
    return 0;
}
