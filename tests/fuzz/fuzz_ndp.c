/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of two stations by turns: see play_pieces_of(). */
#include "../unit/proto/play_pieces.h"
#include "proto/binding/ndp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    play_pieces_of(&nta_proto_ndp, false, 0, data, len);
    return 0;
}
