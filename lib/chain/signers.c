/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/signers.h"

#include <assert.h>

const struct nta_stretch *nta_timeline_key(const struct nta_timeline *timeline, uint64_t number)
{
    size_t low = 0, high = timeline->n_stretches;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (timeline->stretches[middle].from <= number)
            low = middle + 1;
        else
            high = middle;
    }
    assert(low > 0);
    return &timeline->stretches[low - 1];
}

const uint8_t *nta_timeline_identity_of(const struct nta_timeline *timeline, uint64_t number)
{
    size_t i = timeline->n_identities;

    if (timeline->revoked && number > timeline->revoked)
        return NULL;
    while (i > 1 && timeline->identities[i - 1].above >= number)
        i--;
    return timeline->identities[i - 1].key;
}

const uint8_t *nta_timeline_identity(const struct nta_timeline *timeline)
{
    return timeline->identities[timeline->n_identities - 1].key;
}

const struct nta_deleted *nta_timeline_deleted(const struct nta_timeline *timeline, uint64_t number,
                                               enum nta_class class, int64_t day)
{
    size_t low = 0, high = timeline->n_deleted;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct nta_deleted *one = &timeline->deleted[middle];

        if (one->class < class || (one->class == class && one->day < day))
            low = middle + 1;
        else
            high = middle;
    }
    const struct nta_deleted *found = timeline->deleted + low;

    return low < timeline->n_deleted && found->class == class && found->day == day &&
                   found->number > number
               ? found
               : NULL;
}

const struct nta_lost *nta_timeline_lost_from(const struct nta_timeline *timeline, uint64_t number)
{
    size_t low = 0, high = timeline->n_lost;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (timeline->lost[middle].to < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < timeline->n_lost ? &timeline->lost[low] : NULL;
}

const struct nta_lost *nta_timeline_lost_at(const struct nta_timeline *timeline, uint64_t number)
{
    const struct nta_lost *lost = nta_timeline_lost_from(timeline, number);

    return lost && lost->from <= number ? lost : NULL;
}
