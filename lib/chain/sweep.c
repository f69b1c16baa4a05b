/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/sweep.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    NOTED_MAX = 1 << 16 ///< Notes of one kind.
};

int nta_make_space(void **array, size_t n, size_t *size, size_t each)
{
    if (n < *size)
        return 0;
    size_t more = *size ? 2 * *size : 8;
    void *moved = reallocarray(*array, more, each);

    if (!moved)
        return -ENOMEM;
    *array = moved;
    *size = more;
    return 0;
}

/* a struct's array, its count and its size have one stem */
#define ROOM(timeline, stem)                                                                       \
    (nta_make_space((void **)&(timeline)->stem, (timeline)->n_##stem, &(timeline)->size_##stem,    \
                    sizeof(*(timeline)->stem)))

/* ---- what follows from the heads ---- */

/** From here on: this key, or (NULL) nobody knows which. */
static void begin_stretch(struct nta_timeline *timeline, uint64_t from, const uint8_t *key)
{
    struct nta_stretch *last =
        timeline->n_stretches ? &timeline->stretches[timeline->n_stretches - 1] : NULL;

    if (!last || last->from < from) {
        if (ROOM(timeline, stretches) < 0) {
            timeline->is_failed = true;
            return;
        }
        last = &timeline->stretches[timeline->n_stretches++];
    }
    assert(last); /* there is one, or was made above */
    *last = (struct nta_stretch){.from = from, .is_known = key != NULL};
    if (key) {
        memcpy(last->key, key, NTA_KEY_LEN);
        (void)nta_prints_put(&timeline->keys, nta_print_of(key), SIZE_MAX);
        timeline->is_failed = timeline->is_failed || timeline->keys.has_failed;
    }
}

static void put_identity(struct nta_timeline *timeline, uint64_t above, const uint8_t *key)
{
    if (ROOM(timeline, identities) < 0) {
        timeline->is_failed = true;
        return;
    }
    timeline->identities[timeline->n_identities].above = above;
    memcpy(timeline->identities[timeline->n_identities++].key, key, NTA_KEY_LEN);
}

/** In order of `from`; of two with one the later note counts. */
static void put_adopted(struct nta_timeline *timeline, const struct nta_note *note)
{
    size_t at = timeline->n_adopted;
    uint64_t from = note->from < 2 ? 2 : note->from; /* batch 1 is the identity's */

    for (size_t i = 0; i < at; i++) {
        if (timeline->adopted[i].from == from &&
            memcmp(timeline->adopted[i].key, note->key, NTA_KEY_LEN) == 0)
            return;
    }
    if (ROOM(timeline, adopted) < 0) {
        timeline->is_failed = true;
        return;
    }
    for (; at > 0 && timeline->adopted[at - 1].from > from; at--)
        timeline->adopted[at] = timeline->adopted[at - 1];
    timeline->adopted[at] = (struct nta_stretch){.from = from, .is_known = true};
    memcpy(timeline->adopted[at].key, note->key, NTA_KEY_LEN);
    timeline->n_adopted++;
}

/** The identity's notes of all heads, which need no other signature. */
static void sweep_identity(struct nta_timeline *timeline)
{
    struct nta_note note;

    timeline->n_identities = timeline->n_adopted = 0;
    timeline->revoked = 0;
    put_identity(timeline, 0, timeline->root);
    for (size_t i = 0; i < timeline->n && !timeline->is_failed; i++) {
        struct nta_change *change = timeline->all[i];
        const uint8_t *identity = nta_timeline_identity_of(timeline, change->number);
        bool is_next = timeline->identities[timeline->n_identities - 1].above < change->number;

        if (!identity)
            break;
        if (nta_change_adopts(change, timeline->sensor, identity, &note))
            put_adopted(timeline, &note);
        if (!is_next || timeline->revoked ||
            !nta_change_identity(change, timeline->sensor, identity, &note))
            continue;
        if (nta_is_zero(note.key, NTA_KEY_LEN))
            timeline->revoked = change->number;
        else
            put_identity(timeline, change->number, note.key);
    }
}

/* ---- notes of heads that count ---- */

/** For one more of a kind of which there are `n`, and making space for it gave `made`. */
static bool has_room(struct nta_timeline *timeline, size_t n, int made)
{
    if (n >= NOTED_MAX)
        timeline->is_full = true;
    else if (made < 0)
        timeline->is_failed = true;
    return n < NOTED_MAX && made == 0;
}

static void put_deleted(struct nta_timeline *timeline, uint64_t number, const struct nta_note *note)
{
    size_t low = 0, high = timeline->n_deleted;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct nta_deleted *one = &timeline->deleted[middle];

        if (one->class < note->class || (one->class == note->class && one->day < note->day))
            low = middle + 1;
        else
            high = middle;
    }
    struct nta_deleted *at = timeline->deleted + low;

    if (low == timeline->n_deleted || at->class != note->class || at->day != note->day) {
        if (!has_room(timeline, timeline->n_deleted, ROOM(timeline, deleted)))
            return;
        at = timeline->deleted + low;
        memmove(at + 1, at, (timeline->n_deleted - low) * sizeof(*at));
        *at = (struct nta_deleted){.class = note->class, .day = note->day};
        timeline->n_deleted++;
    }
    at->number = number;
    if (__builtin_add_overflow(at->n_batches, note->n_batches, &at->n_batches))
        at->n_batches = UINT64_MAX;
    at->reason = note->reason;
}

/** What is released is forgotten, with all that was held for the same incident. */
static void put_hold(struct nta_timeline *timeline, const struct nta_note *note)
{
    if (note->reason != NTA_HOLD_RELEASED) {
        if (has_room(timeline, timeline->n_kept, ROOM(timeline, kept)))
            timeline->kept[timeline->n_kept++] = (struct nta_kept){
                note->batch, note->record, note->day, note->last_day, note->reason == NTA_HOLD_WHO};
        return;
    }
    size_t n = 0;

    for (size_t i = 0; i < timeline->n_kept; i++) {
        const struct nta_kept *kept = &timeline->kept[i];

        if (kept->batch != note->batch || kept->record != note->record)
            timeline->kept[n++] = *kept;
    }
    timeline->n_kept = n;
}

static bool is_held(const struct nta_timeline *timeline, const struct nta_note *note)
{
    bool held = false;

    for (size_t i = 0; i < timeline->n_kept && !held; i++) {
        const struct nta_kept *kept = &timeline->kept[i];

        held = kept->first <= note->day && note->day <= kept->last &&
               (kept->of_who ? note->class == NTA_CLASS_WHO
                             : note->class == NTA_CLASS_EVIDENCE || note->class == NTA_CLASS_LOG);
    }
    return held;
}

/**
 * Of a day that is not over nothing is too old or too much: only who wants it so deletes it.  Of
 * one that is held, nobody.
 */
static bool may_delete(const struct nta_timeline *timeline, const struct nta_change *change,
                       const struct nta_note *note)
{
    return (change->day > note->day || note->reason == NTA_DELETE_COMMAND ||
            note->reason == NTA_DELETE_LAW) &&
           !is_held(timeline, note);
}

/**
 * Only the header behind the range can say it, since its link is what that excuses.  It begins
 * behind the head that named the key of this header: who has that key excuses nothing that earlier
 * keys signed.  A sensor that lost that head as well has another key, which the identity adopts for
 * this header.  A range that was lost before can be lost with it.
 */
static bool put_lost(struct nta_timeline *timeline, const struct nta_change *change,
                     const struct nta_note *note)
{
    const uint64_t number = change->number;
    const struct nta_stretch *stretch = nta_timeline_key(timeline, number);
    bool is_adopted_here = stretch->is_adopted && stretch->from == number;
    size_t n = timeline->n_lost;

    if (note->from < stretch->from && !is_adopted_here)
        return false;

    while (n > 0 && timeline->lost[n - 1].from >= note->from)
        n--;
    if (note->to != number - 1 || (n > 0 && timeline->lost[n - 1].to >= note->from))
        return false;
    timeline->n_lost = n;
    if (!has_room(timeline, n, ROOM(timeline, lost)))
        return true;
    timeline->lost[timeline->n_lost++] = (struct nta_lost){
        .from = note->from, .to = note->to, .noted_ns = change->sealed_ns, .reason = note->reason};
    return true;
}

static void place_notes(struct nta_timeline *timeline, struct nta_change *change)
{
    const uint8_t *identity = nta_timeline_identity_of(timeline, change->number);
    struct nta_note note;

    change->bad_note = !nta_change_notes_hold(change, timeline->sensor, identity);
    for (size_t i = 0; nta_change_note(change, i, &note); i++) {
        switch (note.kind) {
        case NTA_HEADER_NOTE_DELETED:
            if (may_delete(timeline, change, &note))
                put_deleted(timeline, change->number, &note);
            else
                change->bad_note = true;
            break;
        case NTA_HEADER_NOTE_LOST:
            if (!put_lost(timeline, change, &note))
                change->bad_note = true;
            break;
        case NTA_HEADER_NOTE_CHECKPOINT_KEY:
            if (change->number != 1) { /* only the identity names it */
                change->bad_note = true;
                break;
            }
            timeline->has_checkpoint_key = true;
            memcpy(timeline->checkpoint_key, note.key, NTA_KEY_LEN);
            break;
        case NTA_HEADER_NOTE_HOLD: put_hold(timeline, &note); break;
        case NTA_HEADER_NOTE_IDENTITY:
        case NTA_HEADER_NOTE_ADOPTED:
        case NTA_HEADER_NOTE_INDEX: break;
        }
    }
}

/** The identity signs batch 1 and no other. */
static void leave_first(struct nta_timeline *timeline)
{
    if (!timeline->is_failed && timeline->stretches[timeline->n_stretches - 1].from == 1)
        begin_stretch(timeline, 2, NULL);
}

/** Keys adopted up to this number. */
static void place_adopted(struct nta_timeline *timeline, size_t *at, uint64_t number)
{
    for (; *at < timeline->n_adopted && timeline->adopted[*at].from <= number; ++*at) {
        begin_stretch(timeline, timeline->adopted[*at].from, timeline->adopted[*at].key);
        timeline->stretches[timeline->n_stretches - 1].is_adopted = true;
    }
}

/** One more head, above or at the number of those before. */
void nta_timeline_place(struct nta_timeline *timeline, struct nta_change *change)
{
    const struct nta_stretch *last = nta_timeline_key(timeline, change->number);

    change->counts = change->bad_next = change->bad_note = false;
    change->is_signed = last->is_known && nta_change_signed(change, last->key);
    if (!change->is_signed || change->number == timeline->placed)
        return;
    change->counts = true;
    timeline->placed = change->number;
    place_notes(timeline, change);
    if (!change->has_next || change->number == UINT64_MAX)
        return;
    change->bad_next = nta_prints_has(&timeline->keys, nta_print_of(change->next));
    begin_stretch(timeline, change->number + 1, change->next);
}

/** All of it anew. */
int nta_timeline_sweep(struct nta_timeline *timeline)
{
    size_t at = 0;

    sweep_identity(timeline);
    nta_prints_done(&timeline->keys);
    timeline->n_stretches = timeline->n_lost = timeline->n_deleted = timeline->n_kept = 0;
    timeline->placed = 0;
    timeline->has_checkpoint_key = false;
    begin_stretch(timeline, 1, timeline->root);
    for (size_t i = 0; i < timeline->n && !timeline->is_failed; i++) {
        if (timeline->all[i]->number > 1)
            leave_first(timeline);
        place_adopted(timeline, &at, timeline->all[i]->number);
        nta_timeline_place(timeline, timeline->all[i]);
    }
    leave_first(timeline);
    place_adopted(timeline, &at, UINT64_MAX);
    return timeline->is_failed ? -ENOMEM : 0;
}
