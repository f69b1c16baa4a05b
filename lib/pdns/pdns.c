/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/pdns.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "pdns/stations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    N_WAYS = 8
};

struct entry
{
    struct nta_addr client, addr;
    int64_t since_ns, learnt_ns; ///< Since when it was known without a break, and the last time.
    int64_t until_ns;
    uint64_t alias_of; ///< Hash of the name that this is an alias of; 0: it was asked for.
    uint64_t network;  ///< The client's.
    uint64_t mac;      ///< The client's (nta_station_mac()); 0: not known.
    bool is_listed;
    uint8_t len;
    char name[NTA_PDNS_NAME_MAX];
};

/** A cache line that answers most questions without an entry. */
struct ways
{
    uint32_t tag[N_WAYS];   ///< Part of the hash of (client, address); 0: free, and never used.
    uint32_t place[N_WAYS]; ///< Of its entry, for good once it is used.
};

/** Where the names of one (client, address) pair are, if there are any. */
struct set
{
    struct entry *entries; ///< All of the table's.
    struct ways *ways;
    uint64_t network; ///< The client's.
    uint32_t tag;     ///< The pair's.
};

struct nta_pdns
{
    struct nta_hash_key key;
    size_t n_sets;
    bool has_aliases;      ///< Some were learnt: mostly there are none to look for.
    uint32_t n_entries;    ///< Used.  They lie side by side: what is not used is not touched.
    struct ways *ways;     ///< Owned; n_sets.
    struct entry *entries; ///< Owned; n_sets * N_WAYS.
};

static size_t ways_bytes(const struct nta_pdns *pdns)
{
    return pdns->n_sets * sizeof(struct ways);
}

static size_t entries_bytes(const struct nta_pdns *pdns)
{
    return pdns->n_sets * N_WAYS * sizeof(struct entry);
}

void nta_pdns_free(struct nta_pdns **pdns)
{
    if (!*pdns)
        return;
    nta_area_free((*pdns)->ways, ways_bytes(*pdns));
    nta_area_free((*pdns)->entries, entries_bytes(*pdns));
    free(*pdns);
    *pdns = NULL;
}

int nta_pdns_new(size_t n_entries, const struct nta_hash_key *key, struct nta_pdns **ret_pdns,
                 struct nta_err *err)
{
    NTA_AUTO(nta_pdns_free) struct nta_pdns *pdns = calloc(1, sizeof(*pdns));

    if (!pdns)
        return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    pdns->key = *key;
    pdns->n_sets = n_entries / N_WAYS + 1;
    pdns->ways = nta_area_new(ways_bytes(pdns), NTA_AREA_HOT);
    pdns->entries = nta_area_new(entries_bytes(pdns), NTA_AREA_GROWS);
    if (!pdns->ways || !pdns->entries)
        return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    *ret_pdns = NTA_TAKE(pdns);
    return 0;
}

/** Of a way that is used. */
static struct entry *entry_of(const struct set *set, size_t way)
{
    return &set->entries[set->ways->place[way]];
}

/**
 * The names of this pair are in ways for which this is true; the tag first, since entries are far
 * away.
 */
static bool is_of(const struct set *set, size_t way, const struct nta_addr *client,
                  const struct nta_addr *addr)
{
    return set->ways->tag[way] == set->tag && nta_addr_equal(&entry_of(set, way)->client, client) &&
           nta_addr_equal(&entry_of(set, way)->addr, addr) &&
           entry_of(set, way)->network == set->network;
}

/** A name that was told later is none of what was before. */
static bool is_valid(const struct entry *entry, int64_t wall_ns)
{
    return wall_ns >= entry->since_ns && wall_ns <= entry->until_ns;
}

static bool is_named(const struct entry *entry, struct nta_span name)
{
    return nta_span_equal((struct nta_span){(const uint8_t *)entry->name, entry->len}, name);
}

/** The set of a (client, address) pair. */
static struct set set_of(struct nta_pdns *pdns, const struct nta_addr *client, uint64_t network,
                         const struct nta_addr *addr)
{
    struct nta_addr both[2] = {*client, *addr};
    uint64_t hash = nta_hash_bytes(&pdns->key, both, sizeof(both));

    if (network)
        hash = nta_hash_words(&pdns->key, hash, network);

    return (struct set){
        .entries = pdns->entries,
        .ways = &pdns->ways[(hash >> 32) % pdns->n_sets],
        .network = network,
        .tag = (uint32_t)hash | 1,
    };
}

/** The same name of the same kind, for the same machine. */
static bool is_same(const struct set *set, size_t way, const struct entry *wanted)
{
    const struct entry *entry = entry_of(set, way);

    return is_of(set, way, &wanted->client, &wanted->addr) &&
           is_named(entry, (struct nta_span){(const uint8_t *)wanted->name, wanted->len}) &&
           entry->alias_of == wanted->alias_of && entry->mac == wanted->mac;
}

static bool goes_before(const struct entry *a, const struct entry *b)
{
    return a->is_listed != b->is_listed ? b->is_listed : a->until_ns < b->until_ns;
}

/**
 * Where to write: the entry of the same name if that still holds, else a free one, else the one
 * that ended, or will end, first, of those that no list names if there are any.  A name that ended
 * before is kept beside: a connection may be asked about long after it began.
 */
static size_t choose(const struct set *set, const struct entry *wanted)
{
    size_t free_way = N_WAYS, first = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_same(set, i, wanted) && is_valid(entry_of(set, i), wanted->learnt_ns))
            return i;
        if (set->ways->tag[i] == 0)
            free_way = i;
    }
    if (free_way < N_WAYS)
        return free_way;
    for (size_t i = 1; i < N_WAYS; i++) {
        if (goes_before(entry_of(set, i), entry_of(set, first)))
            first = i;
    }
    return first;
}

static int64_t until_of(int64_t wall_ns, uint32_t ttl_s)
{
    int64_t until_ns;

    if (__builtin_add_overflow(wall_ns, (int64_t)ttl_s * NTA_NS_PER_S + NTA_PDNS_GRACE_NS,
                               &until_ns))
        return INT64_MAX;
    return until_ns;
}

static void put(struct nta_pdns *pdns, struct entry *wanted)
{
    const struct set set = set_of(pdns, &wanted->client, wanted->network, &wanted->addr);
    const size_t way = choose(&set, wanted);

    wanted->since_ns = wanted->learnt_ns;
    if (set.ways->tag[way] == 0)
        set.ways->place[way] = pdns->n_entries++;
    else if (is_same(&set, way, wanted) && is_valid(entry_of(&set, way), wanted->learnt_ns))
        wanted->since_ns = entry_of(&set, way)->since_ns; /* it was known all the time */
    set.ways->tag[way] = set.tag;
    memcpy(entry_of(&set, way), wanted, offsetof(struct entry, name) + wanted->len);
}

static uint64_t mac_of(const struct nta_pdns_client *client)
{
    return client->mac ? nta_station_mac(client->mac) : 0;
}

/** Of a name whose aliases are meant; 0: of none. */
static uint64_t alias_hash(const struct nta_pdns *pdns, struct nta_span name)
{
    return name.len ? nta_hash_bytes(&pdns->key, name.ptr, name.len) | 1 : 0;
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
    entry.learnt_ns = answer->wall_ns;
    entry.until_ns = until_of(answer->wall_ns, answer->ttl_s);
    entry.alias_of = 0;
    entry.network = client->network;
    entry.is_listed = answer->is_listed;
    entry.mac = mac_of(client);
    entry.len = (uint8_t)answer->name.len;
    memcpy(entry.name, answer->name.ptr, answer->name.len);
    put(pdns, &entry);
    if (!has_alias)
        return;
    entry.alias_of = alias_hash(pdns, answer->name);
    entry.len = (uint8_t)answer->alias.len;
    memcpy(entry.name, answer->alias.ptr, answer->alias.len);
    put(pdns, &entry);
    pdns->has_aliases = true;
}

static void take_found(const struct entry *entry, const struct nta_pdns_wish *wish,
                       struct nta_pdns_found *found)
{
    if ((wish->before_ns && entry->learnt_ns >= wish->before_ns) ||
        (wish->only_listed && !entry->is_listed))
        return;
    found->has_name |= is_named(entry, wish->name);
    if (wish->buf && (found->n == 0 || entry->learnt_ns > found->newest_ns)) {
        found->newest_ns = entry->learnt_ns;
        found->len = entry->len;
        memcpy(wish->buf, entry->name, entry->len);
    }
    found->n++;
}

void nta_pdns_search(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                     const struct nta_pdns_wish *wish, struct nta_pdns_found *found)
{
    const struct set set = set_of(pdns, client->addr, client->network, wish->addr);
    const uint64_t mac = mac_of(client), alias_of = alias_hash(pdns, wish->alias_of);

    for (size_t i = 0; i < N_WAYS; i++) {
        if (!is_of(&set, i, client->addr, wish->addr))
            continue;
        const struct entry *entry = entry_of(&set, i);

        if (!is_valid(entry, wish->wall_ns) || entry->alias_of != alias_of)
            continue;
        if (mac && entry->mac && entry->mac != mac) {
            found->is_foreign = true;
            memcpy(found->foreign_mac, &entry->mac, sizeof(found->foreign_mac));
        } else {
            take_found(entry, wish, found);
        }
    }
}

bool nta_pdns_has_aliases(const struct nta_pdns *pdns)
{
    return pdns->has_aliases;
}
