/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    KEYS_MAX = 1 << 20 ///< A store that has more made them up.
};

void nta_data_keys_done(struct nta_data_keys *keys)
{
    free(keys->all);
    free(keys->places);
    *keys = (struct nta_data_keys){.n = 0};
}

static size_t hash_of(const struct nta_data_keys *keys, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    uint64_t words[2];

    memcpy(words, id, sizeof(words));
    return (size_t)nta_hash_words(&keys->key, words[0], words[1]) & (keys->n_places - 1);
}

/** Ids are anybody's choice: the hash is keyed, and half of the places are free. */
static void put_place(struct nta_data_keys *keys, size_t i)
{
    size_t at = hash_of(keys, keys->all[i].id);

    while (keys->places[at])
        at = (at + 1) & (keys->n_places - 1);
    keys->places[at] = (uint32_t)i + 1;
}

static int make_space(struct nta_data_keys *keys)
{
    size_t size = keys->size ? 2 * keys->size : 64;

    if (keys->n < keys->size)
        return 0;
    if (!keys->size && nta_hash_key_random(&keys->key) < 0)
        return -EIO;
    struct nta_data_key *all = reallocarray(keys->all, size, sizeof(*all));
    uint32_t *places;

    if (!all)
        return -ENOMEM;
    keys->all = all;
    places = calloc(2 * size, sizeof(*places));
    if (!places)
        return -ENOMEM;
    free(keys->places);
    keys->places = places;
    keys->size = size;
    keys->n_places = 2 * size;
    for (size_t i = 0; i < keys->n; i++)
        put_place(keys, i);
    return 0;
}

/** The next of this id behind place `*at`, or NULL.  Begin with the hash's. */
static const struct nta_data_key *next_of(const struct nta_data_keys *keys,
                                          const uint8_t id[NTA_DATA_KEY_ID_LEN], size_t *at)
{
    while (keys->places[*at]) {
        const struct nta_data_key *key = &keys->all[keys->places[*at] - 1];

        *at = (*at + 1) & (keys->n_places - 1);
        if (memcmp(key->id, id, NTA_DATA_KEY_ID_LEN) == 0)
            return key;
    }
    return NULL;
}

bool nta_data_keys_have_id(const struct nta_data_keys *keys, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    size_t at = keys->n ? hash_of(keys, id) : 0;

    return keys->n && next_of(keys, id, &at);
}

static bool is_same(const struct nta_data_key *a, const struct nta_data_key *b)
{
    return memcmp(a->sensor, b->sensor, NTA_SENSOR_ID_LEN) == 0 && a->class == b->class &&
           a->day == b->day;
}

bool nta_data_keys_have(const struct nta_data_keys *keys, const struct nta_data_key *wanted)
{
    size_t at = keys->n ? hash_of(keys, wanted->id) : 0;
    const struct nta_data_key *key;

    while (keys->n && (key = next_of(keys, wanted->id, &at))) {
        if (is_same(key, wanted))
            return true;
    }
    return false;
}

int nta_data_keys_put(struct nta_data_keys *keys, const struct nta_data_key *key)
{
    if (nta_data_keys_have(keys, key))
        return 0;
    int r = keys->n >= KEYS_MAX ? -E2BIG : make_space(keys);

    if (r < 0)
        return r;
    keys->all[keys->n] = *key;
    put_place(keys, keys->n++);
    return 0;
}
