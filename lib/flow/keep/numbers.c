/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keep/numbers.h"

#include "base/memory/area.h"

static uint32_t first_of(const struct nta_flow_numbers *numbers, size_t slab)
{
    return slab == 0 ? 1 : (uint32_t)slab * numbers->n_in_slab;
}

int nta_flow_numbers_init(struct nta_flow_numbers *numbers, uint32_t n_max, size_t size)
{
    numbers->n_in_slab = (uint32_t)(NTA_AREA_LARGE / size);
    return nta_slabs_init(&numbers->slabs, n_max, numbers->n_in_slab - 1, numbers->n_in_slab);
}

void nta_flow_numbers_done(struct nta_flow_numbers *numbers)
{
    nta_slabs_done(&numbers->slabs);
}

uint32_t nta_flow_number_take(struct nta_flow_numbers *numbers, const struct nta_flow_link *links)
{
    const size_t number = nta_slabs_take(&numbers->slabs);
    struct nta_slab *slab = &numbers->slabs.slabs[number];
    const uint32_t id = slab->free;

    if (!id)
        return first_of(numbers, number) + nta_slabs_touch(&numbers->slabs, number);
    slab->free = links[id].next;
    return id;
}

void nta_flow_number_give(struct nta_flow_numbers *numbers, struct nta_flow_link *links,
                          uint32_t id)
{
    const size_t number = id / numbers->n_in_slab;
    struct nta_slab *slab = &numbers->slabs.slabs[number];

    links[id].next = slab->free;
    slab->free = id;
    nta_slabs_give(&numbers->slabs, number);
}

bool nta_flow_numbers_next_idle(struct nta_flow_numbers *numbers, size_t *slab,
                                struct nta_flow_range *ret_range)
{
    const size_t number = nta_slabs_next_idle(&numbers->slabs, *slab);

    if (number == NTA_SLAB_NONE)
        return false;
    *slab = number + 1;
    *ret_range =
        (struct nta_flow_range){first_of(numbers, number), numbers->slabs.slabs[number].n_max};
    return true;
}
