/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a talk, as play_pieces_of() reads them; an even number of bytes: over TCP. */
#include "../unit/proto/play_pieces.h"
#include "proto/bittorrent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    play_pieces_of(&nta_proto_bittorrent, len % 2 == 0, 6881, data, len);
    return 0;
}
