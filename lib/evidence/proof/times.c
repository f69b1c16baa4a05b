/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/times.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "chain/times.h"
#include "evidence/proof/each.h"
#include "record/class.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/** A sensor began to watch, or to read files. */
struct start
{
    const struct nta_case_sensor *sensor; ///< Of one array.
    int64_t time_ns;
    bool is_read;
};

struct timing
{
    struct start *starts; ///< Owned; from look_for_starts() on in order of sensor and time.
    size_t n_starts, size;
    const struct nta_header *late;     ///< The first that was sealed before one in front of it,
    const struct nta_header *in_front; ///< which is this one.
    struct nta_header dated;           ///< The first with a record that is older than a day,
    int64_t dated_ns;                  ///< which ended then; `dated.number` 0: none.
    struct nta_case_origin origin;
};

static void timing_done(struct timing *timing)
{
    free(timing->starts);
}

/* ---- headers ---- */

static void look_at_sensor(struct timing *timing, const struct nta_case_sensor *sensor)
{
    const struct nta_header *latest = NULL;

    for (size_t i = 0; i < sensor->n_heads && !timing->late; i++) {
        const struct nta_header *header = &sensor->heads[i].header;

        if (latest && nta_times_went_back(latest->sealed_ns, latest->clock, header)) {
            timing->late = header;
            timing->in_front = latest;
        }
        if (!latest || header->sealed_ns > latest->sealed_ns)
            latest = header;
    }
}

/* ---- records ---- */

static int take_start(void *owner, const struct nta_case_at *at)
{
    struct timing *timing = owner;
    const struct nta_record *record = at->record;

    if (!record || record->event != NTA_RECORD_START)
        return 0;
    if (timing->n_starts == timing->size) {
        const size_t size = timing->size ? 2 * timing->size : 16;
        struct start *starts = reallocarray(timing->starts, size, sizeof(*starts));

        if (!starts)
            return -ENOMEM;
        timing->starts = starts;
        timing->size = size;
    }
    timing->starts[timing->n_starts++] = (struct start){
        .sensor = at->sensor,
        .time_ns = record->time_ns,
        .is_read = record->log && record->log->n_inputs > 0,
    };
    return 0;
}

static int order_starts(const void *a, const void *b)
{
    const struct start *one = a, *other = b;
    const int order = (one->sensor > other->sensor) - (one->sensor < other->sensor);

    return order ? order : (one->time_ns > other->time_ns) - (one->time_ns < other->time_ns);
}

static int look_for_starts(const struct nta_case *kase, struct timing *timing)
{
    const int r = nta_case_each(kase, take_start, timing);

    if (timing->n_starts)
        qsort(timing->starts, timing->n_starts, sizeof(*timing->starts), order_starts);
    return r;
}

/** What the sensor did when it sealed that, by its last start before; NULL: no start is here. */
static const struct start *start_of(const struct timing *timing, const struct nta_case_at *at)
{
    const struct start wanted = {.sensor = at->sensor, .time_ns = at->head->header.sealed_ns};
    size_t low = 0, high = timing->n_starts;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (order_starts(&timing->starts[middle], &wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low && timing->starts[low - 1].sensor == at->sensor ? &timing->starts[low - 1] : NULL;
}

/** What a sensor read from files is as old as these, which it says when it starts. */
static int look_at_record(void *owner, const struct nta_case_at *at)
{
    struct timing *timing = owner;
    struct nta_case_origin *origin = &timing->origin;

    if (!at->record)
        return 0;
    const struct start *start = start_of(timing, at);
    const bool is_of_others = nta_record_class(at->record) != NTA_CLASS_LOG;

    origin->n += is_of_others;
    origin->n_unproved += is_of_others && !start;
    if (start && start->is_read) {
        origin->n_read += is_of_others;
    } else if (timing->dated.number == 0 &&
               nta_times_is_dated(at->record, at->head->header.sealed_ns)) {
        timing->dated = at->head->header;
        timing->dated_ns = nta_times_end(at->record);
    }
    return 0;
}

static int look(const struct nta_case *kase, struct timing *timing)
{
    const int r = look_for_starts(kase, timing);

    return r < 0 ? r : nta_case_each(kase, look_at_record, timing);
}

int nta_case_count_origin(const struct nta_case *kase, struct nta_case_origin *ret_origin)
{
    NTA_AUTO(timing_done) struct timing timing = {.starts = NULL};
    const int r = look(kase, &timing);

    *ret_origin = timing.origin;
    return r;
}

/* ---- what is told ---- */

static void tell(const struct timing *timing, struct nta_case_report *report)
{
    char one[NTA_TIME_TEXT_SIZE], other[NTA_TIME_TEXT_SIZE];

    if (timing->late)
        nta_case_tell(report, NTA_CASE_TIMES, NTA_CASE_UNSEEN,
                      "batch %" PRIu64 " says that it was sealed on %.19s, and batch %" PRIu64
                      " in front of it on %.19s: a clock was set back, or it is dated back; "
                      "believe no time from there on that no other witness confirms",
                      timing->late->number, nta_clock_text(timing->late->sealed_ns, one),
                      timing->in_front->number, nta_clock_text(timing->in_front->sealed_ns, other));
    else if (timing->dated.number)
        nta_case_tell(report, NTA_CASE_TIMES, NTA_CASE_UNSEEN,
                      "a record of batch %" PRIu64 " tells of %.19s, and was sealed on %.19s, more "
                      "than a day later: the store was away for so long, or it is dated back",
                      timing->dated.number, nta_clock_text(timing->dated_ns, one),
                      nta_clock_text(timing->dated.sealed_ns, other));
    else if (timing->origin.n_unproved)
        nta_case_tell(report, NTA_CASE_TIMES, NTA_CASE_UNSEEN,
                      "of %zu of %zu records no start of the sensor is here: whether it saw itself "
                      "what they tell of, or read it from files, is not shown",
                      timing->origin.n_unproved, timing->origin.n);
    else if (timing->origin.n_read)
        nta_case_tell(report, NTA_CASE_TIMES, NTA_CASE_NONE,
                      "%zu of %zu records are of capture files, and their times are those of the "
                      "files; that each batch was sealed after those in front of it is so",
                      timing->origin.n_read, timing->origin.n);
    else
        nta_case_tell(report, NTA_CASE_TIMES, NTA_CASE_HOLDS,
                      "each batch was sealed after those in front of it, and its records within a "
                      "day of what they tell, by the sensor's own clock");
}

int nta_case_prove_times(const struct nta_case *kase, struct nta_case_report *report)
{
    NTA_AUTO(timing_done) struct timing timing = {.starts = NULL};
    const int r = look(kase, &timing);

    if (r < 0)
        return r;
    report->origin = timing.origin;
    for (size_t i = 0; i < kase->n_sensors; i++)
        look_at_sensor(&timing, &kase->sensors[i]);
    tell(&timing, report);
    return 0;
}
