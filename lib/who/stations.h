/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: which MACs are routers', since many addresses were lately learnt behind them.
 *
 * Bounded: a set-associative table of fixed size; the MAC seen longest ago goes first.
 */

#include "base/addr.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_who_station_set; ///< Opaque.

struct nta_who_stations
{
    struct nta_hash_key key;
    struct nta_who_station_set *sets; ///< Owned.
    size_t n_sets;                    ///< A power of two.
};

/** For about `n_max` MACs.  0 or -ENOMEM. */
int nta_who_stations_init(struct nta_who_stations *stations, size_t n_max,
                          const struct nta_hash_key *key);
/** Frees the memory; takes one of zeros, too. */
void nta_who_stations_done(struct nta_who_stations *stations);

/** The address is behind the MAC at this moment. */
void nta_who_stations_note(struct nta_who_stations *stations, const uint8_t mac[6],
                           const struct nta_addr *addr, int64_t wall_ns);

/** Was it ever taken for a router's, for all that is remembered?  NULL: no. */
bool nta_who_stations_knows_router(const struct nta_who_stations *stations, const uint8_t *mac);

/** Is it a router's then? */
bool nta_who_stations_is_router(const struct nta_who_stations *stations, const uint8_t mac[6],
                                int64_t wall_ns);
