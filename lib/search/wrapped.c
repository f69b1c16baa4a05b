/* SPDX-License-Identifier: Apache-2.0 */
#include "search/wrapped.h"

#include "base/hash.h"
#include "base/own.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry
{
    struct nta_wrapped_key key; ///< Its blob is `blob`.
    uint8_t *blob;              ///< Owned; NULL: it was tried.
    enum nta_wrapped_state state;
};

struct nta_wrapped_keys
{
    struct entry *all; ///< Owned.
    uint32_t *places;  ///< Owned: the index and 1, at the id's hash; 0 is free.
    size_t n, size, n_places;
    size_t oldest;           ///< The entry that gives way next, once there are as many as are kept.
    struct nta_hash_key key; ///< Ids are anybody's choice.
    pthread_mutex_t lock;    ///< For openers.
};

struct nta_wrapped_keys *nta_wrapped_keys_new(void)
{
    struct nta_wrapped_keys *ring = calloc(1, sizeof(*ring));

    if (ring && nta_hash_key_random(&ring->key) < 0)
        free(NTA_TAKE(ring));
    if (ring)
        (void)pthread_mutex_init(&ring->lock, NULL);
    return ring;
}

void nta_wrapped_keys_free(struct nta_wrapped_keys **ring)
{
    struct nta_wrapped_keys *dead = NTA_TAKE(*ring);

    if (!dead)
        return;
    for (size_t i = 0; i < dead->n; i++)
        free(dead->all[i].blob);
    free(dead->all);
    free(dead->places);
    (void)pthread_mutex_destroy(&dead->lock);
    free(dead);
}

/** The place where a search for the id begins. */
static size_t home_of(const struct nta_wrapped_keys *ring, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    uint64_t words[2];

    memcpy(words, id, sizeof(words));
    return (size_t)nta_hash_words(&ring->key, words[0], words[1]) & (ring->n_places - 1);
}

/** Where the id stands, or the free place where it belongs. */
static uint32_t *place_of(const struct nta_wrapped_keys *ring,
                          const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    size_t at = home_of(ring, id);

    while (ring->places[at] &&
           memcmp(ring->all[ring->places[at] - 1].key.id, id, NTA_DATA_KEY_ID_LEN) != 0)
        at = (at + 1) & (ring->n_places - 1);
    return &ring->places[at];
}

static struct entry *find(const struct nta_wrapped_keys *ring,
                          const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    uint32_t *place = ring->n ? place_of(ring, id) : NULL;

    return place && *place ? &ring->all[*place - 1] : NULL;
}

/** Half of the places are free, so that a search ends. */
static int make_space(struct nta_wrapped_keys *ring)
{
    size_t size = ring->size ? 2 * ring->size : 64;

    if (ring->n < ring->size)
        return 0;
    struct entry *all = reallocarray(ring->all, size, sizeof(*all));

    if (!all)
        return -ENOMEM;
    ring->all = all;
    uint32_t *places = calloc(2 * size, sizeof(*places));

    if (!places)
        return -ENOMEM;
    free(ring->places);
    ring->places = places;
    ring->size = size;
    ring->n_places = 2 * size;
    for (size_t i = 0; i < ring->n; i++)
        *place_of(ring, ring->all[i].key.id) = (uint32_t)i + 1;
    return 0;
}

/**
 * Free a place.  Those behind it, up to the next free one, move up if a search for them passes the
 * gap on its way, else it would end there.
 */
static void clear_place(struct nta_wrapped_keys *ring, size_t gap)
{
    const size_t mask = ring->n_places - 1;

    for (size_t at = (gap + 1) & mask; ring->places[at]; at = (at + 1) & mask) {
        size_t home = home_of(ring, ring->all[ring->places[at] - 1].key.id);

        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        ring->places[gap] = ring->places[at];
        gap = at;
    }
    ring->places[gap] = 0;
}

/** An entry for one more: a new one, or that of the oldest. */
static size_t take_entry(struct nta_wrapped_keys *ring)
{
    if (ring->n < NTA_WRAPPED_KEPT)
        return ring->n++;
    size_t i = ring->oldest;

    ring->oldest = (i + 1) % NTA_WRAPPED_KEPT;
    clear_place(ring, (size_t)(place_of(ring, ring->all[i].key.id) - ring->places));
    free(ring->all[i].blob);
    return i;
}

int nta_wrapped_keys_put(struct nta_wrapped_keys *ring, const struct nta_wrapped_key *key)
{
    struct entry entry = {.key = *key};

    if (find(ring, key->id))
        return 0;
    entry.blob = malloc(key->blob.len ? key->blob.len : 1);
    if (!entry.blob || (ring->n < NTA_WRAPPED_KEPT && make_space(ring) < 0)) {
        free(entry.blob);
        return -ENOMEM;
    }
    if (key->blob.len)
        memcpy(entry.blob, key->blob.ptr, key->blob.len);
    entry.key.blob.ptr = entry.blob;
    assert(ring->all); /* there is space */
    size_t i = take_entry(ring);

    *place_of(ring, key->id) = (uint32_t)i + 1;
    ring->all[i] = entry;
    return 0;
}

int nta_wrapped_keys_open(struct nta_wrapped_keys *ring, struct nta_opener *opener,
                          const uint8_t id[NTA_DATA_KEY_ID_LEN], struct nta_err *err)
{
    struct entry *entry = find(ring, id);

    err->text[0] = '\0';
    if (entry && !entry->blob)
        return (int)entry->state;
    nta_wrapped_keys_lock(ring);
    int r = nta_opener_has_key(opener, id) ? 0
            : entry                        ? nta_opener_add_key(opener, &entry->key, err)
                                           : -ENOENT;

    nta_wrapped_keys_unlock(ring);
    if (!entry)
        return r == 0 ? NTA_WRAPPED_OPEN : NTA_WRAPPED_ABSENT;
    if (r == -ENOMEM)
        return r;
    free(NTA_TAKE(entry->blob));
    entry->key.blob = (struct nta_span){0};
    entry->state = r == 0         ? NTA_WRAPPED_OPEN
                   : r == -ENOKEY ? NTA_WRAPPED_OTHER
                                  : NTA_WRAPPED_BROKEN;
    return (int)entry->state;
}

void nta_wrapped_keys_lock(struct nta_wrapped_keys *ring)
{
    (void)pthread_mutex_lock(&ring->lock);
}

void nta_wrapped_keys_unlock(struct nta_wrapped_keys *ring)
{
    (void)pthread_mutex_unlock(&ring->lock);
}
