/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/day_notes.h"

#include "base/own.h"
#include "store/walk.h"

#include <errno.h>
#include <stdlib.h>

void nta_day_notes_done(struct nta_day_notes *notes)
{
    free(notes->all);
    *notes = (struct nta_day_notes){.n = 0};
}

static int add(struct nta_day_notes *notes, const struct nta_note *note, uint64_t number,
               struct nta_err *err)
{
    if (notes->n == NTA_DAY_NOTES_MAX)
        return nta_err_set(err, -E2BIG, "more than %d notes of deleted and held days",
                           (int)NTA_DAY_NOTES_MAX);
    if (notes->n == notes->size) {
        const size_t more = notes->size ? 2 * notes->size : 64;
        struct nta_day_note *moved = reallocarray(notes->all, more, sizeof(*moved));

        if (!moved)
            return nta_err_sys(err, -ENOMEM, "notes");
        notes->all = moved;
        notes->size = more;
    }
    notes->all[notes->n++] = (struct nta_day_note){
        .number = number,
        .kind = note->kind,
        .class = note->class,
        .day = note->day,
        .last_day = note->last_day,
        .batch = note->batch,
        .record = note->record,
        .reason = note->reason,
    };
    return 0;
}

static int take_notes(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct nta_day_notes *notes = owner;
    struct nta_note note;
    int r = 0;

    if (row->faults & (NTA_ROW_HEADER | NTA_ROW_TYPE | NTA_ROW_COLUMNS))
        return 0;
    for (size_t i = 0; r == 0 && nta_header_note(&row->header, i, &note); i++)
        if (note.kind == NTA_HEADER_NOTE_DELETED || note.kind == NTA_HEADER_NOTE_HOLD)
            r = add(notes, &note, row->header.number, err);
    return r;
}

int nta_day_notes_read(struct nta_day_notes *notes, struct nta_store *store,
                       const uint8_t sensor[NTA_SENSOR_ID_LEN], struct nta_err *err)
{
    const struct nta_store_query query = {
        .sensor = sensor, .marked_only = true, .wants = nta_store_wants_none};

    return nta_store_each(store, &query, take_notes, notes, err);
}

/* ---- the order ---- */

static bool holds(const struct nta_day_note *note)
{
    return note->kind == NTA_HEADER_NOTE_HOLD && note->reason == NTA_HOLD_HELD;
}

static int compare(const void *a, const void *b)
{
    const struct nta_day_note *one = a, *two = b;
    const uint64_t pairs[][2] = {
        {one->number, two->number},
        {holds(one), holds(two)},
        {one->kind, two->kind},
        {one->class, two->class},
        {one->batch, two->batch},
        {one->record, two->record},
        {one->reason, two->reason},
        {(uint64_t)one->day, (uint64_t)two->day},
        {(uint64_t)one->last_day, (uint64_t)two->last_day},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(pairs); i++)
        if (pairs[i][0] != pairs[i][1])
            return pairs[i][0] < pairs[i][1] ? -1 : 1;
    return 0;
}

void nta_day_notes_settle(struct nta_day_notes *notes)
{
    size_t n = 0;

    if (notes->n > 0)
        qsort(notes->all, notes->n, sizeof(*notes->all), compare);
    for (size_t i = 0; i < notes->n; i++)
        if (n == 0 || compare(&notes->all[n - 1], &notes->all[i]) != 0)
            notes->all[n++] = notes->all[i];
    notes->n = n;
}
