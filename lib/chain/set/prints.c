/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/set/prints.h"

#include <stdlib.h>

void nta_prints_done(struct nta_prints *prints)
{
    free(prints->all);
    *prints = (struct nta_prints){.n = 0};
}

/** Where it is, or the free place where it belongs. */
static size_t place_of(const struct nta_hash_key *key, const uint64_t *all, size_t size,
                       uint64_t print)
{
    size_t at = (size_t)nta_hash_words(key, print, 0) & (size - 1);

    while (all[at] && all[at] != print)
        at = (at + 1) & (size - 1);
    return at;
}

/** Half of the places are free, so that a search ends. */
static bool make_space(struct nta_prints *prints)
{
    size_t size = prints->size ? 2 * prints->size : 64;

    if (2 * (prints->n + 1) <= prints->size)
        return true;
    if (!prints->size && nta_hash_key_random(&prints->key) < 0)
        return false;
    uint64_t *all = calloc(size, sizeof(*all));

    if (!all)
        return false;
    for (size_t i = 0; i < prints->size; i++) {
        if (prints->all[i])
            all[place_of(&prints->key, all, size, prints->all[i])] = prints->all[i];
    }
    free(prints->all);
    prints->all = all;
    prints->size = size;
    return true;
}

bool nta_prints_has(const struct nta_prints *prints, uint64_t print)
{
    print += print == 0;
    return prints->size &&
           prints->all[place_of(&prints->key, prints->all, prints->size, print)] == print;
}

bool nta_prints_put(struct nta_prints *prints, uint64_t print, size_t max)
{
    print += print == 0;
    if (nta_prints_has(prints, print))
        return false;
    if (prints->n >= max)
        return true;
    if (!make_space(prints)) {
        prints->has_failed = true;
        return true;
    }
    prints->all[place_of(&prints->key, prints->all, prints->size, print)] = print;
    prints->n++;
    return true;
}
