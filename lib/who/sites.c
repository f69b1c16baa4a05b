/* SPDX-License-Identifier: Apache-2.0 */
#include "who/sites.h"

#include "base/hash.h"
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
    int64_t learnt_ns, until_ns; ///< until 0: free.
    uint8_t len;
    char name[NTA_SITES_NAME_MAX];
};

struct shard
{
    _Alignas(64) pthread_mutex_t lock; ///< Guards `entries` of this shard.
    struct entry *entries;             ///< n_sets * N_WAYS; owned.
};

struct nta_sites
{
    struct nta_hash_key key;
    size_t n_sets; ///< In one shard.
    struct shard shards[N_SHARDS];
};

void nta_sites_free(struct nta_sites **sites)
{
    if (!*sites)
        return;
    for (size_t i = 0; i < N_SHARDS; i++) {
        (void)pthread_mutex_destroy(&(*sites)->shards[i].lock);
        free((*sites)->shards[i].entries);
    }
    free(*sites);
    *sites = NULL;
}

int nta_sites_new(size_t n_entries, struct nta_sites **ret_sites, struct nta_err *err)
{
    NTA_AUTO(nta_sites_free) struct nta_sites *sites = aligned_alloc(64, sizeof(*sites));

    if (!sites)
        return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    memset(sites, 0, sizeof(*sites));
    for (size_t i = 0; i < N_SHARDS; i++)
        (void)pthread_mutex_init(&sites->shards[i].lock, NULL);
    int r = nta_hash_key_random(&sites->key);

    if (r < 0)
        return nta_err_sys(err, r, "random numbers");
    sites->n_sets = n_entries / ((size_t)N_SHARDS * N_WAYS) + 1;
    for (size_t i = 0; i < N_SHARDS; i++) {
        sites->shards[i].entries = calloc(sites->n_sets * (size_t)N_WAYS, sizeof(struct entry));
        if (!sites->shards[i].entries)
            return nta_err_sys(err, -ENOMEM, "table of names learnt from DNS");
    }
    *ret_sites = NTA_TAKE(sites);
    return 0;
}

static bool is_of(const struct entry *entry, const struct nta_addr *client,
                  const struct nta_addr *addr)
{
    return entry->until_ns && nta_addr_equal(&entry->client, client) &&
           nta_addr_equal(&entry->addr, addr);
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
static struct entry *lock_set(struct nta_sites *sites, const struct nta_addr *client,
                              const struct nta_addr *addr, struct shard **ret_shard)
{
    struct nta_addr both[2] = {*client, *addr};
    uint64_t hash = nta_hash_bytes(&sites->key, both, sizeof(both));
    struct shard *shard = &sites->shards[hash % N_SHARDS];

    (void)pthread_mutex_lock(&shard->lock);
    *ret_shard = shard;
    return &shard->entries[(hash >> 32) % sites->n_sets * (size_t)N_WAYS];
}

/** Where to write: the entry of the same name, else a free one, else the one learnt first. */
static struct entry *choose(struct entry *set, const struct nta_addr *client,
                            const struct nta_addr *addr, struct nta_span name)
{
    struct entry *best = set;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (is_of(&set[i], client, addr) && is_named(&set[i], name))
            return &set[i];
        if (set[i].until_ns == 0) {
            if (best->until_ns)
                best = &set[i];
        } else if (best->until_ns && set[i].learnt_ns < best->learnt_ns) {
            best = &set[i];
        }
    }
    return best;
}

void nta_sites_learn(struct nta_sites *sites, const struct nta_addr *client,
                     const struct nta_addr *addr, struct nta_span name, uint32_t ttl_s,
                     int64_t wall_ns)
{
    struct shard *shard;

    if (name.len == 0 || name.len > NTA_SITES_NAME_MAX)
        return;
    struct entry *set = lock_set(sites, client, addr, &shard);
    struct entry *entry = choose(set, client, addr, name);

    entry->client = *client;
    entry->addr = *addr;
    entry->learnt_ns = wall_ns;
    entry->until_ns = wall_ns + (int64_t)ttl_s * 1000000000 + NTA_SITES_GRACE_NS;
    entry->len = (uint8_t)name.len;
    memcpy(entry->name, name.ptr, name.len);
    (void)pthread_mutex_unlock(&shard->lock);
}

size_t nta_sites_find(struct nta_sites *sites, const struct nta_addr *client,
                      const struct nta_addr *addr, int64_t wall_ns,
                      char room[NTA_SITES_NAME_MAX + 1], size_t *ret_n_names)
{
    struct shard *shard;
    const struct entry *set = lock_set(sites, client, addr, &shard);
    const struct entry *newest = NULL;
    size_t n_names = 0, len = 0;

    for (size_t i = 0; i < N_WAYS; i++) {
        if (!is_of(&set[i], client, addr) || !is_valid(&set[i], wall_ns))
            continue;
        n_names++;
        if (!newest || set[i].learnt_ns > newest->learnt_ns)
            newest = &set[i];
    }
    if (newest) {
        len = newest->len;
        memcpy(room, newest->name, len);
    }
    (void)pthread_mutex_unlock(&shard->lock);
    room[len] = '\0';
    *ret_n_names = n_names;
    return len;
}

enum nta_sites_says nta_sites_ask(struct nta_sites *sites, const struct nta_addr *client,
                                  const struct nta_addr *addr, struct nta_span name,
                                  int64_t wall_ns)
{
    struct shard *shard;
    const struct entry *set = lock_set(sites, client, addr, &shard);
    enum nta_sites_says says = NTA_SITES_SILENT;

    for (size_t i = 0; i < N_WAYS && says != NTA_SITES_AGREES; i++) {
        if (is_of(&set[i], client, addr) && is_valid(&set[i], wall_ns))
            says = is_named(&set[i], name) ? NTA_SITES_AGREES : NTA_SITES_DISAGREES;
    }
    (void)pthread_mutex_unlock(&shard->lock);
    return says;
}
