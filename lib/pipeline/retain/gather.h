/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which days a rule names (plan.h) of those that are there, and that may go. */

#include "pipeline/commit/destroy.h"
#include "pipeline/retain/plan.h"
#include "pipeline/retain/request.h"

struct nta_gather
{
    struct nta_commit *commit;
    const struct nta_retain_policy *policy;
    const struct nta_holds *holds;
    const struct nta_retain_request *request; ///< Of goes_by_command alone.
    struct nta_err *err;
    struct nta_store_day days[NTA_DESTROY_MAX];
    size_t n;
};

/** True if a rule names this day of a class. */
typedef bool nta_gather_goes_fn(const struct nta_gather *gather, enum nta_class class, int64_t day);

/** Older than the policy keeps it. */
nta_gather_goes_fn nta_gather_by_age;
/** What the request asks for. */
nta_gather_goes_fn nta_gather_by_command;

/**
 * The oldest of each class that the rule names, into `days`: never today's, whose key is in use,
 * nor one that is held.  0 or negative errno.
 */
int nta_gather_all(struct nta_gather *gather, nta_gather_goes_fn *goes);

/** What of each class such a rule can name: with `request` by command, without by age. */
void nta_gather_ranges(const struct nta_retain_policy *policy,
                       const struct nta_retain_request *request,
                       struct nta_remote_range ret_ranges[NTA_N_CLASSES]);

/** The one that is to go next for room, if any.  0 or negative errno. */
int nta_gather_oldest(struct nta_gather *gather, const struct nta_retain_room *used);
