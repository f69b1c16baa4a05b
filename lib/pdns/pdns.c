/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/pdns.h"

#include "base/hash.h"
#include "base/memory/area.h"
#include "base/memory/memory.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum
{
    N_SHARDS = 64,
    N_WAYS = 8
};

struct entry
{
    struct nta_addr client, addr;
    int64_t learnt_ns, until_ns;
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
};

/** Where the names of one (client, address) pair are, if there are any. */
struct set
{
    struct shard *shard; ///< Locked.
    struct ways *ways;
    uint32_t tag; ///< The pair's.
    bool locked;
};

struct nta_pdns
{
    struct nta_hash_key key;
    size_t n_sets;         ///< In one shard.
    bool shared;           ///< By threads: shards are locked.
    struct ways *ways;     ///< Owned; of all shards.
    struct entry *entries; ///< As above.
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

void nta_pdns_free(struct nta_pdns **pdns)
{
    if (!*pdns)
        return;
    for (size_t i = 0; i < N_SHARDS; i++)
        (void)pthread_mutex_destroy(&(*pdns)->shards[i].lock);
    nta_area_free((*pdns)->ways, ways_bytes(*pdns));
    nta_area_free((*pdns)->entries, entries_bytes(*pdns));
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
    if (!pdns->ways || !pdns->entries)
        return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    for (size_t i = 0; i < N_SHARDS; i++) {
        pdns->shards[i].ways = pdns->ways + i * pdns->n_sets;
        pdns->shards[i].entries = pdns->entries + i * pdns->n_sets * N_WAYS;
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

static bool is_valid(const struct entry *entry, int64_t wall_ns)
{
    return wall_ns <= entry->until_ns;
}

static bool is_named(const struct entry *entry, struct nta_span name)
{
    return nta_span_equal((struct nta_span){(const uint8_t *)entry->name, entry->len}, name);
}

/** The set of a (client, address) pair, with its shard locked: the caller unlocks. */
static struct set lock_set(struct nta_pdns *pdns, const struct nta_addr *client,
                           const struct nta_addr *addr)
{
    struct nta_addr both[2] = {*client, *addr};
    uint64_t hash = nta_hash_bytes(&pdns->key, both, sizeof(both));
    struct shard *shard = &pdns->shards[hash % N_SHARDS];
    size_t i = (hash >> 32) % pdns->n_sets;

    if (pdns->shared)
        (void)pthread_mutex_lock(&shard->lock);
    return (struct set){
        .shard = shard,
        .locked = pdns->shared,
        .ways = &shard->ways[i],
        .tag = (uint32_t)hash | 1,
    };
}

static void unlock(const struct set *set)
{
    if (set->locked)
        (void)pthread_mutex_unlock(&set->shard->lock);
}

/** Where to write: the entry of the same name, else a free one, else the one learnt first. */
static size_t choose(const struct set *set, const struct nta_addr *client,
                     const struct nta_addr *addr, struct nta_span name)
{
    size_t free_way = N_WAYS, oldest = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_of(set, i, client, addr) && is_named(entry_of(set, i), name))
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

void nta_pdns_learn(struct nta_pdns *pdns, const struct nta_addr *client,
                    const struct nta_addr *addr, struct nta_span name, uint32_t ttl_s,
                    int64_t wall_ns)
{
    if (name.len == 0 || name.len > NTA_PDNS_NAME_MAX)
        return;
    const struct set set = lock_set(pdns, client, addr);
    size_t way = choose(&set, client, addr, name);

    if (set.ways->tag[way] == 0)
        set.ways->place[way] = set.shard->n_entries++;
    struct entry *entry = entry_of(&set, way);

    set.ways->tag[way] = set.tag;
    entry->client = *client;
    entry->addr = *addr;
    entry->learnt_ns = wall_ns;
    entry->until_ns = wall_ns + (int64_t)ttl_s * 1000000000 + NTA_PDNS_GRACE_NS;
    entry->len = (uint8_t)name.len;
    memcpy(entry->name, name.ptr, name.len);
    unlock(&set);
}

size_t nta_pdns_find(struct nta_pdns *pdns, const struct nta_addr *client,
                     const struct nta_addr *addr, int64_t wall_ns, char buf[NTA_PDNS_NAME_MAX + 1],
                     size_t *ret_n_names)
{
    const struct set set = lock_set(pdns, client, addr);
    const struct entry *newest = NULL;
    size_t n_names = 0, len = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (!is_of(&set, i, client, addr) || !is_valid(entry_of(&set, i), wall_ns))
            continue;
        n_names++;
        if (!newest || entry_of(&set, i)->learnt_ns > newest->learnt_ns)
            newest = entry_of(&set, i);
    }
    if (newest) {
        len = newest->len;
        memcpy(buf, newest->name, len);
    }
    unlock(&set);
    buf[len] = '\0';
    *ret_n_names = n_names;
    return len;
}

enum nta_pdns_agreement nta_pdns_ask(struct nta_pdns *pdns, const struct nta_addr *client,
                                     const struct nta_addr *addr, struct nta_span name,
                                     int64_t wall_ns)
{
    const struct set set = lock_set(pdns, client, addr);
    enum nta_pdns_agreement agreement = NTA_PDNS_SILENT;

    for (size_t i = 0; i < N_WAYS && agreement != NTA_PDNS_AGREES; i++) {
        if (is_of(&set, i, client, addr) && is_valid(entry_of(&set, i), wall_ns))
            agreement = is_named(entry_of(&set, i), name) ? NTA_PDNS_AGREES : NTA_PDNS_DISAGREES;
    }
    unlock(&set);
    return agreement;
}
