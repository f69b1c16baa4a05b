/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/owner.h"

#include "base/own.h"
#include "decode/at.h"
#include "decode/service.h"

enum
{
    V4_OFF = 12,     ///< Of the four bytes in the mapped form,
    V4_LEN_OFF = 96, ///< and what its prefixes' lengths count more.
};

/** The first `len` bits of a word, from the highest on; any length. */
static uint64_t mask_of(int len)
{
    if (len <= 0)
        return 0;
    return len >= 64 ? UINT64_MAX : ~(UINT64_MAX >> len);
}

static uint64_t half(const struct nta_addr *addr, size_t i)
{
    return (uint64_t)nta_at_be32(addr->bytes + 8 * i) << 32 | nta_at_be32(addr->bytes + 8 * i + 4);
}

static void add(struct nta_owner *owner, const struct nta_prefix *network)
{
    /* a prefix of IPv6 says nothing of IPv4, however short it is: as nta_prefix_has() */
    if (nta_addr_is_v4(&network->addr) && network->len >= V4_LEN_OFF) {
        const uint32_t mask = (uint32_t)(mask_of(network->len - V4_LEN_OFF) >> 32);

        owner->v4[owner->n_v4++] = (struct nta_owner_v4){
            .mask = mask, .bits = nta_at_be32(network->addr.bytes + V4_OFF) & mask};
        return;
    }
    struct nta_owner_v6 *v6 = &owner->v6[owner->n_v6++];

    for (size_t i = 0; i < 2; i++) {
        v6->mask[i] = mask_of(network->len - 64 * (int)i);
        v6->bits[i] = half(&network->addr, i) & v6->mask[i];
    }
}

void nta_owner_init(struct nta_owner *owner, const struct nta_hash_key *key,
                    const struct nta_prefix *home, size_t n_home)
{
    *owner = (struct nta_owner){.key = *key};
    for (size_t i = 0; i < n_home && i < NTA_OWNER_NETWORKS; i++)
        add(owner, &home[i]);
}

/** Once or twice a packet: all rows are looked at, which costs less than to leave early. */
bool nta_owner_is_home(const struct nta_owner *owner, const struct nta_addr *addr)
{
    unsigned found = 0;

    if (nta_addr_is_v4(addr)) {
        const uint32_t v4 = nta_at_be32(addr->bytes + V4_OFF);

        for (uint32_t i = 0; i < owner->n_v4; i++)
            found |= (v4 & owner->v4[i].mask) == owner->v4[i].bits;
        return found != 0;
    }
    const uint64_t high = half(addr, 0), low = half(addr, 1);

    for (uint32_t i = 0; i < owner->n_v6; i++) {
        const struct nta_owner_v6 *v6 = &owner->v6[i];

        found |= (((high & v6->mask[0]) ^ v6->bits[0]) | ((low & v6->mask[1]) ^ v6->bits[1])) == 0;
    }
    return found != 0;
}

/** Ports over which other connections are announced, by their numbers: FTP and TFTP. */
static bool announces(uint16_t port)
{
    return port == 20 || port == 21 || port == 69;
}

static enum nta_ownership by_ports(uint16_t src_port, uint16_t dst_port)
{
    const bool src_serves = nta_port_is_service(src_port),
               dst_serves = nta_port_is_service(dst_port);

    if (announces(src_port) || announces(dst_port) || src_port == dst_port)
        return NTA_OWNED_BY_PAIR;
    if (!src_serves && !dst_serves)
        return NTA_OWNED_BY_PAIR;
    if (src_serves != dst_serves)
        return dst_serves ? NTA_OWNED_BY_SRC : NTA_OWNED_BY_DST;
    return src_port > dst_port ? NTA_OWNED_BY_SRC : NTA_OWNED_BY_DST;
}

enum nta_ownership nta_owner_of_ends(const struct nta_owner *owner, const struct nta_addr *src,
                                     const struct nta_addr *dst, bool has_ports, uint16_t src_port,
                                     uint16_t dst_port)
{
    const bool src_is_home = nta_owner_is_home(owner, src),
               dst_is_home = nta_owner_is_home(owner, dst);

    if (src_is_home != dst_is_home)
        return src_is_home ? NTA_OWNED_BY_SRC : NTA_OWNED_BY_DST;
    return has_ports ? by_ports(src_port, dst_port) : NTA_OWNED_BY_PAIR;
}

static uint64_t hash_addr(const struct nta_owner *owner, const struct nta_addr *addr)
{
    return nta_hash_words(&owner->key, half(addr, 0), half(addr, 1));
}

/** What is said on a link, by all its stations, goes to one worker. */
static uint32_t hash_link(const struct nta_owner *owner, const struct nta_packet *packet)
{
    const uint32_t network = nta_packet_names_network(packet->network_kind) ? packet->network : 0;

    return (uint32_t)nta_hash_words(&owner->key, NTA_PACKET_LINK,
                                    (uint64_t)packet->vlan[0] << 48 |
                                        (uint64_t)packet->vlan[1] << 32 | network);
}

uint32_t nta_owner_hash(const struct nta_owner *owner, const struct nta_packet *packet)
{
    if (__builtin_expect(packet->flags & NTA_PACKET_LINK, 0))
        return hash_link(owner, packet);
    if (packet->kind == NTA_PACKET_OTHER)
        return 0;
    switch (nta_owner_of_ends(owner, &packet->src, &packet->dst, nta_packet_has_ports(packet),
                              packet->src_port, packet->dst_port)) {
    case NTA_OWNED_BY_SRC: return (uint32_t)hash_addr(owner, &packet->src);
    case NTA_OWNED_BY_DST: return (uint32_t)hash_addr(owner, &packet->dst);
    case NTA_OWNED_BY_PAIR: break;
    }
    /* a sum is the same whichever comes first */
    return (uint32_t)(hash_addr(owner, &packet->src) + hash_addr(owner, &packet->dst));
}
