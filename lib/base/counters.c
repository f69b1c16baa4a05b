/* SPDX-License-Identifier: Apache-2.0 */
#include "base/counters.h"

enum
{
    FACT,
    LOSS
};

const struct nta_counter_info nta_counter_infos[NTA_N_COUNTERS] = {
#define COUNTER_INFO(symbol, name, unit, kind, help)                                               \
    [NTA_COUNTER_##symbol] = {(name), (unit), (help), (kind)},
    NTA_COUNTERS(COUNTER_INFO)
#undef COUNTER_INFO
};

static void bump(_Atomic uint64_t *value)
{
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

void nta_unknown_add(struct nta_unknowns *unknowns, enum nta_unknown_kind kind, uint32_t number)
{
    uint32_t key = ((uint32_t)kind + 1) << 24 | (number & 0xffffff);

    for (size_t i = 0; i < NTA_UNKNOWN_SLOTS; i++) {
        uint32_t seen = atomic_load_explicit(&unknowns->slots[i].key, memory_order_relaxed);

        if (seen == 0)
            atomic_store_explicit(&unknowns->slots[i].key, key, memory_order_relaxed);
        if (seen == 0 || seen == key) {
            bump(&unknowns->slots[i].n);
            return;
        }
    }
    bump(&unknowns->other);
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
