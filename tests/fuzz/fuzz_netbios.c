/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram: its first byte says which side it is of. */
#include "../unit/proto/play.h"
#include "proto/netbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    unsigned side = len > 0 ? *data & 1U : 0;

    play_begin(&play, &nta_proto_netbios, false, 138);
    play.io.client_port = 138;
    if (len > 0) {
        (void)play_probe(&play, side, data + 1, len - 1);
        play_data(&play, side, data + 1, len - 1);
    }
    play_end(&play);
    play_done(&play);
    return 0;
}
