/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/asked.h"

#include <string.h>

/** Only to look at fewer keys: who finds two with the same sum gains nothing. */
static uint32_t sum_of(const struct nta_asked_key *key)
{
    uint32_t sum = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < NTA_ASKED_KEY; i++)
        sum = (sum ^ key->bytes[i]) * 16777619U;
    return sum;
}

static size_t place_of(const struct nta_asked *asked, const struct nta_asked_key *key)
{
    const size_t n = asked->n < NTA_ASKED_MAX ? asked->n : NTA_ASKED_MAX;
    const uint32_t sum = sum_of(key);

    for (size_t i = 0; i < n; i++) {
        if (asked->sums[i] == sum && memcmp(&asked->keys[i], key, sizeof(*key)) == 0)
            return i;
    }
    return NTA_ASKED_MAX;
}

size_t nta_asked_put(struct nta_asked *asked, const struct nta_asked_key *key, int64_t wall_ns)
{
    size_t place = place_of(asked, key);

    if (place == NTA_ASKED_MAX) {
        place = asked->n % NTA_ASKED_MAX;
        /* goes round without ever looking unfilled again */
        asked->n = asked->n + 1 < 2 * NTA_ASKED_MAX ? asked->n + 1 : NTA_ASKED_MAX;
    }
    asked->sums[place] = sum_of(key);
    asked->keys[place] = *key;
    asked->wall_ns[place] = wall_ns;
    return place;
}

size_t nta_asked_find(const struct nta_asked *asked, const struct nta_asked_key *key,
                      int64_t wall_ns, int64_t age_ns)
{
    const size_t place = place_of(asked, key);
    int64_t age;

    if (place == NTA_ASKED_MAX || __builtin_sub_overflow(wall_ns, asked->wall_ns[place], &age) ||
        age < 0 || age > age_ns)
        return NTA_ASKED_MAX;
    return place;
}
