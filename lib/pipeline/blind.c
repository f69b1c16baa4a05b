/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/blind.h"

void nta_blind_add(struct nta_blind *blind, size_t source, uint64_t seconds, uint64_t all_lost,
                   bool is_away)
{
    if (source >= NTA_BLIND_SOURCES)
        return;
    if (all_lost > blind->lost[source] || is_away)
        blind->seconds[source] += seconds;
    blind->lost[source] = all_lost;
}

uint64_t nta_blind_take(struct nta_blind *blind, size_t source)
{
    if (source >= NTA_BLIND_SOURCES)
        return 0;
    uint64_t seconds = blind->seconds[source];

    blind->seconds[source] = 0;
    return seconds;
}
