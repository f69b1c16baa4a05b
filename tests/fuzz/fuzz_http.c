/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of a stream, as play_pieces() reads them. */
#include "../unit/proto/play_pieces.h"
#include "proto/http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    play_pieces(&nta_proto_http, 80, data, len);
    return 0;
}
