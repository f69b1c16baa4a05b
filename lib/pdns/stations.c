/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/stations.h"

struct nta_pdns_station *nta_station_find(struct nta_station_set *set, uint64_t mac)
{
    for (size_t i = 0; i < NTA_STATION_WAYS; i++) {
        struct nta_pdns_station *station = &set->ways[i];

        if (station->n > 0 && station->mac == mac)
            return station;
    }
    return NULL;
}

static int64_t last_seen(const struct nta_pdns_station *station)
{
    int64_t last_ns = INT64_MIN;

    for (size_t i = 0; i < station->n; i++)
        last_ns = station->seen_ns[i] > last_ns ? station->seen_ns[i] : last_ns;
    return last_ns;
}

/** A free place, else that of the station seen longest ago. */
static struct nta_pdns_station *make_place(struct nta_station_set *set)
{
    struct nta_pdns_station *oldest = &set->ways[0];

    for (size_t i = 1; i < NTA_STATION_WAYS; i++) {
        if (last_seen(&set->ways[i]) < last_seen(oldest))
            oldest = &set->ways[i];
    }
    return oldest;
}

/** Where the address is, or may be written: one that is not there yet replaces the oldest. */
static size_t place_of(const struct nta_pdns_station *station, const struct nta_addr *addr)
{
    size_t oldest = 0;

    for (size_t i = 0; i < station->n; i++) {
        if (nta_addr_equal(&station->addrs[i], addr))
            return i;
        if (station->seen_ns[i] < station->seen_ns[oldest])
            oldest = i;
    }
    return station->n < NTA_STATION_ADDRS_MAX ? station->n : oldest;
}

const struct nta_pdns_station *nta_station_note(struct nta_station_set *set, uint64_t mac,
                                                const struct nta_addr *addr, int64_t wall_ns)
{
    struct nta_pdns_station *station = nta_station_find(set, mac);

    if (!station) {
        station = make_place(set);
        station->n = 0;
        station->mac = mac;
    }
    const size_t i = place_of(station, addr);
    const bool is_known = i < station->n && nta_addr_equal(&station->addrs[i], addr);

    if (i == station->n)
        station->n++;
    station->addrs[i] = *addr;
    if (!is_known || wall_ns > station->seen_ns[i]) /* a flow's begin may be told at its end */
        station->seen_ns[i] = wall_ns;
    return station;
}

static bool is_fresh(const struct nta_pdns_station *station, size_t i, int64_t wall_ns)
{
    const int64_t ago_ns = wall_ns - station->seen_ns[i];

    return ago_ns <= NTA_STATION_NS && ago_ns >= -NTA_STATION_NS; /* captures come in any order */
}

bool nta_station_is_own(const struct nta_pdns_station *station, int64_t wall_ns)
{
    size_t n = 0;

    for (size_t i = 0; station && i < station->n; i++)
        n += is_fresh(station, i, wall_ns);
    return n < NTA_STATION_ADDRS_MAX;
}

bool nta_station_is_alone(const struct nta_pdns_station *station, int64_t wall_ns)
{
    size_t n = 0, n_v4 = 0;

    for (size_t i = 0; station && i < station->n; i++) {
        n += is_fresh(station, i, wall_ns);
        n_v4 += is_fresh(station, i, wall_ns) && nta_addr_is_v4(&station->addrs[i]);
    }
    return n > 0 && n_v4 <= 1 && nta_station_is_own(station, wall_ns);
}

size_t nta_station_others(const struct nta_pdns_station *station, const struct nta_addr *addr,
                          int64_t wall_ns, struct nta_addr ret_addrs[NTA_STATION_ADDRS_MAX])
{
    size_t n = 0, n_v4 = nta_addr_is_v4(addr);

    if (!station || !nta_station_is_own(station, wall_ns))
        return 0;
    for (size_t i = 0; i < station->n; i++) {
        if (!is_fresh(station, i, wall_ns) || nta_addr_equal(&station->addrs[i], addr))
            continue;
        n_v4 += nta_addr_is_v4(&station->addrs[i]);
        ret_addrs[n++] = station->addrs[i];
    }
    return n_v4 > 1 ? 0 : n;
}
