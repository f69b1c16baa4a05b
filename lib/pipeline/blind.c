/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/blind.h"

void nta_blind_add(struct nta_blind *blind, size_t source, uint64_t seconds,
                   const struct nta_missed *all_missed)
{
    if (source >= NTA_BLIND_SOURCES)
        return;
    const struct nta_missed before = blind->missed[source];

    if (all_missed->packets > before.packets || all_missed->blind_ns > before.blind_ns)
        blind->seconds[source] += seconds;
    blind->missed[source] = *all_missed;
}

uint64_t nta_blind_take(struct nta_blind *blind, size_t source)
{
    if (source >= NTA_BLIND_SOURCES)
        return 0;
    uint64_t seconds = blind->seconds[source];

    blind->seconds[source] = 0;
    return seconds;
}
