/* SPDX-License-Identifier: Apache-2.0 */
#include "who/stations.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "who/who.h"

#include <errno.h>
#include <string.h>

enum
{
    N_WAYS = 4
};

/** What lately was behind one MAC. */
struct station
{
    uint64_t mac;      ///< 0: free.
    int64_t seen_ns;   ///< The last time.
    int64_t router_ns; ///< When it last had too many, with `was_router`.
    int64_t since_ns;  ///< Since when it has had, but for breaks of NTA_WHO_ROUTER_NS.
    bool was_router;
    uint32_t addrs[NTA_WHO_ROUTER_ADDRS]; ///< Hashes; 0: free.
    int64_t at_ns[NTA_WHO_ROUTER_ADDRS];  ///< When each was seen last.
};

struct nta_who_station_set
{
    struct station ways[N_WAYS];
};

int nta_who_stations_init(struct nta_who_stations *stations, size_t n_max,
                          const struct nta_hash_key *key)
{
    *stations = (struct nta_who_stations){.key = *key, .n_sets = 1};
    while (stations->n_sets * N_WAYS < n_max)
        stations->n_sets *= 2;
    stations->sets = nta_area_new(stations->n_sets * sizeof(*stations->sets), NTA_AREA_ROAMS);
    return stations->sets ? 0 : -ENOMEM;
}

void nta_who_stations_done(struct nta_who_stations *stations)
{
    nta_area_free(stations->sets, stations->n_sets * sizeof(*stations->sets));
    *stations = (struct nta_who_stations){.n_sets = 0};
}

static uint64_t number_of(const uint8_t mac[6])
{
    uint64_t number = 1ULL << 63; /* no station is 0 */

    memcpy(&number, mac, 6);
    return number;
}

static struct nta_who_station_set *set_of(const struct nta_who_stations *stations, uint64_t mac)
{
    return &stations->sets[nta_hash_words(&stations->key, mac, 0) & (stations->n_sets - 1)];
}

static struct station *find(const struct nta_who_stations *stations, uint64_t mac)
{
    struct nta_who_station_set *set = set_of(stations, mac);

    for (size_t i = 0; i < N_WAYS; i++) {
        if (set->ways[i].mac == mac)
            return &set->ways[i];
    }
    return NULL;
}

static struct station *make(struct nta_who_stations *stations, uint64_t mac)
{
    struct nta_who_station_set *set = set_of(stations, mac);
    struct station *oldest = &set->ways[0];

    for (size_t i = 0; i < N_WAYS; i++) {
        if (!set->ways[i].mac || (oldest->mac && set->ways[i].seen_ns < oldest->seen_ns))
            oldest = &set->ways[i];
    }
    *oldest = (struct station){.mac = mac};
    return oldest;
}

/** How long after `then` it is; times of packets may be anything. */
static int64_t age_of(int64_t then_ns, int64_t wall_ns)
{
    int64_t age_ns;

    if (__builtin_sub_overflow(wall_ns, then_ns, &age_ns))
        return wall_ns > then_ns ? INT64_MAX : INT64_MIN;
    return age_ns;
}

/** Where the address is, or else the place of the one seen longest ago. */
static size_t place_of(const struct station *station, uint32_t addr)
{
    size_t oldest = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(station->addrs); i++) {
        if (station->addrs[i] == addr)
            return i;
        if (!station->addrs[i] ||
            (station->addrs[oldest] && station->at_ns[i] < station->at_ns[oldest]))
            oldest = i;
    }
    return oldest;
}

static bool has_too_many(const struct station *station, int64_t wall_ns)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(station->addrs); i++) {
        if (!station->addrs[i] || age_of(station->at_ns[i], wall_ns) > NTA_WHO_ROUTER_NS)
            return false;
    }
    return true;
}

void nta_who_stations_note(struct nta_who_stations *stations, const uint8_t mac[6],
                           const struct nta_addr *addr, int64_t wall_ns)
{
    const uint64_t number = number_of(mac);
    struct station *station = find(stations, number);
    const uint32_t hash = (uint32_t)nta_hash_bytes(&stations->key, addr, sizeof(*addr)) | 1;

    if (!station)
        station = make(stations, number);
    const size_t place = place_of(station, hash);

    station->addrs[place] = hash;
    station->at_ns[place] = wall_ns;
    station->seen_ns = wall_ns;
    if (!has_too_many(station, wall_ns))
        return;
    if (!station->was_router || age_of(station->router_ns, wall_ns) > NTA_WHO_ROUTER_NS)
        station->since_ns = wall_ns;
    station->was_router = true;
    station->router_ns = wall_ns;
}

bool nta_who_stations_is_router(const struct nta_who_stations *stations, const uint8_t mac[6],
                                int64_t wall_ns)
{
    const struct station *station = find(stations, number_of(mac));

    /* those that made it one were behind it before that was known */
    return station && station->was_router &&
           age_of(wall_ns, station->since_ns) <= NTA_WHO_ROUTER_NS &&
           age_of(station->router_ns, wall_ns) <= NTA_WHO_ROUTER_NS;
}

bool nta_who_stations_knows_router(const struct nta_who_stations *stations, const uint8_t *mac)
{
    const struct station *station = mac ? find(stations, number_of(mac)) : NULL;

    return station && station->was_router;
}
