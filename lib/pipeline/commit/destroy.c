/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/destroy.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit/day_keys.h"
#include "pipeline/commit/state.h"
#include "store/walk.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static_assert((int)NTA_DESTROY_MAX < (int)NTA_NOTES_MAX, "beside one of lost numbers");

/** The store as it is now; what became of its file is seen to by whoever commits. */
static int be_ready(struct nta_commit *commit, struct nta_err *err)
{
    if (!commit->store || nta_store_has_moved(commit->store))
        return nta_err_set(err, -ESTALE, "the journal was removed or replaced");
    return 0;
}

bool nta_commit_is_remote(const struct nta_commit *commit)
{
    return commit->remote;
}

int nta_commit_survey(struct nta_commit *commit, const struct nta_remote_range *ranges,
                      struct nta_err *err)
{
    return commit->remote ? nta_remote_survey(commit->remote, ranges, err) : 0;
}

int nta_commit_next_day(struct nta_commit *commit, enum nta_class class, int64_t after,
                        struct nta_store_day *ret_day, struct nta_err *err)
{
    int r = be_ready(commit, err);

    if (r == 0)
        r = nta_store_next_day(commit->store, commit->sensor, class, after, ret_day, err);
    if (r < 0 || !commit->remote)
        return r;
    return nta_store_join_days(r, nta_remote_next(commit->remote, class, after), ret_day);
}

int nta_commit_weigh_day(struct nta_commit *commit, const struct nta_store_day *day,
                         uint64_t *ret_bytes, struct nta_err *err)
{
    int r = be_ready(commit, err);

    return r < 0 ? r : nta_store_weigh_day(commit->store, commit->sensor, day, ret_bytes, err);
}

int nta_commit_used(struct nta_commit *commit, uint64_t *ret_bytes, struct nta_err *err)
{
    if (!commit->store)
        return nta_err_set(err, -ESTALE, "the journal was removed or replaced");
    return nta_store_used(commit->store, ret_bytes, err);
}

/* ---- the note ---- */

/** What one header is to note. */
struct noting
{
    const struct nta_store_day *days;
    size_t n_days;
    enum nta_delete_reason reason;
};

static int make_notes(void *owner, const struct nta_commit_next *next, struct nta_note *ret_notes,
                      size_t *ret_n_notes, struct nta_err *err)
{
    const struct noting *noting = owner;

    (void)next;
    (void)err;
    for (size_t i = 0; i < noting->n_days; i++)
        ret_notes[i] = (struct nta_note){
            .kind = NTA_HEADER_NOTE_DELETED,
            .class = noting->days[i].class,
            .day = noting->days[i].day,
            .n_batches = noting->days[i].n_batches,
            .reason = noting->reason,
        };
    *ret_n_notes = noting->n_days;
    return 0;
}

/** "destroyed: traffic of 2026-10-01 (age)" */
static void describe(const struct nta_store_day *day, enum nta_delete_reason reason, char *text,
                     size_t size)
{
    char date[NTA_DAY_TEXT_SIZE];

    (void)snprintf(text, size, "destroyed: %s of %s (%s)", nta_class_name(day->class),
                   nta_day_text(day->day, date), nta_delete_reason_name(reason));
}

static int put_records(const struct noting *noting, struct nta_span actor, struct nta_batch *batch)
{
    int r = 0;

    batch->class = NTA_CLASS_LOG;
    for (size_t i = 0; i < noting->n_days && r == 0; i++) {
        char question[96];

        describe(&noting->days[i], noting->reason, question, sizeof(question));
        const struct nta_record_log log = {.actor = actor, .question = nta_span_of(question)};
        const struct nta_record record = {
            .event = NTA_RECORD_AUDIT, .time_ns = nta_clock_wall_ns(), .log = &log};

        r = nta_batch_add(batch, &record);
    }
    return r;
}

int nta_commit_note_destroyed(struct nta_commit *commit, const struct nta_store_day *days,
                              size_t n_days, enum nta_delete_reason reason, struct nta_span actor,
                              struct nta_err *err)
{
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    struct noting noting = {.days = days, .n_days = n_days, .reason = reason};
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {0};
    struct nta_committed committed;
    int r = be_ready(commit, err);

    assert(n_days > 0 && n_days <= NTA_DESTROY_MAX);
    for (size_t i = 0; i < n_days && r == 0; i++)
        if (days[i].day == today)
            r = nta_err_set(err, -EBUSY, "today's records are still being written");
    if (r < 0)
        return r;
    nta_batch_init(&batch);
    r = put_records(&noting, actor, &batch);
    if (r < 0)
        return nta_err_sys(err, r, "note");
    return nta_commit_note(
        commit, &(struct nta_commit_noting){.batch = &batch, .make = make_notes, .owner = &noting},
        &committed, err);
}

/* ---- what was noted ---- */

int nta_commit_destroy(struct nta_commit *commit, struct nta_destroy *destroy, struct nta_err *err)
{
    int r = be_ready(commit, err);

    if (r < 0)
        return r;
    if (!destroy->keys_gone) {
        r = nta_day_keys_destroy(commit->store, commit->sensor, &destroy->day, err);
        destroy->keys_gone = r == 0;
        return r < 0 ? r : 1;
    }
    if (!destroy->local_gone) {
        r = nta_store_drop_day(commit->store, commit->sensor, &destroy->day, err);
        destroy->local_gone = r == 0;
        return r == 0 && commit->remote ? 1 : r;
    }
    return nta_remote_destroy(commit->remote, &destroy->day, err);
}

/* ---- what was begun ---- */

struct finding
{
    struct nta_commit *commit;
    const struct nta_holds *holds;
    struct nta_destroy *days;
    size_t n;
};

/** It is noted by header `number`: if contents up to there are left, they are to go. */
static int find_left(struct finding *finding, const struct nta_note *note, uint64_t number,
                     struct nta_err *err)
{
    struct nta_commit *commit = finding->commit;
    struct nta_store_day day = {.n_batches = 0};

    if (nta_holds_keep(finding->holds, note->class, note->day, number))
        return 0; /* nobody of ours noted that */
    int r = nta_commit_next_day(commit, note->class, note->day - 1, &day, err);

    if (r <= 0 || day.day != note->day || day.first > number || finding->n == NTA_DESTROY_MAX)
        return r < 0 ? r : 0;
    for (size_t i = 0; i < finding->n; i++)
        if (finding->days[i].day.class == day.class && finding->days[i].day.day == day.day)
            return 0;
    if (day.last > number)
        day.last = number;
    finding->days[finding->n++] = (struct nta_destroy){.day = day};
    return 0;
}

static int look_at_notes(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct finding *finding = owner;
    struct nta_note note;
    int r = 0;

    if (row->faults & (NTA_ROW_HEADER | NTA_ROW_TYPE | NTA_ROW_COLUMNS))
        return 0;
    for (size_t i = 0; r == 0 && nta_header_note(&row->header, i, &note); i++)
        if (note.kind == NTA_HEADER_NOTE_DELETED)
            r = find_left(finding, &note, row->header.number, err);
    return r;
}

int nta_commit_find_noted(struct nta_commit *commit, const struct nta_holds *holds,
                          struct nta_destroy *ret_days, size_t *ret_n, struct nta_err *err)
{
    struct finding finding = {.commit = commit, .holds = holds, .days = ret_days};
    const struct nta_store_query query = {
        .sensor = commit->sensor, .marked_only = true, .wants = nta_store_wants_none};
    int r = be_ready(commit, err);

    if (r == 0)
        r = nta_store_each(commit->store, &query, look_at_notes, &finding, err);
    *ret_n = finding.n;
    return r;
}

static int look_at_days(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct nta_remote_range *ranges = owner;
    struct nta_note note;

    (void)err;
    if (row->faults & (NTA_ROW_HEADER | NTA_ROW_TYPE | NTA_ROW_COLUMNS))
        return 0;
    for (size_t i = 0; nta_header_note(&row->header, i, &note); i++)
        if (note.kind == NTA_HEADER_NOTE_DELETED && ranges[note.class].before <= note.day)
            ranges[note.class].before = note.day + 1;
    return 0;
}

int nta_commit_noted_ranges(struct nta_commit *commit, struct nta_remote_range *ret_ranges,
                            struct nta_err *err)
{
    const struct nta_store_query query = {
        .sensor = commit->sensor, .marked_only = true, .wants = nta_store_wants_none};
    int r = be_ready(commit, err);

    for (unsigned class = 0; class < NTA_N_CLASSES; class ++)
        ret_ranges[class] = (struct nta_remote_range){INT64_MIN, INT64_MIN};
    return r < 0 ? r : nta_store_each(commit->store, &query, look_at_days, ret_ranges, err);
}
