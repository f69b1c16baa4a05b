/* SPDX-License-Identifier: Apache-2.0 */
#include "export/view/tally.h"

#include "base/hash.h"
#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct nta_tally
{
    struct nta_hash_key hash_key;
    struct nta_tally_entry **entries; ///< Owned, each from malloc.
    size_t n, n_max;
    uint32_t *slots; ///< Index + 1 of an entry; 0: free.  Open addressing, at most half full.
    size_t n_slots;  ///< A power of two.
    uint64_t n_folded;
    struct nta_tally_sum rest;
};

void nta_tally_sum_add(struct nta_tally_sum *sum, const struct nta_tally_sum *more)
{
    nta_sum_add(&sum->base, &more->base);
    sum->n_alerts += more->n_alerts;
    sum->n_downloads += more->n_downloads;
}

int nta_tally_new(size_t n_max, struct nta_tally **ret_tally)
{
    NTA_AUTO(nta_tally_free) struct nta_tally *tally = calloc(1, sizeof(*tally));

    if (!tally)
        return -ENOMEM;
    tally->n_max = n_max;
    tally->n_slots = 1;
    while (tally->n_slots < 2 * n_max)
        tally->n_slots *= 2;
    tally->entries = calloc(n_max, sizeof(struct nta_tally_entry *));
    tally->slots = calloc(tally->n_slots, sizeof(*tally->slots));
    if (!tally->entries || !tally->slots)
        return -ENOMEM;
    int r = nta_hash_key_random(&tally->hash_key);

    if (r < 0)
        return r;
    *ret_tally = NTA_TAKE(tally);
    return 0;
}

static void free_entry(struct nta_tally_entry *entry)
{
    free(entry->sample.cbor);
    free(entry);
}

void nta_tally_free(struct nta_tally **tally_ptr)
{
    struct nta_tally *tally = NTA_TAKE(*tally_ptr);

    if (!tally)
        return;
    for (size_t i = 0; i < tally->n; i++)
        free_entry(tally->entries[i]);
    free((void *)tally->entries);
    free(tally->slots);
    free(tally);
}

/** The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct nta_tally *tally, uint64_t hash, struct nta_span key)
{
    size_t at = hash & (tally->n_slots - 1);

    while (tally->slots[at]) {
        const struct nta_tally_entry *entry = tally->entries[tally->slots[at] - 1];

        if (entry->hash == hash &&
            nta_span_equal((struct nta_span){entry->key, entry->key_len}, key))
            break;
        at = (at + 1) & (tally->n_slots - 1);
    }
    return at;
}

static void index_all(struct nta_tally *tally)
{
    memset(tally->slots, 0, tally->n_slots * sizeof(*tally->slots));
    for (size_t i = 0; i < tally->n; i++) {
        const struct nta_tally_entry *entry = tally->entries[i];
        const struct nta_span key = {.ptr = entry->key, .len = entry->key_len};

        tally->slots[find_slot(tally, entry->hash, key)] = (uint32_t)i + 1;
    }
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}

static int compare_keys(const void *left, const void *right)
{
    const struct nta_tally_entry *a = *(const struct nta_tally_entry *const *)left;
    const struct nta_tally_entry *b = *(const struct nta_tally_entry *const *)right;
    return nta_span_order((struct nta_span){a->key, a->key_len},
                          (struct nta_span){b->key, b->key_len});
}

/**
 * Heaviest first; equal ones by key, so that the same records give the same page.  How often
 * something was done counts last: that is what a watched person can choose.
 */
static int compare_weights(const void *left, const void *right)
{
    const struct nta_tally_sum *a = &(*(const struct nta_tally_entry *const *)left)->sum;
    const struct nta_tally_sum *b = &(*(const struct nta_tally_entry *const *)right)->sum;
    const struct nta_weight left_weight = nta_sum_weight(&a->base);
    const struct nta_weight right_weight = nta_sum_weight(&b->base);
    int order = nta_weight_order(NTA_ORDER_ACT, &left_weight, &right_weight);

    if (order == 0)
        order = compare_numbers(a->n_alerts, b->n_alerts);
    if (order == 0)
        order = compare_numbers(a->base.n, b->base.n);
    return order ? order : compare_keys(left, right);
}

void nta_tally_sort(struct nta_tally *tally)
{
    qsort((void *)tally->entries, tally->n, sizeof(struct nta_tally_entry *), compare_weights);
    index_all(tally);
}

void nta_tally_sort_by_key(struct nta_tally *tally)
{
    qsort((void *)tally->entries, tally->n, sizeof(struct nta_tally_entry *), compare_keys);
    index_all(tally);
}

/** Space for new ones: the lighter half goes into the rest. */
static void fold(struct nta_tally *tally)
{
    size_t n_kept = (tally->n + 1) / 2;

    qsort((void *)tally->entries, tally->n, sizeof(struct nta_tally_entry *), compare_weights);
    for (size_t i = n_kept; i < tally->n; i++) {
        nta_tally_sum_add(&tally->rest, &tally->entries[i]->sum);
        tally->n_folded++;
        free_entry(tally->entries[i]);
    }
    tally->n = n_kept;
    index_all(tally);
}

struct nta_tally_entry *nta_tally_add(struct nta_tally *tally, struct nta_span key,
                                      const struct nta_tally_sum *more)
{
    uint64_t hash = nta_hash_bytes(&tally->hash_key, key.ptr, key.len);
    size_t slot = find_slot(tally, hash, key);

    if (!tally->slots[slot]) {
        if (tally->n == tally->n_max) {
            fold(tally);
            slot = find_slot(tally, hash, key);
        }
        struct nta_tally_entry *fresh = calloc(1, sizeof(*fresh) + key.len);

        if (!fresh)
            return NULL;
        fresh->hash = hash;
        fresh->key_len = key.len;
        if (key.len)
            memcpy(fresh->key, key.ptr, key.len);
        tally->entries[tally->n++] = fresh;
        tally->slots[slot] = (uint32_t)tally->n;
    }
    struct nta_tally_entry *entry = tally->entries[tally->slots[slot] - 1];

    nta_tally_sum_add(&entry->sum, more);
    return entry;
}

int nta_sample_offer(struct nta_sample *sample, unsigned rank, const char *id, struct nta_span cbor)
{
    if (rank <= sample->rank)
        return 0;
    uint8_t *copy = malloc(cbor.len ? cbor.len : 1);

    if (!copy)
        return -ENOMEM;
    memcpy(copy, cbor.ptr, cbor.len);
    free(sample->cbor);
    *sample = (struct nta_sample){.rank = rank, .cbor = copy, .cbor_len = cbor.len};
    (void)snprintf(sample->id, sizeof(sample->id), "%s", id);
    return 0;
}

size_t nta_tally_count(const struct nta_tally *tally)
{
    return tally->n;
}

const struct nta_tally_entry *nta_tally_get(const struct nta_tally *tally, size_t i)
{
    return tally->entries[i];
}

const struct nta_tally_entry *nta_tally_find(const struct nta_tally *tally, struct nta_span key)
{
    uint32_t at =
        tally->slots[find_slot(tally, nta_hash_bytes(&tally->hash_key, key.ptr, key.len), key)];

    return at ? tally->entries[at - 1] : NULL;
}

uint64_t nta_tally_folded(const struct nta_tally *tally, struct nta_tally_sum *ret_rest)
{
    *ret_rest = tally->rest;
    return tally->n_folded;
}
