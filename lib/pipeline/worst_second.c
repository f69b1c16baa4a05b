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
