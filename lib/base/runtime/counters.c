/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/counters.h"

const struct nta_loss_place_info nta_loss_place_infos[NTA_N_LOSS_PLACES] = {
    [NTA_LOST_NONE] = {"", ""},
#define LOSS_PLACE_INFO(symbol, name, help) [NTA_LOST_##symbol] = {(name), (help)},
    NTA_LOSS_PLACES(LOSS_PLACE_INFO)
#undef LOSS_PLACE_INFO
};

const struct nta_counter_info nta_counter_infos[NTA_N_COUNTERS] = {
#define COUNTER_INFO(symbol, name, unit, place, help)                                              \
    [NTA_COUNTER_##symbol] = {(name), (unit), (help), NTA_LOST_##place},
    NTA_COUNTERS(COUNTER_INFO)
#undef COUNTER_INFO
};

static void raise_by(_Atomic uint64_t *value, uint64_t n)
{
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static void add_key(struct nta_unknowns *unknowns, uint32_t key, uint64_t n)
{
    for (size_t i = 0; i < NTA_UNKNOWN_SLOTS; i++) {
        uint32_t seen = atomic_load_explicit(&unknowns->slots[i].key, memory_order_relaxed);

        if (seen == 0)
            atomic_store_explicit(&unknowns->slots[i].key, key, memory_order_relaxed);
        if (seen == 0 || seen == key) {
            raise_by(&unknowns->slots[i].n, n);
            return;
        }
    }
    raise_by(&unknowns->other, n);
}

void nta_unknown_add(struct nta_unknowns *unknowns, enum nta_unknown_kind kind, uint32_t number)
{
    add_key(unknowns, ((uint32_t)kind + 1) << 24 | (number & 0xffffff), 1);
}

void nta_unknowns_join(struct nta_unknowns *into, const struct nta_unknowns *from)
{
    for (size_t i = 0; i < NTA_UNKNOWN_SLOTS; i++) {
        uint32_t key = atomic_load_explicit(&from->slots[i].key, memory_order_relaxed);

        if (key)
            add_key(into, key, atomic_load_explicit(&from->slots[i].n, memory_order_relaxed));
    }
    raise_by(&into->other, atomic_load_explicit(&from->other, memory_order_relaxed));
}

void nta_unknowns_each(const struct nta_unknowns *unknowns,
                       void (*each)(void *owner, const char *kind, uint32_t number, uint64_t n),
                       void *owner)
{
    for (size_t i = 0; i < NTA_UNKNOWN_SLOTS; i++) {
        uint32_t key = atomic_load_explicit(&unknowns->slots[i].key, memory_order_relaxed);

        if (key)
            each(owner, nta_unknown_kind_name((enum nta_unknown_kind)((key >> 24) - 1)),
                 key & 0xffffff, atomic_load_explicit(&unknowns->slots[i].n, memory_order_relaxed));
    }
    uint64_t other = atomic_load_explicit(&unknowns->other, memory_order_relaxed);

    if (other)
        each(owner, "further numbers", 0, other);
}

const char *nta_unknown_kind_name(enum nta_unknown_kind kind)
{
    switch (kind) {
    case NTA_UNKNOWN_LINK_TYPE: return "link type";
    case NTA_UNKNOWN_ETHER_TYPE: return "EtherType";
    case NTA_UNKNOWN_IP_PROTO: return "IP protocol";
    }
    return "";
}
