/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit/proto/play_pieces.h"
#include "proto/binding/netbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    play_datagram(&nta_proto_netbios, 138, 138, data, len);
    return 0;
}
