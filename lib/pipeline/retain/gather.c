/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retain/gather.h"

#include "base/runtime/clock.h"

bool nta_gather_by_age(const struct nta_gather *gather, enum nta_class class, int64_t day)
{
    return nta_retain_is_old(gather->policy, class, day, nta_clock_wall_ns());
}

bool nta_gather_by_command(const struct nta_gather *gather, enum nta_class class, int64_t day)
{
    const struct nta_retain_request *request = gather->request;

    if (!(request->classes & 1U << class))
        return false;
    return request->by_age ? nta_gather_by_age(gather, class, day) : day < request->before_day;
}

static int gather_class(struct nta_gather *gather, enum nta_class class, nta_gather_goes_fn *goes)
{
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    struct nta_store_day day = {.day = INT64_MIN};
    int r = 1;

    while (r == 1 && gather->n < NTA_DESTROY_MAX) {
        r = nta_commit_next_day(gather->commit, class, day.day, &day, gather->err);
        if (r == 1 && day.day != today && goes(gather, class, day.day) &&
            !nta_holds_keep(gather->holds, class, day.day, UINT64_MAX))
            gather->days[gather->n++] = day;
    }
    return r < 0 ? r : 0;
}

int nta_gather_all(struct nta_gather *gather, nta_gather_goes_fn *goes)
{
    int r = 0;

    for (unsigned class = NTA_CLASS_EVIDENCE; class < NTA_N_CLASSES && r == 0; class ++)
        r = gather_class(gather, (enum nta_class) class, goes);
    return r;
}

void nta_gather_ranges(const struct nta_retain_policy *policy,
                       const struct nta_retain_request *request,
                       struct nta_remote_range ret_ranges[NTA_N_CLASSES])
{
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++) {
        const bool is_asked = !request || (request->classes & 1U << class);
        const bool by_age = !request || request->by_age;

        ret_ranges[class] = (struct nta_remote_range){INT64_MIN, INT64_MIN};
        if (is_asked && class != NTA_CLASS_NONE)
            ret_ranges[class].before =
                by_age ? nta_retain_kept_from(policy, (enum nta_class) class, nta_clock_wall_ns())
                       : request->before_day;
    }
}

static bool goes_always(const struct nta_gather *gather, enum nta_class class, int64_t day)
{
    (void)gather;
    (void)class;
    (void)day;
    return true;
}

/** Take what a class has of today's day out of the account: it cannot go. */
static int leave_out_today(const struct nta_gather *gather, enum nta_class class,
                           struct nta_retain_room *room)
{
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    struct nta_store_day day;
    uint64_t bytes = 0;
    int r = nta_commit_next_day(gather->commit, class, today - 1, &day, gather->err);

    if (r == 1 && day.day == today)
        r = nta_commit_weigh_day(gather->commit, &day, &bytes, gather->err);
    room->used_bytes -= bytes < room->used_bytes ? bytes : room->used_bytes;
    room->disk_free += bytes;
    return r < 0 ? r : 0;
}

/**
 * Of the first class that has a day.  A class gives way for what is in the store but today's of
 * those before it, which are stopped instead: else evidence would go for traffic.
 */
int nta_gather_oldest(struct nta_gather *gather, const struct nta_retain_room *used)
{
    struct nta_retain_room room = *used;
    int r = 0;

    for (unsigned i = 0; r == 0 && gather->n == 0; i++) {
        const enum nta_class class = nta_retain_order(i);

        if (class == NTA_CLASS_NONE || !nta_retain_gives_way(gather->policy, &room, class))
            break;
        r = gather_class(gather, class, goes_always);
        if (r == 0 && gather->n == 0)
            r = leave_out_today(gather, class, &room);
    }
    if (gather->n > 1)
        gather->n = 1;
    return r;
}
