/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/registry.h"

#define DECLARE(symbol) extern const struct nta_proto nta_proto_##symbol;
NTA_PROTOS(DECLARE)
#undef DECLARE

const struct nta_proto *const nta_protos[NTA_N_PROTOS + 1] = {
#define PROTO_ROW(symbol) &nta_proto_##symbol,
    NTA_PROTOS(PROTO_ROW)
#undef PROTO_ROW
};
