/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/peak.h"

bool nta_peak_take(struct nta_peak *peak, int64_t wall_ns, uint64_t all_lost, uint64_t all_seen)
{
    uint64_t lost = all_lost - peak->all_lost, seen = all_seen - peak->all_seen;

    peak->all_lost = all_lost;
    peak->all_seen = all_seen;
    if (lost == 0 || lost + seen < NTA_PEAK_LEAST)
        return false;
    /* as shares, without dividing; a second holds far fewer than 2^32 packets */
    if (peak->wall_ns && lost * (peak->lost + peak->seen) <= peak->lost * (lost + seen))
        return false;
    peak->wall_ns = wall_ns;
    peak->lost = lost;
    peak->seen = seen;
    return true;
}
