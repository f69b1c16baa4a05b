/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/pdns.h"

#include "base/hash.h"
#include "base/memory/area.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/text.h"
#include "pdns/stations.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum
{
    N_SHARDS = 64,
    N_WAYS = 8,
    STATION_SETS = 64, ///< In one shard.
};

struct entry
{
    struct nta_addr client, addr;
    int64_t since_ns, learnt_ns; ///< Since when it was known without a break, and the last time.
    int64_t until_ns;
    uint64_t alias_of; ///< Hash of the name that this is an alias of; 0: it was asked for.
    uint64_t mac;      ///< The client's (nta_station_mac()); 0: not known.
    uint8_t len;
    char name[NTA_PDNS_NAME_MAX];
};

/** A cache line that answers most questions without an entry. */
struct ways
{
    uint32_t tag[N_WAYS];   ///< Part of the hash of (client, address); 0: free, and never used.
    uint32_t place[N_WAYS]; ///< Of its entry in the shard, for good once it is used.
};

struct shard
{
    _Alignas(64) pthread_mutex_t lock; ///< Guards what is in this shard.
    uint32_t n_entries;    ///< Used.  They lie side by side: what is not used is not touched.
    struct ways *ways;     ///< n_sets of the table's.
    struct entry *entries; ///< n_sets * N_WAYS of the table's.
    struct nta_station_set *stations; ///< STATION_SETS of the table's.
};

/** Where the names of one (client, address) pair are, if there are any. */
struct set
{
    struct shard *shard; ///< Locked.
    struct ways *ways;
    uint32_t tag; ///< The pair's.
};

struct nta_pdns
{
    struct nta_hash_key key;
    size_t n_sets;         ///< In one shard.
    bool shared;           ///< By threads: shards are locked.
    struct ways *ways;     ///< Owned; of all shards.
    struct entry *entries; ///< As above.
    struct nta_station_set *stations;
    _Atomic bool has_aliases; ///< Some were learnt: mostly there are none to look for.
    struct shard shards[N_SHARDS];
};

static size_t ways_bytes(const struct nta_pdns *pdns)
{
    return N_SHARDS * pdns->n_sets * sizeof(struct ways);
}

static size_t entries_bytes(const struct nta_pdns *pdns)
{
    return N_SHARDS * pdns->n_sets * N_WAYS * sizeof(struct entry);
}

static size_t stations_bytes(void)
{
    return (size_t)N_SHARDS * STATION_SETS * sizeof(struct nta_station_set);
}

void nta_pdns_free(struct nta_pdns **pdns)
{
    if (!*pdns)
        return;
    for (size_t i = 0; i < N_SHARDS; i++)
        (void)pthread_mutex_destroy(&(*pdns)->shards[i].lock);
    nta_area_free((*pdns)->ways, ways_bytes(*pdns));
    nta_area_free((*pdns)->entries, entries_bytes(*pdns));
    nta_area_free((*pdns)->stations, stations_bytes());
    free(*pdns);
    *pdns = NULL;
}

int nta_pdns_new(size_t n_entries, bool shared, struct nta_pdns **ret_pdns, struct nta_err *err)
{
    NTA_AUTO(nta_pdns_free)
    struct nta_pdns *pdns = nta_memory_new(sizeof(*pdns), _Alignof(struct nta_pdns));

    if (!pdns)
        return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    pdns->shared = shared;
    for (size_t i = 0; i < N_SHARDS; i++)
        (void)pthread_mutex_init(&pdns->shards[i].lock, NULL);
    int r = nta_hash_key_random(&pdns->key);

    if (r < 0)
        return nta_err_sys(err, r, "random numbers");
    pdns->n_sets = n_entries / ((size_t)N_SHARDS * N_WAYS) + 1;
    pdns->ways = nta_area_new(ways_bytes(pdns), NTA_AREA_HOT);
    pdns->entries = nta_area_new(entries_bytes(pdns), NTA_AREA_GROWS);
    pdns->stations = nta_area_new(stations_bytes(), NTA_AREA_GROWS);
    if (!pdns->ways || !pdns->entries || !pdns->stations)
        return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    for (size_t i = 0; i < N_SHARDS; i++) {
        pdns->shards[i].ways = pdns->ways + i * pdns->n_sets;
        pdns->shards[i].entries = pdns->entries + i * pdns->n_sets * N_WAYS;
        pdns->shards[i].stations = pdns->stations + i * STATION_SETS;
    }
    *ret_pdns = NTA_TAKE(pdns);
    return 0;
}

/** Of a way that is used. */
static struct entry *entry_of(const struct set *set, size_t way)
{
    return &set->shard->entries[set->ways->place[way]];
}

/**
 * The names of this pair are in ways for which this is true; the tag first, since entries are far
 * away.
 */
static bool is_of(const struct set *set, size_t way, const struct nta_addr *client,
                  const struct nta_addr *addr)
{
    return set->ways->tag[way] == set->tag && nta_addr_equal(&entry_of(set, way)->client, client) &&
           nta_addr_equal(&entry_of(set, way)->addr, addr);
}

/** Was it known at this moment? */
static bool is_valid(const struct entry *entry, int64_t wall_ns)
{
    return entry->since_ns <= wall_ns && wall_ns <= entry->until_ns;
}

static bool is_named(const struct entry *entry, struct nta_span name)
{
    return nta_span_equal((struct nta_span){(const uint8_t *)entry->name, entry->len}, name);
}

static void lock(const struct nta_pdns *pdns, struct shard *shard)
{
    if (pdns->shared)
        (void)pthread_mutex_lock(&shard->lock);
}

static void unlock(const struct nta_pdns *pdns, struct shard *shard)
{
    if (pdns->shared)
        (void)pthread_mutex_unlock(&shard->lock);
}

/** The set of a (client, address) pair, with its shard locked: the caller unlocks. */
static struct set lock_set(struct nta_pdns *pdns, const struct nta_addr *client,
                           const struct nta_addr *addr)
{
    struct nta_addr both[2] = {*client, *addr};
    uint64_t hash = nta_hash_bytes(&pdns->key, both, sizeof(both));
    struct shard *shard = &pdns->shards[hash % N_SHARDS];
    size_t i = (hash >> 32) % pdns->n_sets;

    lock(pdns, shard);
    return (struct set){
        .shard = shard,
        .ways = &shard->ways[i],
        .tag = (uint32_t)hash | 1,
    };
}

/** The set of a MAC, with its shard locked: the caller unlocks.  Never while another one is. */
static struct nta_station_set *lock_stations(struct nta_pdns *pdns, uint64_t mac,
                                             struct shard **ret_shard)
{
    uint64_t hash = nta_hash_words(&pdns->key, mac, 0);
    struct shard *shard = &pdns->shards[hash % N_SHARDS];

    lock(pdns, shard);
    *ret_shard = shard;
    return &shard->stations[(hash >> 32) % STATION_SETS];
}

static uint64_t mac_of(const struct nta_pdns_client *client)
{
    return client->mac ? nta_station_mac(client->mac) : 0;
}

bool nta_pdns_saw(struct nta_pdns *pdns, const struct nta_pdns_client *client, int64_t wall_ns)
{
    const uint64_t mac = mac_of(client);
    struct shard *shard;

    if (!mac)
        return true;
    struct nta_station_set *set = lock_stations(pdns, mac, &shard);
    const bool alone = nta_station_note(set, mac, client->addr, wall_ns)->n == 1;

    unlock(pdns, shard);
    return alone;
}

/** Is it, for all that was seen, a machine's own MAC? */
static bool is_own(struct nta_pdns *pdns, uint64_t mac, int64_t wall_ns)
{
    struct shard *shard;
    struct nta_station_set *set = lock_stations(pdns, mac, &shard);
    const bool own = nta_station_is_own(nta_station_find(set, mac), wall_ns);

    unlock(pdns, shard);
    return own;
}

/** The other addresses of the client's machine. */
static size_t others(struct nta_pdns *pdns, const struct nta_pdns_client *client, int64_t wall_ns,
                     struct nta_addr ret_addrs[NTA_STATION_ADDRS_MAX])
{
    const uint64_t mac = mac_of(client);
    struct shard *shard;

    if (!mac || client->is_alone)
        return 0;
    struct nta_station_set *set = lock_stations(pdns, mac, &shard);
    const size_t n =
        nta_station_others(nta_station_find(set, mac), client->addr, wall_ns, ret_addrs);

    unlock(pdns, shard);
    return n;
}

/** The same name of the same kind, for the same machine. */
static bool is_same(const struct set *set, size_t way, const struct entry *wanted)
{
    const struct entry *entry = entry_of(set, way);

    return is_of(set, way, &wanted->client, &wanted->addr) &&
           is_named(entry, (struct nta_span){(const uint8_t *)wanted->name, wanted->len}) &&
           entry->alias_of == wanted->alias_of && entry->mac == wanted->mac;
}

/**
 * Where to write: the entry of the same name and kind, else a free one, else the one learnt first.
 */
static size_t choose(const struct set *set, const struct entry *wanted)
{
    size_t free_way = N_WAYS, oldest = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_same(set, i, wanted))
            return i;
        if (set->ways->tag[i] == 0)
            free_way = i;
    }
    if (free_way < N_WAYS)
        return free_way;
    for (size_t i = 1; i < N_WAYS; i++) {
        if (entry_of(set, i)->learnt_ns < entry_of(set, oldest)->learnt_ns)
            oldest = i;
    }
    return oldest;
}

/** What was known at this moment already stays known since then. */
static bool goes_on(const struct set *set, size_t way, const struct entry *wanted)
{
    return is_same(set, way, wanted) && is_valid(entry_of(set, way), wanted->learnt_ns);
}

static void put(struct nta_pdns *pdns, struct entry *wanted)
{
    const struct set set = lock_set(pdns, &wanted->client, &wanted->addr);
    const size_t way = choose(&set, wanted);

    if (set.ways->tag[way] == 0)
        set.ways->place[way] = set.shard->n_entries++;
    else if (goes_on(&set, way, wanted))
        wanted->since_ns = entry_of(&set, way)->since_ns;
    set.ways->tag[way] = set.tag;
    memcpy(entry_of(&set, way), wanted, offsetof(struct entry, name) + wanted->len);
    unlock(pdns, set.shard);
}

void nta_pdns_learn(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                    const struct nta_pdns_answer *answer)
{
    const bool has_alias = answer->alias.len > 0 && answer->alias.len <= NTA_PDNS_NAME_MAX;
    __attribute__((uninitialized)) struct entry entry;

    if (answer->name.len == 0 || answer->name.len > NTA_PDNS_NAME_MAX)
        return;
    entry.client = *client->addr;
    entry.addr = *answer->addr;
    entry.since_ns = entry.learnt_ns = answer->wall_ns;
    entry.until_ns = answer->wall_ns + (int64_t)answer->ttl_s * 1000000000 + NTA_PDNS_GRACE_NS;
    entry.alias_of = 0;
    entry.mac = mac_of(client);
    entry.len = (uint8_t)answer->name.len;
    memcpy(entry.name, answer->name.ptr, answer->name.len);
    put(pdns, &entry);
    if (!has_alias)
        return;
    entry.since_ns = answer->wall_ns;
    entry.alias_of = nta_hash_bytes(&pdns->key, answer->name.ptr, answer->name.len) | 1;
    entry.len = (uint8_t)answer->alias.len;
    memcpy(entry.name, answer->alias.ptr, answer->alias.len);
    put(pdns, &entry);
    atomic_store_explicit(&pdns->has_aliases, true, memory_order_relaxed);
}

/** What to look for among what was learnt. */
struct wish
{
    const struct nta_addr *addr;
    int64_t wall_ns;
    uint64_t alias_of;    ///< As in an entry.
    struct nta_span name; ///< Of nta_pdns_ask().
    char *buf;            ///< For the newest name; NULL: none is wanted.
};

/** What was found. */
struct found
{
    size_t n, len;
    bool has_name;
    int64_t newest_ns;
    uint64_t foreign; ///< The MAC of another machine on the client's address; 0: none.
};

/** Names learnt on this very address; those with another MAC only if `any_mac`. */
static void look(struct nta_pdns *pdns, const struct nta_addr *client, uint64_t mac, bool any_mac,
                 const struct wish *wish, struct found *found)
{
    const struct set set = lock_set(pdns, client, wish->addr);

    for (size_t i = 0; i < N_WAYS; i++) {
        if (!is_of(&set, i, client, wish->addr))
            continue;
        const struct entry *entry = entry_of(&set, i);

        if (!is_valid(entry, wish->wall_ns) || entry->alias_of != wish->alias_of)
            continue;
        if (!any_mac && mac && entry->mac && entry->mac != mac) {
            found->foreign = entry->mac;
            continue;
        }
        found->has_name |= is_named(entry, wish->name);
        if (wish->buf && (found->n == 0 || entry->learnt_ns > found->newest_ns)) {
            found->newest_ns = entry->learnt_ns;
            found->len = entry->len;
            memcpy(wish->buf, entry->name, entry->len);
        }
        found->n++;
    }
    unlock(pdns, set.shard);
}

/** Of this client's address, else of the other ones of its machine. */
static struct found search(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                           const struct wish *wish)
{
    __attribute__((uninitialized)) struct nta_addr addrs[NTA_STATION_ADDRS_MAX];
    const uint64_t mac = mac_of(client);
    struct found found = {0};

    look(pdns, client->addr, mac, false, wish, &found);
    /* where one of the two is a router's, the machine behind both may be the same */
    if (found.n == 0 && found.foreign &&
        !(is_own(pdns, mac, wish->wall_ns) && is_own(pdns, found.foreign, wish->wall_ns)))
        look(pdns, client->addr, mac, true, wish, &found);
    if (found.n > 0)
        return found;
    const size_t n = others(pdns, client, wish->wall_ns, addrs);

    for (size_t i = 0; i < n; i++)
        look(pdns, &addrs[i], mac, false, wish, &found);
    return found;
}

size_t nta_pdns_find(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                     const struct nta_addr *addr, int64_t wall_ns, char buf[NTA_PDNS_NAME_MAX + 1],
                     size_t *ret_n_names)
{
    const struct wish wish = {.addr = addr, .wall_ns = wall_ns, .buf = buf};
    const struct found found = search(pdns, client, &wish);

    buf[found.len] = '\0';
    *ret_n_names = found.n;
    return found.len;
}

bool nta_pdns_has_aliases(const struct nta_pdns *pdns)
{
    return atomic_load_explicit(&pdns->has_aliases, memory_order_relaxed);
}

size_t nta_pdns_find_alias(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                           const struct nta_addr *addr, struct nta_span name, int64_t wall_ns,
                           char buf[NTA_PDNS_NAME_MAX + 1])
{
    buf[0] = '\0';
    if (!nta_pdns_has_aliases(pdns) || name.len == 0)
        return 0;
    const struct wish wish = {.addr = addr,
                              .wall_ns = wall_ns,
                              .alias_of = nta_hash_bytes(&pdns->key, name.ptr, name.len) | 1,
                              .buf = buf};
    const struct found found = search(pdns, client, &wish);

    buf[found.len] = '\0';
    return found.len;
}

enum nta_pdns_agreement nta_pdns_ask(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                                     const struct nta_addr *addr, struct nta_span name,
                                     int64_t wall_ns)
{
    const struct wish wish = {.addr = addr, .wall_ns = wall_ns, .name = name};
    const struct found found = search(pdns, client, &wish);

    if (found.n == 0)
        return NTA_PDNS_SILENT;
    return found.has_name ? NTA_PDNS_AGREES : NTA_PDNS_DISAGREES;
}
