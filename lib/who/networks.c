/* SPDX-License-Identifier: Apache-2.0 */
#include "who/networks.h"

#include "who/who.h"

enum
{
    VLAN_BITS = 12,
    ID_BITS = 36,
};

uint64_t nta_who_network(const uint16_t vlan[2], uint8_t kind, uint64_t id)
{
    const uint64_t tags = (vlan[0] & 0xfffU) | (uint64_t)(vlan[1] & 0xfffU) << VLAN_BITS;

    /* identifiers have at most 32 bits, kinds are a handful */
    return tags | (id & ((1ULL << ID_BITS) - 1)) << (2 * VLAN_BITS) |
           (uint64_t)(kind & 7U) << (2 * VLAN_BITS + ID_BITS);
}

uint64_t nta_who_device_network(uint64_t network)
{
    return network == NTA_WHO_ANYWHERE ? network : network >> (2 * VLAN_BITS);
}

uint64_t nta_who_network_of_device(uint64_t network)
{
    return network == NTA_WHO_ANYWHERE ? network : network << (2 * VLAN_BITS);
}
