/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: which addresses lately got answers of DNS behind which MAC.
 *
 * A frame shows its user's own MAC only where both are on one link; behind a router it shows the
 * router's.  A MAC with NTA_STATION_ADDRS_MAX addresses or more behind it within
 * NTA_STATION_NS is taken for a router's, and so is one with two of IPv4, where it is about
 * addresses that belong to one machine.
 *
 * Bounded: a set-associative table of fixed size; the MAC seen longest ago goes first.
 */

#include "base/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NTA_STATION_NS (INT64_C(600) * 1000 * 1000 * 1000)

enum
{
    NTA_STATION_ADDRS_MAX = 8,
    NTA_STATION_WAYS = 4,
};

struct nta_pdns_station
{
    uint64_t mac; ///< nta_station_mac().
    uint32_t n;   ///< Addresses in use; 0: the place is free.
    int64_t seen_ns[NTA_STATION_ADDRS_MAX];
    struct nta_addr addrs[NTA_STATION_ADDRS_MAX];
};

/** The places of one set. */
struct nta_station_set
{
    struct nta_pdns_station ways[NTA_STATION_WAYS];
};

/** A MAC as a number. */
static inline uint64_t nta_station_mac(const uint8_t mac[6])
{
    uint64_t number = 0;

    memcpy(&number, mac, 6);
    return number;
}

/** The station of this MAC, or NULL. */
struct nta_pdns_station *nta_station_find(struct nta_station_set *set, uint64_t mac);

/** `addr` is behind `mac` at this moment.  Gives its station. */
const struct nta_pdns_station *nta_station_note(struct nta_station_set *set, uint64_t mac,
                                                const struct nta_addr *addr, int64_t wall_ns);

/** Is there one, with one address of IPv4 at most behind it? */
bool nta_station_is_alone(const struct nta_pdns_station *station, int64_t wall_ns);

/** Is it, for all that was seen, the own MAC of one machine?  True of one never seen, too. */
bool nta_station_is_own(const struct nta_pdns_station *station, int64_t wall_ns);

/**
 * The other addresses of the machine that has `addr`; gives how many, none if several machines may
 * be behind its MAC.
 */
size_t nta_station_others(const struct nta_pdns_station *station, const struct nta_addr *addr,
                          int64_t wall_ns, struct nta_addr ret_addrs[NTA_STATION_ADDRS_MAX]);
