/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Zones of DNS below which users ask for data and not for names: who carries traffic in lookups
 * needs many of them, each for a name that nobody asked for before, long and of no words, with an
 * answer that is no address.  Counted by user and zone, in a table of fixed size; of those that
 * would share a place the one that was quiet for longest goes.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_DNS_ZONES = 4096, ///< A power of two.
};

/** One user's lookups below one zone. */
struct nta_dns_zone
{
    uint64_t key; ///< Of user and zone; 0: empty.
    uint64_t last_name;
    int64_t begin_wall_ns, last_wall_ns;
    uint32_t n, up, down; ///< Lookups; bytes in names, bytes in answers.
    bool is_tunnel;
};

struct nta_dns_zones
{
    struct nta_dns_zone *zones; ///< Owns.
    struct nta_hash_key key;
};

/** A lookup that may carry data. */
struct nta_dns_burden
{
    const struct nta_addr *user;
    struct nta_span name, zone; ///< Normal form; `zone` is a part of `name`.
    uint16_t type;
    uint32_t down; ///< Bytes of the answer beyond its head and question.
    int64_t wall_ns;
};

/** What a lookup shows of its zone. */
enum nta_dns_zone_kind
{
    NTA_DNS_ZONE_NAMES,  ///< It is asked for names.
    NTA_DNS_ZONE_BEGINS, ///< A tunnel, known by now.
    NTA_DNS_ZONE_TUNNEL, ///< It was known.
};

/** The table.  0, or -ENOMEM. */
int nta_dns_zones_init(struct nta_dns_zones *table, const struct nta_hash_key *key);
/** Frees the memory; takes one of zeros, too. */
void nta_dns_zones_done(struct nta_dns_zones *table);

/** One more lookup was answered. */
enum nta_dns_zone_kind nta_dns_zones_see(struct nta_dns_zones *table,
                                         const struct nta_dns_burden *burden);
