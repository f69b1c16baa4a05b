/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whose a packet is: the one address by which it finds its worker, so that all that is known of a
 * user, lookups, connections, files, is known to one worker, whatever their number.
 *
 *   one side at home       that side
 *   both or neither, and   the client, so that what a user asks a resolver inside the network has
 *   one port a service's   the same owner as the connection that follows
 *   else                   the pair: of two unknown ports nobody can tell whose is the client's,
 *                          and a file that one connection announces and another one carries
 *                          (FTP, TFTP) must meet its announcement
 *
 * What stations of a link say to each other about addresses (NTA_PACKET_LINK) is owned by the link,
 * that is its VLAN in its network: questions and answers of one address go between many.
 *
 * Else the choice is a function of the two ends and the networks at home alone, and the same for
 * both directions: no flow is ever cut over two workers.  The networks are those of the start,
 * since a flow must keep its owner.  Immutable after nta_owner_init(), shared by all threads.
 */

#include "base/addr.h"
#include "base/hash.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_OWNER_NETWORKS = 64 ///< At home, at most: as many as the configuration has space for.
};

/** A network of IPv4 as a mask and what is left behind it, or of IPv6, in host order. */
struct nta_owner_v4
{
    uint32_t mask, bits;
};

/** As above. */
struct nta_owner_v6
{
    uint64_t mask[2], bits[2];
};

struct nta_owner
{
    struct nta_hash_key key;
    uint32_t n_v4, n_v6;
    struct nta_owner_v4 v4[NTA_OWNER_NETWORKS];
    struct nta_owner_v6 v6[NTA_OWNER_NETWORKS];
};

/** Whose it is. */
enum nta_ownership
{
    NTA_OWNED_BY_SRC,
    NTA_OWNED_BY_DST,
    NTA_OWNED_BY_PAIR,
};

/** `home`: at most NTA_OWNER_NETWORKS networks, copied; what is more is not at home. */
void nta_owner_init(struct nta_owner *owner, const struct nta_hash_key *key,
                    const struct nta_prefix *home, size_t n_home);

/** Does the address lie in one of them? */
bool nta_owner_is_home(const struct nta_owner *owner, const struct nta_addr *addr);

/**
 * Whose is what these two ends say to each other?  Without ports (`has_ports` false) the two are
 * not looked at.
 */
enum nta_ownership nta_owner_of_ends(const struct nta_owner *owner, const struct nta_addr *src,
                                     const struct nta_addr *dst, bool has_ports, uint16_t src_port,
                                     uint16_t dst_port);

/**
 * The owner as a keyed hash, of which the rest by the number of workers names one; 0 for packets of
 * kind NTA_PACKET_OTHER, which are nobody's.
 */
uint32_t nta_owner_hash(const struct nta_owner *owner, const struct nta_packet *packet);
