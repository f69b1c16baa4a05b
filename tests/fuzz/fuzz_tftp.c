/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a talk, as play_pieces_of() reads them. */
#include "../unit/proto/play_pieces.h"
#include "proto/tftp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    play_pieces_of(&nta_proto_tftp, false, 69, data, len);
    return 0;
}
