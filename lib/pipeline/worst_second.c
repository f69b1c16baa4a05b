/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/worst_second.h"

bool nta_worst_second_take(struct nta_worst_second *worst_second, int64_t wall_ns,
                           uint64_t all_lost, uint64_t all_seen)
{
    uint64_t lost = all_lost - worst_second->all_lost, seen = all_seen - worst_second->all_seen;

    worst_second->all_lost = all_lost;
    worst_second->all_seen = all_seen;
    if (lost == 0 || lost + seen < NTA_WORST_SECOND_LEAST)
        return false;
    /* as shares, without dividing; a second holds far fewer than 2^32 packets */
    if (worst_second->wall_ns &&
        lost * (worst_second->lost + worst_second->seen) <= worst_second->lost * (lost + seen))
        return false;
    worst_second->wall_ns = wall_ns;
    worst_second->lost = lost;
    worst_second->seen = seen;
    return true;
}

void nta_worst_losses_take(struct nta_worst_losses *losses, int64_t wall_ns,
                           uint64_t (*counted)(const void *owner, enum nta_counter which),
                           const void *owner)
{
    for (unsigned i = 0; i < NTA_N_COUNTERS; i++) {
        if (nta_counter_infos[i].place == NTA_LOST_NONE)
            continue;
        const uint64_t all = counted(owner, (enum nta_counter)i), n = all - losses->all[i];

        losses->all[i] = all;
        if (n > losses->worst[i].n)
            losses->worst[i] = (struct nta_worst_loss){n, wall_ns};
    }
}
