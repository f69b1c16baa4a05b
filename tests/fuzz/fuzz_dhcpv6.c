/* SPDX-License-Identifier: Apache-2.0 */
/* A client's message, as long as the first byte says, and the server's. */
#include "../unit/proto/play.h"
#include "proto/binding/dhcpv6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_play play;
    const size_t first = len > 0 ? nta_smaller(len - 1, *data) : 0;

    play_begin(&play, &nta_proto_dhcpv6, false, 547);
    play.io.client_port = 546;
    if (first > 0) {
        (void)play_probe(&play, 0, data + 1, first);
        play_data(&play, 0, data + 1, first);
    }
    if (len > first + 1)
        play_data(&play, 1, data + 1 + first, len - 1 - first);
    play_end(&play);
    play_done(&play);
    return 0;
}
