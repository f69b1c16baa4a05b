/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retain/plan.h"

#include "base/own.h"
#include "base/runtime/clock.h"

#define DAY_NS (86400 * NTA_NS_PER_S)

enum
{
    FULL_AT = 950 ///< In 1,000 of the bound: days are to go.
};

/** Up to how much of the bound each class is stored, in 1,000. */
static const unsigned admitted_up_to[NTA_N_CLASSES] = {
    [NTA_CLASS_TRAFFIC] = 960,
    [NTA_CLASS_WHO] = 970,
    [NTA_CLASS_LOG] = 990,
    [NTA_CLASS_EVIDENCE] = 1000,
};

static const enum nta_class order[] = {NTA_CLASS_TRAFFIC, NTA_CLASS_WHO, NTA_CLASS_EVIDENCE};

int64_t nta_retain_kept_from(const struct nta_retain_policy *policy, enum nta_class class,
                             int64_t wall_ns)
{
    const int64_t keep_ns = policy->keep_ns[class];

    return keep_ns > 0 && wall_ns > keep_ns ? (wall_ns - keep_ns) / DAY_NS : INT64_MIN;
}

bool nta_retain_is_old(const struct nta_retain_policy *policy, enum nta_class class, int64_t day,
                       int64_t wall_ns)
{
    return day < nta_retain_kept_from(policy, class, wall_ns);
}

enum nta_class nta_retain_order(unsigned i)
{
    return i < NTA_N_ELEMENTS(order) ? order[i] : NTA_CLASS_NONE;
}

/** Of a disk: what is to stay free, of which from 95 in 100 to all of the bound a half goes. */
static uint64_t free_wanted(const struct nta_retain_policy *policy,
                            const struct nta_retain_room *room, unsigned share)
{
    const uint64_t keep = (uint64_t)((double)room->disk_size * policy->free_share);

    return share > FULL_AT ? keep - keep / 100 * (share - FULL_AT) : keep;
}

/** True if more than `share` in 1,000 of a bound is used. */
static bool exceeds(const struct nta_retain_policy *policy, const struct nta_retain_room *room,
                    unsigned share)
{
    return (policy->size_bytes && room->used_bytes > policy->size_bytes / 1000 * share) ||
           room->disk_free < free_wanted(policy, room, share);
}

bool nta_retain_gives_way(const struct nta_retain_policy *policy,
                          const struct nta_retain_room *room, enum nta_class class)
{
    return policy->deletes_oldest &&
           exceeds(policy, room,
                   class == NTA_CLASS_EVIDENCE ? admitted_up_to[NTA_CLASS_LOG] : FULL_AT);
}

bool nta_retain_admits(const struct nta_retain_policy *policy, const struct nta_retain_room *room,
                       enum nta_class class)
{
    return !exceeds(policy, room, admitted_up_to[class]);
}
