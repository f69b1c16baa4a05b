/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory/slabs.h"

#include "base/memory/memory.h"

#include <errno.h>
#include <stdlib.h>

int nta_slabs_init(struct nta_slabs *slabs, size_t n_max, uint32_t n_first, uint32_t n_each)
{
    const size_t n_behind = n_max > n_first ? n_max - n_first : 0;
    const size_t n_slabs = 1 + n_behind / n_each + (n_behind % n_each > 0);

    *slabs = (struct nta_slabs){.n_slabs = n_slabs, .n_words = (n_slabs + 63) / 64};
    slabs->slabs = nta_memory_array(n_slabs, sizeof(*slabs->slabs), _Alignof(struct nta_slab));
    slabs->rooms = nta_memory_array(slabs->n_words, sizeof(*slabs->rooms), _Alignof(uint64_t));
    if (!slabs->slabs || !slabs->rooms) {
        nta_slabs_done(slabs);
        return -ENOMEM;
    }
    for (size_t i = 0; i < n_slabs; i++) {
        const uint32_t n = i == 0 ? n_first : n_each;

        slabs->slabs[i].n_max = n < n_max ? n : (uint32_t)n_max;
        n_max -= slabs->slabs[i].n_max;
        slabs->rooms[i / 64] |= 1ULL << i % 64;
    }
    return 0;
}

void nta_slabs_done(struct nta_slabs *slabs)
{
    free(slabs->slabs);
    free(slabs->rooms);
    *slabs = (struct nta_slabs){0};
}

size_t nta_slabs_next_idle(struct nta_slabs *slabs, size_t from)
{
    for (size_t i = from > slabs->n_warm ? from : slabs->n_warm; i < slabs->n_slabs; i++) {
        struct nta_slab *slab = &slabs->slabs[i];

        if (slab->n_used > 0 || slab->n_touched == 0)
            continue;
        if (slab->rested) {
            slabs->n_touched -= slab->n_touched;
            slab->n_touched = slab->free = 0;
            slab->rested = false;
            return i;
        }
        slab->rested = true;
    }
    return NTA_SLAB_NONE;
}
