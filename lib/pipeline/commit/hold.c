/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/hold.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit/state.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void nta_holds_done(struct nta_holds *holds)
{
    free(holds->all);
    *holds = (struct nta_holds){.n = 0};
}

/** Does it keep contents of this class? */
static bool is_of_class(const struct nta_hold *hold, enum nta_class class)
{
    return hold->of_who ? class == NTA_CLASS_WHO
                        : class == NTA_CLASS_EVIDENCE || class == NTA_CLASS_LOG;
}

bool nta_holds_keep(const struct nta_holds *holds, enum nta_class class, int64_t day,
                    uint64_t number)
{
    for (size_t i = 0; i < holds->n; i++) {
        const struct nta_hold *hold = &holds->all[i];

        if (is_of_class(hold, class) && hold->first_day <= day && day <= hold->last_day &&
            hold->noted < number)
            return true;
    }
    return false;
}

bool nta_holds_cover(const struct nta_holds *holds, const struct nta_hold *hold)
{
    for (size_t i = 0; i < holds->n; i++) {
        const struct nta_hold *one = &holds->all[i];

        if (one->batch == hold->batch && one->record == hold->record &&
            one->of_who == hold->of_who && one->first_day <= hold->first_day &&
            hold->last_day <= one->last_day)
            return true;
    }
    return false;
}

const struct nta_hold *nta_holds_find(const struct nta_holds *holds, uint64_t batch,
                                      uint64_t record)
{
    for (size_t i = holds->n; i > 0; i--)
        if (holds->all[i - 1].batch == batch && holds->all[i - 1].record == record)
            return &holds->all[i - 1];
    return NULL;
}

static int make_room(struct nta_holds *holds, struct nta_err *err)
{
    const size_t more = holds->size ? 2 * holds->size : 8;

    if (holds->n < holds->size)
        return 0;
    if (holds->n >= NTA_HOLDS_MAX)
        return nta_err_set(err, -E2BIG, "more than %d holds: release some", (int)NTA_HOLDS_MAX);
    struct nta_hold *moved = reallocarray(holds->all, more, sizeof(*moved));

    if (!moved)
        return nta_err_sys(err, -ENOMEM, "holds");
    holds->all = moved;
    holds->size = more;
    return 0;
}

static void release(struct nta_holds *holds, uint64_t batch, uint64_t record)
{
    size_t n = 0;

    for (size_t i = 0; i < holds->n; i++)
        if (holds->all[i].batch != batch || holds->all[i].record != record)
            holds->all[n++] = holds->all[i];
    holds->n = n;
}

/* ---- what heads say ---- */

static int take_note(struct nta_holds *holds, const struct nta_day_note *note, struct nta_err *err)
{
    if (note->kind != NTA_HEADER_NOTE_HOLD)
        return 0;
    if (note->reason == NTA_HOLD_RELEASED) {
        release(holds, note->batch, note->record);
        return 0;
    }
    int r = make_room(holds, err);

    if (r < 0)
        return r;
    assert(holds->all);
    holds->all[holds->n++] =
        (struct nta_hold){note->batch,    note->record, note->day,
                          note->last_day, note->number, note->reason == NTA_HOLD_WHO};
    return 0;
}

int nta_holds_take(struct nta_holds *holds, const struct nta_day_notes *notes, struct nta_err *err)
{
    NTA_AUTO(nta_holds_done) struct nta_holds found = {.n = 0};
    int r = 0;

    for (size_t i = 0; i < notes->n && r == 0; i++)
        r = take_note(&found, &notes->all[i], err);
    if (r < 0)
        return r;
    nta_holds_done(holds);
    *holds = found;
    found = (struct nta_holds){.n = 0};
    return 0;
}

/* ---- what is said ---- */

static int make_note(void *owner, const struct nta_commit_next *next, struct nta_note *ret_notes,
                     size_t *ret_n_notes, struct nta_err *err)
{
    struct nta_hold_saying *saying = owner;

    (void)err;
    saying->hold.noted = next->number;
    ret_notes[0] = (struct nta_note){
        .kind = NTA_HEADER_NOTE_HOLD,
        .batch = saying->hold.batch,
        .record = saying->hold.record,
        .day = saying->hold.first_day,
        .last_day = saying->hold.last_day,
        .reason = saying->is_released   ? NTA_HOLD_RELEASED
                  : saying->hold.of_who ? NTA_HOLD_WHO
                                        : NTA_HOLD_HELD,
    };
    *ret_n_notes = 1;
    return 0;
}

static int put_record(const struct nta_commit *commit, const struct nta_hold_saying *saying,
                      struct nta_batch *batch)
{
    char first[NTA_DAY_TEXT_SIZE], last[NTA_DAY_TEXT_SIZE], question[96], incident[96];

    if (saying->is_released)
        (void)snprintf(question, sizeof(question), "hold released");
    else
        (void)snprintf(question, sizeof(question), "held: %s of %s to %s",
                       saying->hold.of_who ? "who" : "evidence and log",
                       nta_day_text(saying->hold.first_day, first),
                       nta_day_text(saying->hold.last_day, last));
    (void)snprintf(incident, sizeof(incident), "I-%s-%" PRIu64 "-%" PRIu64, commit->text,
                   saying->hold.batch, saying->hold.record);
    const struct nta_record_log log = {
        .actor = saying->actor,
        .question = nta_span_of(question),
        .incident = nta_span_of(incident),
        .note = saying->text,
    };
    const struct nta_record record = {
        .event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns(), .log = &log};

    batch->class = NTA_CLASS_LOG;
    return nta_batch_add(batch, &record);
}

int nta_commit_note_hold(struct nta_commit *commit, struct nta_hold_saying *saying,
                         struct nta_holds *holds, struct nta_err *err)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {0};
    struct nta_committed committed;
    int r = saying->is_released ? 0 : make_room(holds, err); /* before it is said */

    if (r < 0)
        return r;
    nta_batch_init(&batch);
    r = put_record(commit, saying, &batch);
    if (r < 0)
        return nta_err_sys(err, r, "note");
    r = nta_commit_note(
        commit, &(struct nta_commit_noting){.batch = &batch, .make = make_note, .owner = saying},
        &committed, err);
    if (r < 0)
        return r;
    if (saying->is_released)
        release(holds, saying->hold.batch, saying->hold.record);
    else
        holds->all[holds->n++] = saying->hold;
    return 0;
}
