/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/destroy.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "pipeline/commit/day_keys.h"
#include "pipeline/commit/state.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NOTE_WAIT_NS (30 * NTA_NS_PER_S)

enum
{
    HEADS_A_STEP = 1 << 14 ///< So many are looked at while batches wait.
};

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

int nta_commit_used(struct nta_commit *commit, uint64_t bound, uint64_t *ret_bytes,
                    struct nta_err *err)
{
    if (!commit->store)
        return nta_err_set(err, -ESTALE, "the journal was removed or replaced");
    return nta_store_used(commit->store, bound, ret_bytes, err);
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
    if (r == 0 && commit->remote)
        r = nta_remote_may_destroy(commit->remote, err);
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

/** Who has MySQL alone is to find excused what is gone there. */
static int wait_for_note(struct nta_commit *commit, struct nta_destroy *destroy,
                         struct nta_err *err)
{
    const int64_t mono_ns = nta_clock_mono_ns();

    (void)pthread_mutex_lock(&commit->lock);
    const bool is_there = commit->acked.number >= destroy->noted;

    (void)pthread_mutex_unlock(&commit->lock);
    if (is_there)
        return 0;
    if (!destroy->waits_mono_ns)
        destroy->waits_mono_ns = mono_ns;
    if (mono_ns - destroy->waits_mono_ns < NOTE_WAIT_NS)
        return -EAGAIN;
    return nta_err_set(err, -ENOTCONN,
                       "batch %" PRIu64
                       ", which notes what is to be deleted, has not reached MySQL "
                       "yet: what is there goes when it has",
                       destroy->noted);
}

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
    r = wait_for_note(commit, destroy, err);
    return r < 0 ? r : nta_remote_destroy(commit->remote, &destroy->day, err);
}

/* ---- what was begun ---- */

/** Without the identity, the first batch, which is this sensor's own file, says who signs. */
static void find_trust(const struct nta_commit *commit, struct nta_day_trust *ret_trust)
{
    struct nta_sealed sealed;
    struct nta_header first;
    struct nta_wrapped_key key;

    if (nta_day_trust_init(ret_trust, commit->options.outlet->keys_dir, commit->sensor,
                           &commit->unadopted))
        return;
    nta_sealer_first(commit->sealer, &sealed, &first, &key);
    ret_trust->lines[ret_trust->n_lines].from = first.number + 1;
    memcpy(ret_trust->lines[ret_trust->n_lines++].key, first.next, NTA_KEY_LEN);
}

static int begin_reading(struct nta_commit *commit, struct nta_err *err)
{
    struct nta_day_trust trust;

    if (commit->reading)
        return 0;
    find_trust(commit, &trust);
    return commit->remote ? nta_remote_read_notes(commit->remote, &trust, &commit->reading, err)
                          : nta_day_reader_new(&trust, &commit->reading, err);
}

int nta_commit_read_notes(struct nta_commit *commit, struct nta_day_notes *ret_notes,
                          struct nta_err *err)
{
    NTA_AUTO(nta_day_notes_done) struct nta_day_notes notes = {.n = 0};
    int r = be_ready(commit, err);

    if (r == 0)
        r = begin_reading(commit, err);
    if (r == 0)
        r = nta_day_reader_look(commit->reading, commit->store, true, HEADS_A_STEP, err);
    if (r == 1)
        return -EAGAIN;
    if (r == 0)
        r = nta_day_reader_give(commit->reading, &notes, err);
    if (r != -EAGAIN)
        nta_day_reader_free(&commit->reading);
    if (r < 0)
        return r;
    nta_day_notes_done(ret_notes);
    *ret_notes = notes;
    notes = (struct nta_day_notes){.n = 0};
    return 0;
}

void nta_commit_noted_ranges(const struct nta_day_notes *notes,
                             struct nta_remote_range ret_ranges[NTA_N_CLASSES])
{
    for (unsigned class = 0; class < NTA_N_CLASSES; class ++)
        ret_ranges[class] = (struct nta_remote_range){INT64_MIN, INT64_MIN};
    for (size_t i = 0; i < notes->n; i++) {
        const struct nta_day_note *note = &notes->all[i];

        if (note->kind == NTA_HEADER_NOTE_DELETED && ret_ranges[note->class].before <= note->day)
            ret_ranges[note->class].before = note->day + 1;
    }
}

/** What is left of the day that header `number` notes, up to there: 1; 0: nothing. */
static int is_left(struct nta_commit *commit, const struct nta_day_note *note, struct nta_err *err)
{
    struct nta_store_day here = {.n_batches = 0};
    int r =
        nta_store_next_day(commit->store, commit->sensor, note->class, note->day - 1, &here, err);

    if (r < 0 || (r == 1 && here.day == note->day && here.first <= note->number))
        return r;
    const struct nta_store_day *there =
        commit->remote ? nta_remote_next(commit->remote, note->class, note->day - 1) : NULL;

    return there && there->day == note->day && there->last <= note->number;
}

int nta_commit_find_noted(struct nta_commit *commit, const struct nta_day_notes *notes,
                          const struct nta_holds *holds, struct nta_destroy *ret_days,
                          size_t *ret_n, struct nta_err *err)
{
    const int64_t today = nta_day_of(nta_clock_wall_ns());
    size_t n = 0;
    int r = be_ready(commit, err);

    for (size_t i = 0; i < notes->n && r == 0 && n < NTA_DESTROY_MAX; i++) {
        const struct nta_day_note *note = &notes->all[i];

        /* who notes what is held is nobody of ours, and a day that goes on has a key in use */
        if (note->kind != NTA_HEADER_NOTE_DELETED || note->day >= today ||
            nta_holds_keep(holds, note->class, note->day, note->number))
            continue;
        r = is_left(commit, note, err);
        if (r == 1) {
            const struct nta_store_day day = {
                .class = note->class, .day = note->day, .last = note->number};

            ret_days[n++] = (struct nta_destroy){.day = day, .noted = note->number};
            r = 0;
        }
    }
    *ret_n = n;
    return r;
}
