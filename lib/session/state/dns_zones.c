/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/dns_zones.h"

#include "base/runtime/clock.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    WAYS = 4,
    LABEL_MIN = 20, ///< A shorter one may be a host's name.
    LOOKUPS_MIN = 24,
    DOWN_MIN = 2048, ///< Bytes in answers, in all and in one of them.
    DOWN_EACH = 32,
    UP_MIN = 512,
    ONE_WAY_UP_MIN = 32768, ///< Bytes in names alone, without answers that hold any.
};

/** What is older counts half. */
#define WINDOW_NS (300 * NTA_NS_PER_S)

int nta_dns_zones_init(struct nta_dns_zones *table, const struct nta_hash_key *key)
{
    *table = (struct nta_dns_zones){.key = *key};
    table->zones = calloc(NTA_DNS_ZONES, sizeof(*table->zones));
    return table->zones ? 0 : -ENOMEM;
}

void nta_dns_zones_done(struct nta_dns_zones *table)
{
    free(table->zones);
    table->zones = NULL;
}

/** A, AAAA, PTR, SVCB and HTTPS give what names are for. */
static bool is_of_names(uint16_t type)
{
    return type == 1 || type == 28 || type == 12 || type == 64 || type == 65;
}

/**
 * Letters and digits in a row that no host is called by.  Names of services ("_dmarc") hold keys
 * and signatures, and what is asked of blacklists has a label for each digit.
 */
static bool is_burdened(struct nta_span below)
{
    size_t len = 0, longest = 0;

    for (size_t i = 0; i < below.len; i++) {
        len = below.ptr[i] == '.' ? 0 : len + 1;
        longest = len > longest ? len : longest;
        if (below.ptr[i] == '_' && len == 1)
            return false;
    }
    return longest >= LABEL_MIN;
}

static uint64_t key_of(const struct nta_dns_zones *table, const struct nta_dns_burden *burden)
{
    const uint64_t parts[] = {
        nta_hash_bytes(&table->key, burden->user->bytes, NTA_ADDR_LEN),
        nta_hash_bytes(&table->key, burden->zone.ptr, burden->zone.len),
    };
    const uint64_t key = nta_hash_bytes(&table->key, parts, sizeof(parts));

    return key ? key : 1;
}

/** Its place, or that of who was quiet for longest of those that share it, emptied. */
static struct nta_dns_zone *place_of(struct nta_dns_zones *table, uint64_t key, int64_t wall_ns)
{
    struct nta_dns_zone *ways = &table->zones[key & (NTA_DNS_ZONES - WAYS)], *oldest = ways;

    for (size_t i = 0; i < WAYS; i++) {
        if (ways[i].key == key)
            return &ways[i];
        if (ways[i].last_wall_ns < oldest->last_wall_ns)
            oldest = &ways[i];
    }
    *oldest = (struct nta_dns_zone){.key = key, .begin_wall_ns = wall_ns};
    return oldest;
}

/** Half of what was counted stays for another window. */
static void age(struct nta_dns_zone *zone, int64_t wall_ns)
{
    int64_t passed_ns;

    if (!__builtin_sub_overflow(wall_ns, zone->begin_wall_ns, &passed_ns) && passed_ns >= 0 &&
        passed_ns < WINDOW_NS)
        return;
    zone->begin_wall_ns = wall_ns;
    zone->n /= 2;
    zone->up /= 2;
    zone->down /= 2;
}

static void add(uint32_t *sum, size_t more)
{
    *sum = more < UINT32_MAX - *sum ? *sum + (uint32_t)more : UINT32_MAX;
}

static bool is_tunnel(const struct nta_dns_zone *zone)
{
    if (zone->n < LOOKUPS_MIN || zone->up < UP_MIN)
        return false;
    return zone->up >= ONE_WAY_UP_MIN ||
           (zone->down >= DOWN_MIN && zone->down / zone->n >= DOWN_EACH);
}

enum nta_dns_zone_kind nta_dns_zones_see(struct nta_dns_zones *table,
                                         const struct nta_dns_burden *burden)
{
    const size_t below_len =
        burden->name.len > burden->zone.len ? burden->name.len - burden->zone.len - 1 : 0;
    const struct nta_span below = {burden->name.ptr, below_len};

    if (below.len < LABEL_MIN || !is_burdened(below))
        return NTA_DNS_ZONE_NAMES;
    const uint64_t name = nta_hash_bytes(&table->key, below.ptr, below.len);
    struct nta_dns_zone *zone = place_of(table, key_of(table, burden), burden->wall_ns);

    age(zone, burden->wall_ns);
    zone->last_wall_ns = burden->wall_ns;
    if (zone->last_name == name) /* asked again, or for another type */
        return zone->is_tunnel ? NTA_DNS_ZONE_TUNNEL : NTA_DNS_ZONE_NAMES;
    zone->last_name = name;
    add(&zone->n, 1);
    add(&zone->up, below.len);
    add(&zone->down, is_of_names(burden->type) ? 0 : burden->down);
    if (zone->is_tunnel)
        return NTA_DNS_ZONE_TUNNEL;
    zone->is_tunnel = is_tunnel(zone);
    return zone->is_tunnel ? NTA_DNS_ZONE_BEGINS : NTA_DNS_ZONE_NAMES;
}
