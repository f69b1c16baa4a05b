/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/parser.h"

#include <string.h>

void nta_binding_of_end(struct nta_binding *binding, const struct nta_proto_end *end)
{
    if (end->addr)
        binding->prefix = (struct nta_prefix){.addr = *end->addr, .len = 8 * NTA_ADDR_LEN};
    binding->has_mac = end->mac != NULL;
    if (end->mac)
        memcpy(binding->mac, end->mac, sizeof(binding->mac));
}

void nta_proto_turn_nothing(void *state)
{
    (void)state;
}
