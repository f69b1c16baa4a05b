/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/counts.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/own.h"
#include "stats/users.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    N_MAX = 262144,
    KEY_MAX = 255,
    KEYS_BYTES = 24 * 1024 * 1024,
    NAMES_BYTES = KEYS_BYTES ///< What they are called.
};

struct entry
{
    uint64_t hash;
    struct nta_count count;
    uint32_t key; ///< Offset in `keys`.
    uint32_t key_len;
    uint32_t name; ///< Offset in `names`, where what it was called before is lost space.
    uint8_t name_len, name_rank;
    uint32_t number; ///< While entries move: which one it was.
    uint8_t *sketch; ///< Owned; NULL: users are counted exactly.
};

struct slot
{
    uint64_t hash;
    uint32_t entry; ///< Index + 1; 0: free.
};

struct nta_counts
{
    struct nta_hash_key hash_key;
    struct entry *entries; ///< Owned, space for n_max.
    size_t n, n_max;
    struct slot *slots; ///< Owned; at most half full.
    size_t n_slots;     ///< A power of two.
    struct nta_buf keys, names;
    size_t names_used;       ///< Of `names`: what keys are called now.
    struct nta_users *users; ///< Owned: pairs of key and user that were met.
    struct nta_users *all;   ///< Owned: users.
    struct nta_count total, others;
    size_t last;       ///< The entry that was added to last.
    bool all_are_in;   ///< total.n_users is exact.
    enum nta_order by; ///< What stays where there is no room for all.
};

void nta_counts_free(struct nta_counts **counts)
{
    struct nta_counts *dead = NTA_TAKE(*counts);

    if (!dead)
        return;
    for (size_t i = 0; i < dead->n; i++)
        free(dead->entries[i].sketch);
    free(dead->entries);
    free(dead->slots);
    nta_buf_done(&dead->keys);
    nta_buf_done(&dead->names);
    nta_users_free(&dead->users);
    nta_users_free(&dead->all);
    free(dead);
}

int nta_counts_new(size_t n_max, enum nta_order by, struct nta_counts **ret_counts)
{
    NTA_AUTO(nta_counts_free) struct nta_counts *counts = calloc(1, sizeof(*counts));

    if (!counts)
        return -ENOMEM;
    counts->all_are_in = true;
    counts->by = by;
    counts->n_max = n_max ? n_max : N_MAX;
    for (counts->n_slots = 1; counts->n_slots < 2 * counts->n_max;)
        counts->n_slots *= 2;
    counts->entries = calloc(counts->n_max, sizeof(*counts->entries));
    counts->slots = calloc(counts->n_slots, sizeof(*counts->slots));
    counts->users = nta_users_new();
    counts->all = nta_users_new();
    if (!counts->entries || !counts->slots || !counts->users || !counts->all)
        return -ENOMEM;
    int r = nta_hash_key_random(&counts->hash_key);

    if (r == 0)
        *ret_counts = NTA_TAKE(counts);
    return r;
}

static struct nta_span key_of(const struct nta_counts *counts, const struct entry *entry)
{
    return (struct nta_span){.ptr = counts->keys.ptr + entry->key, .len = entry->key_len};
}

static struct nta_span name_of(const struct nta_counts *counts, const struct entry *entry)
{
    if (entry->name_len == 0)
        return (struct nta_span){0};
    return (struct nta_span){.ptr = counts->names.ptr + entry->name, .len = entry->name_len};
}

/**
 * The slot where the key is or would be.  Keys are told apart by 64 bits of a keyed hash: to fetch
 * the keys' own bytes would cost as much again, and two of the most keys that can be here are the
 * same once in two hundred million runs.
 */
static struct slot *find_slot(const struct nta_counts *counts, uint64_t hash)
{
    size_t at = hash & (counts->n_slots - 1);

    while (counts->slots[at].entry && counts->slots[at].hash != hash)
        at = (at + 1) & (counts->n_slots - 1);
    return &counts->slots[at];
}

/* ---- folding ---- */

static int by_weight(const void *a, const void *b, void *by)
{
    const struct nta_sum *x = &((const struct entry *)a)->count.sum;
    const struct nta_sum *y = &((const struct entry *)b)->count.sum;
    const struct nta_weight left = nta_sum_weight(x), right = nta_sum_weight(y);
    const int order = nta_weight_order(*(const enum nta_order *)by, &left, &right);

    return order ? order : x->n < y->n ? 1 : x->n > y->n ? -1 : 0;
}

/** Without what they were called before. */
static int rebuild_names(struct nta_counts *counts)
{
    struct nta_buf names = {0};

    for (size_t i = 0; i < counts->n; i++) {
        struct entry *entry = &counts->entries[i];
        struct nta_span name = name_of(counts, entry);

        entry->name = (uint32_t)names.len;
        if (name.len)
            nta_buf_put(&names, name.ptr, name.len);
    }
    nta_buf_done(&counts->names);
    counts->names = names;
    counts->names_used = names.len;
    return names.failed ? -ENOMEM : 0;
}

/** Put the entries' keys and slots together anew. */
static int rebuild(struct nta_counts *counts)
{
    struct nta_buf keys = {0};

    memset(counts->slots, 0, counts->n_slots * sizeof(*counts->slots));
    for (size_t i = 0; i < counts->n; i++) {
        struct entry *entry = &counts->entries[i];
        struct nta_span key = key_of(counts, entry);
        size_t at = entry->hash & (counts->n_slots - 1);

        entry->key = (uint32_t)keys.len;
        nta_buf_put(&keys, key.ptr, key.len);
        while (counts->slots[at].entry)
            at = (at + 1) & (counts->n_slots - 1);
        counts->slots[at] = (struct slot){.hash = entry->hash, .entry = (uint32_t)i + 1};
    }
    if (keys.failed) {
        nta_buf_done(&keys);
        return -ENOMEM;
    }
    nta_buf_done(&counts->keys);
    counts->keys = keys;
    return rebuild_names(counts);
}

/**
 * Tell the users of the entries that stay by their new numbers: `number` holds the old ones for a
 * moment.
 */
static int renumber_users(struct nta_counts *counts, size_t n_before)
{
    NTA_AUTO_FREE uint32_t *numbers = calloc(n_before + 1, sizeof(*numbers));

    if (!numbers)
        return -ENOMEM;
    for (size_t i = 0; i < n_before; i++)
        numbers[i] = UINT32_MAX;
    for (size_t i = 0; i < counts->n; i++)
        numbers[counts->entries[i].number] = (uint32_t)i;
    return counts->users ? nta_users_renumber(counts->users, numbers) : 0;
}

static int fold(struct nta_counts *counts)
{
    size_t n_before = counts->n;

    for (size_t i = 0; i < n_before; i++)
        counts->entries[i].number = (uint32_t)i;
    qsort_r(counts->entries, n_before, sizeof(*counts->entries), by_weight, &counts->by);
    counts->n = n_before / 2;
    for (size_t i = counts->n; i < n_before; i++) {
        nta_sum_add(&counts->others.sum, &counts->entries[i].count.sum);
        free(counts->entries[i].sketch);
        counts->entries[i].sketch = NULL;
    }
    int r = renumber_users(counts, n_before);

    return r < 0 ? r : rebuild(counts);
}

/* ---- users ---- */

static void into_entry(void *owner, uint64_t user, uint32_t key)
{
    struct nta_counts *counts = owner;

    nta_sketch_add(counts->entries[key].sketch, user);
}

/** From now on users of keys are estimated: those that are known go into sketches. */
static int begin_sketches(struct nta_counts *counts)
{
    for (size_t i = 0; i < counts->n; i++) {
        counts->entries[i].sketch = calloc(1, NTA_SKETCH_SIZE);
        if (!counts->entries[i].sketch)
            return -ENOMEM;
    }
    nta_users_each(counts->users, into_entry, counts);
    nta_users_free(&counts->users);
    return 0;
}

static int note_user_of_key(struct nta_counts *counts, struct entry *entry, uint64_t hash)
{
    if (counts->users) {
        int r = nta_users_add(counts->users, hash, (uint32_t)(entry - counts->entries));

        if (r >= 0) {
            entry->count.n_users += (unsigned)r;
            return 0;
        }
        r = r == -ENOBUFS ? begin_sketches(counts) : r;
        if (r < 0)
            return r;
    }
    nta_sketch_add(entry->sketch, hash);
    return 0;
}

static int note_user(struct nta_counts *counts, struct entry *entry, struct nta_span user)
{
    uint64_t hash = nta_hash_bytes(&counts->hash_key, user.ptr, user.len);
    int r = nta_users_add(counts->all, hash, 0);

    if (r == -ENOBUFS) {
        counts->all_are_in = false; /* there are more than we can remember: as many at least */
        r = 0;
    }
    counts->total.n_users += r > 0;
    return r < 0 ? r : note_user_of_key(counts, entry, hash);
}

/* ---- adding ---- */

static struct entry *find_or_make(struct nta_counts *counts, struct nta_span key, uint64_t hash)
{
    struct slot *slot = find_slot(counts, hash);

    if (slot->entry)
        return &counts->entries[slot->entry - 1];
    if (counts->n == counts->n_max || counts->keys.len + key.len > KEYS_BYTES) {
        if (fold(counts) < 0)
            return NULL;
        slot = find_slot(counts, hash);
    }
    struct entry *entry = &counts->entries[counts->n];

    *entry = (struct entry){
        .hash = hash, .key = (uint32_t)counts->keys.len, .key_len = (uint32_t)key.len};
    nta_buf_put(&counts->keys, key.ptr, key.len);
    if (!counts->users)
        entry->sketch = calloc(1, NTA_SKETCH_SIZE);
    if (counts->keys.failed || (!counts->users && !entry->sketch))
        return NULL;
    *slot = (struct slot){.hash = hash, .entry = (uint32_t)++counts->n};
    return entry;
}

int nta_counts_add(struct nta_counts *counts, struct nta_span key, struct nta_span user,
                   const struct nta_sum *more)
{
    if (key.len > KEY_MAX)
        key.len = KEY_MAX;
    uint64_t hash = nta_hash_bytes(&counts->hash_key, key.ptr, key.len);
    struct entry *entry = find_or_make(counts, key, hash);

    if (!entry)
        return -ENOMEM;
    counts->last = (size_t)(entry - counts->entries);
    nta_sum_add(&entry->count.sum, more);
    nta_sum_add(&counts->total.sum, more);
    return user.len ? note_user(counts, entry, user) : 0;
}

/* ---- what they are called ---- */

bool nta_counts_wants_name(const struct nta_counts *counts, unsigned rank)
{
    return rank > counts->entries[counts->last].name_rank;
}

int nta_counts_call(struct nta_counts *counts, unsigned rank, struct nta_span name)
{
    struct entry *entry = &counts->entries[counts->last];

    if (!nta_counts_wants_name(counts, rank))
        return 0;
    if (name.len > KEY_MAX)
        name.len = KEY_MAX;
    if (counts->names.len + name.len > NAMES_BYTES) {
        if (counts->names_used > NAMES_BYTES / 2)
            return 0; /* to make space anew for each would cost more than it gives */
        if (rebuild_names(counts) < 0)
            return -ENOMEM;
    }
    counts->names_used += name.len - entry->name_len;
    entry->name = (uint32_t)counts->names.len;
    entry->name_len = (uint8_t)name.len;
    entry->name_rank = (uint8_t)rank;
    if (name.len)
        nta_buf_put(&counts->names, name.ptr, name.len);
    return counts->names.failed ? -ENOMEM : 0;
}

/* ---- asking ---- */

struct nta_span nta_counts_name(const struct nta_counts *counts, size_t i)
{
    return name_of(counts, &counts->entries[i]);
}

size_t nta_counts_n(const struct nta_counts *counts)
{
    return counts->n;
}

static struct nta_count count_of(const struct entry *entry)
{
    struct nta_count count = entry->count;

    if (entry->sketch)
        count.n_users = nta_sketch_count(entry->sketch);
    return count;
}

struct nta_span nta_counts_get(const struct nta_counts *counts, size_t i,
                               struct nta_count *ret_count)
{
    *ret_count = count_of(&counts->entries[i]);
    return key_of(counts, &counts->entries[i]);
}

bool nta_counts_find(const struct nta_counts *counts, struct nta_span key,
                     struct nta_count *ret_count)
{
    uint64_t hash = nta_hash_bytes(&counts->hash_key, key.ptr, key.len);
    const struct slot *slot = find_slot(counts, hash);

    if (slot->entry)
        *ret_count = count_of(&counts->entries[slot->entry - 1]);
    return slot->entry;
}

struct nta_count nta_counts_total(const struct nta_counts *counts)
{
    return counts->total;
}

struct nta_count nta_counts_others(const struct nta_counts *counts)
{
    return counts->others;
}

bool nta_counts_is_exact(const struct nta_counts *counts)
{
    return counts->users;
}

bool nta_counts_total_is_exact(const struct nta_counts *counts)
{
    return counts->all_are_in;
}
