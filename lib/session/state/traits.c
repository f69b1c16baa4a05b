/* SPDX-License-Identifier: Apache-2.0 */
#include "session/state/traits.h"

enum
{
    TTL_CHOSEN = 32, ///< Up to here it is a program's, not its system's.
    TTL_UNIX = 64,
    TTL_WINDOWS = 128,
    TTL_MOST = 255,
};

struct nta_traits *nta_traits_get(struct nta_traits_table *table, const struct nta_addr *addr,
                                  uint64_t network, int64_t wall_ns)
{
    const uint64_t hash = nta_hash_words(
        &table->key, nta_hash_bytes(&table->key, addr->bytes, NTA_ADDR_LEN), network);
    struct nta_traits *set = table->entries[(hash >> 32) % NTA_TRAITS_SETS], *oldest = set;

    for (size_t i = 0; i < NTA_TRAITS_WAYS; i++) {
        if (set[i].seen_wall_ns && set[i].network == network &&
            nta_addr_equal(&set[i].addr, addr)) {
            set[i].seen_wall_ns = wall_ns;
            return &set[i];
        }
        if (set[i].seen_wall_ns < oldest->seen_wall_ns)
            oldest = &set[i];
    }
    *oldest = (struct nta_traits){.addr = *addr, .network = network, .seen_wall_ns = wall_ns};
    return oldest;
}

void nta_trait_note(struct nta_trait *trait, uint64_t value, int64_t wall_ns)
{
    if (value == 0)
        return;
    if (trait->values[0] != value) {
        trait->values[1] = trait->values[0];
        trait->wall_ns[1] = trait->wall_ns[0];
        trait->values[0] = value;
    }
    trait->wall_ns[0] = wall_ns;
}

static bool is_near(int64_t seen_wall_ns, int64_t wall_ns)
{
    int64_t ago_ns;

    return !__builtin_sub_overflow(wall_ns, seen_wall_ns, &ago_ns) && ago_ns <= NTA_TRAIT_NS &&
           ago_ns >= -NTA_TRAIT_NS;
}

bool nta_trait_differs(const struct nta_trait *trait, int64_t wall_ns)
{
    return trait->values[1] != 0 && is_near(trait->wall_ns[0], wall_ns) &&
           is_near(trait->wall_ns[1], wall_ns);
}

bool nta_trait_is_recent(const struct nta_trait *trait, int64_t wall_ns)
{
    return trait->values[0] != 0 && is_near(trait->wall_ns[0], wall_ns);
}

uint64_t nta_traits_hops(uint8_t ttl)
{
    const unsigned began = ttl <= TTL_UNIX ? TTL_UNIX : ttl <= TTL_WINDOWS ? TTL_WINDOWS : TTL_MOST;

    return ttl > TTL_CHOSEN ? (uint64_t)began << 8 | (began - ttl) : 0;
}
