/* SPDX-License-Identifier: Apache-2.0 */
#include "pdns/pdns.h"

#include "base/memory/area.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"

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
    int64_t since_ns, learnt_ns, until_ns; ///< First and last time that it was told; to when.
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
    uint32_t tag; ///< The pair's.
};

struct nta_pdns
{
    struct nta_hash_key key;
    size_t n_sets;
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
           nta_addr_equal(&entry_of(set, way)->addr, addr);
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
static struct set set_of(struct nta_pdns *pdns, const struct nta_addr *client,
                         const struct nta_addr *addr)
{
    struct nta_addr both[2] = {*client, *addr};
    uint64_t hash = nta_hash_bytes(&pdns->key, both, sizeof(both));

    return (struct set){
        .entries = pdns->entries,
        .ways = &pdns->ways[(hash >> 32) % pdns->n_sets],
        .tag = (uint32_t)hash | 1,
    };
}

/**
 * Where to write: the entry of the same name if that still holds, else a free one, else the one
 * that ended, or will end, first.  A name that ended before is kept beside: a connection may be
 * asked about long after it began.
 */
static size_t choose(const struct set *set, const struct nta_addr *client,
                     const struct nta_addr *addr, struct nta_span name, int64_t wall_ns)
{
    size_t free_way = N_WAYS, first = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_of(set, i, client, addr) && is_named(entry_of(set, i), name) &&
            is_valid(entry_of(set, i), wall_ns))
            return i;
        if (set->ways->tag[i] == 0)
            free_way = i;
    }
    if (free_way < N_WAYS)
        return free_way;
    for (size_t i = 1; i < N_WAYS; i++) {
        if (entry_of(set, i)->until_ns < entry_of(set, first)->until_ns)
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

void nta_pdns_learn(struct nta_pdns *pdns, const struct nta_addr *client,
                    const struct nta_addr *addr, struct nta_span name, uint32_t ttl_s,
                    int64_t wall_ns)
{
    if (name.len == 0 || name.len > NTA_PDNS_NAME_MAX)
        return;
    const struct set set = set_of(pdns, client, addr);
    size_t way = choose(&set, client, addr, name, wall_ns);

    if (set.ways->tag[way] == 0)
        set.ways->place[way] = pdns->n_entries++;
    struct entry *entry = entry_of(&set, way);
    const bool goes_on =
        is_of(&set, way, client, addr) && is_named(entry, name) && is_valid(entry, wall_ns);

    set.ways->tag[way] = set.tag;
    if (!goes_on)
        *entry = (struct entry){
            .client = *client, .addr = *addr, .since_ns = wall_ns, .len = (uint8_t)name.len};
    entry->learnt_ns = wall_ns;
    entry->until_ns = until_of(wall_ns, ttl_s);
    memcpy(entry->name, name.ptr, name.len);
}

size_t nta_pdns_find(struct nta_pdns *pdns, const struct nta_addr *client,
                     const struct nta_addr *addr, int64_t wall_ns, char buf[NTA_PDNS_NAME_MAX + 1],
                     size_t *ret_n_names)
{
    const struct set set = set_of(pdns, client, addr);
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
    buf[len] = '\0';
    *ret_n_names = n_names;
    return len;
}

enum nta_pdns_agreement nta_pdns_ask(struct nta_pdns *pdns, const struct nta_addr *client,
                                     const struct nta_addr *addr, struct nta_span name,
                                     int64_t wall_ns)
{
    const struct set set = set_of(pdns, client, addr);
    enum nta_pdns_agreement agreement = NTA_PDNS_SILENT;

    for (size_t i = 0; i < N_WAYS && agreement != NTA_PDNS_AGREES; i++) {
        if (is_of(&set, i, client, addr) && is_valid(entry_of(&set, i), wall_ns))
            agreement = is_named(entry_of(&set, i), name) ? NTA_PDNS_AGREES : NTA_PDNS_DISAGREES;
    }
    return agreement;
}
