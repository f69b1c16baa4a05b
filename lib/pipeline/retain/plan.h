/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept for how long, and what goes first when there is no room: pure rules.
 *
 * By age: a class's day goes once all of it is older than the class is kept.  By room: while more
 * than 95 in 100 of the bound are used, the oldest whole day of traffic goes, then of who.  Where
 * these have none left but today's, they are not stored any more, so that nobody pushes evidence
 * out by making traffic: the last part of the bound is evidence's own, and its oldest day goes only
 * when that is used up, too.  Never a record of the log.
 */

#include "record/class.h"

#include <stdbool.h>
#include <stdint.h>

/** What an admin chose; all zeros: everything is kept for ever. */
struct nta_retain_policy
{
    int64_t keep_ns[NTA_N_CLASSES]; ///< By class; 0: for ever.
    uint64_t size_bytes;            ///< Bound of the store's files; 0: none.
    double free_share;              ///< Of the disk, that stays free; 0: nobody looks.
    bool deletes_oldest;            ///< At the bound; else nothing goes that is not old.
};

/** How full it is. */
struct nta_retain_room
{
    uint64_t used_bytes;           ///< Of the store's files.
    uint64_t disk_free, disk_size; ///< Bytes; size 0: not known.
};

/** The first day of a class that is not older, all of it, than it is kept; INT64_MIN: for ever. */
int64_t nta_retain_kept_from(const struct nta_retain_policy *policy, enum nta_class class,
                             int64_t wall_ns);

/** True if the day, all of it, is older than that class is kept. */
bool nta_retain_is_old(const struct nta_retain_policy *policy, enum nta_class class, int64_t day,
                       int64_t wall_ns);

/** In which order classes give way to room: the i-th; NTA_CLASS_NONE: no more. */
enum nta_class nta_retain_order(unsigned i);

/** True if the oldest day of this class is to go, if no class before it in the order has one. */
bool nta_retain_gives_way(const struct nta_retain_policy *policy,
                          const struct nta_retain_room *room, enum nta_class class);

/** True if a batch of this class may be stored. */
bool nta_retain_admits(const struct nta_retain_policy *policy, const struct nta_retain_room *room,
                       enum nta_class class);
