/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the traffic of a user's address looks like, so that it shows when it is not one machine's:
 * its MAC, how far its packets come, which system its requests name, and whether they were sent on
 * for others.  Of each the last two values that differ are kept, with their times: two of them
 * within NTA_TRAIT_NS are a doubt.
 *
 * An address in a network is one user.  One worker's: a user's connections have the same owner.
 * Bounds: a set-associative table of fixed size; who was seen longest ago goes first.
 */

#include "base/addr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTA_TRAIT_NS (INT64_C(600) * 1000 * 1000 * 1000)

enum
{
    NTA_TRAITS_SETS = 2048,
    NTA_TRAITS_WAYS = 4,
};

/** The last two different values of something; 0: none. */
struct nta_trait
{
    uint64_t values[2]; ///< The newer one first.
    int64_t wall_ns[2]; ///< When each was seen last.
};

struct nta_traits
{
    struct nta_addr addr;
    uint64_t network;
    int64_t seen_wall_ns;       ///< 0: the place is free.
    struct nta_trait mac;       ///< Of its frames, as a number.
    struct nta_trait hops;      ///< nta_traits_hops() of its packets.
    struct nta_trait system;    ///< enum nta_http_system.
    struct nta_trait forwarded; ///< 1: a request that was sent on for another client.
};

struct nta_traits_table
{
    struct nta_hash_key key;
    struct nta_traits entries[NTA_TRAITS_SETS][NTA_TRAITS_WAYS];
};

/** The user with this address in this network; a new one if it is not there. */
struct nta_traits *nta_traits_get(struct nta_traits_table *table, const struct nta_addr *addr,
                                  uint64_t network, int64_t wall_ns);

/** 0 is no value. */
void nta_trait_note(struct nta_trait *trait, uint64_t value, int64_t wall_ns);

/** Were two different values seen around this moment? */
bool nta_trait_differs(const struct nta_trait *trait, int64_t wall_ns);

/** Was any seen around this moment? */
bool nta_trait_is_recent(const struct nta_trait *trait, int64_t wall_ns);

/**
 * How far packets with this TTL or hop limit come: the value that their machine began with (64,
 * 128, 255) in the high byte, the routers on the way in the low one; 0 for less than 33, which some
 * programs choose themselves.
 */
uint64_t nta_traits_hops(uint8_t ttl);

/** Do two of them begin with different values? */
static inline bool nta_traits_hops_begin_apart(const struct nta_trait *hops)
{
    return hops->values[0] >> 8 != hops->values[1] >> 8;
}
