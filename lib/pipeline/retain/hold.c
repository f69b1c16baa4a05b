/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/retain/hold.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit/destroy.h"

#include <errno.h>

/** How much there is of a hold's days: contents of the classes that it keeps. */
static int count_held(struct nta_commit *commit, const struct nta_hold *hold,
                      struct nta_retain_told *told, struct nta_err *err)
{
    const enum nta_class first = hold->of_who ? NTA_CLASS_WHO : NTA_CLASS_EVIDENCE;

    const enum nta_class classes[] = {first, NTA_CLASS_LOG};

    const size_t n_classes = hold->of_who ? 1 : 2;
    bool has_first = false;
    int r = 0;

    for (size_t i = 0; r >= 0 && i < n_classes; i++) {
        struct nta_store_day day = {.day = hold->first_day - 1};

        while ((r = nta_commit_next_day(commit, classes[i], day.day, &day, err)) == 1 &&
               day.day <= hold->last_day) {
            has_first |= classes[i] == first;
            told->n_days++;
            told->n_batches += day.n_batches;
        }
    }
    if (r >= 0 && !has_first)
        return nta_err_set(err, -ENOENT, "no %s of these days is left in the store",
                           hold->of_who ? "record of who had which address" : "evidence");
    return r < 0 ? r : 0;
}

int nta_retain_hold(struct nta_commit *commit, const struct nta_retain_request *request,
                    struct nta_holds *holds, struct nta_retain_told *told, struct nta_err *err)
{
    struct nta_hold_saying saying = {
        .hold = request->hold,
        .is_released = request->deed == NTA_RETAIN_RELEASE,
        .actor = nta_span_of(request->actor),
        .text = nta_span_of(request->text),
    };
    const struct nta_hold *hold = &saying.hold;
    const struct nta_hold *stands = nta_holds_find(holds, hold->batch, hold->record);

    if (saying.is_released) {
        if (!stands)
            return nta_err_set(err, -ENOENT, "nothing is held for that incident");
        saying.hold = *stands;
    } else if (hold->batch > nta_commit_last(commit) ||
               hold->last_day > nta_day_of(nta_clock_wall_ns())) {
        return nta_err_set(err, -EINVAL, "nothing of that incident was recorded here yet");
    }
    int r = saying.is_released ? 0 : count_held(commit, hold, told, err);

    if (r < 0 || (!saying.is_released && nta_holds_cover(holds, hold)))
        return r; /* it is held already */
    return nta_commit_note_hold(commit, &saying, holds, err);
}
