/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/day_notes.h"

#include "base/own.h"
#include "chain/chain.h"
#include "chain/notes.h"
#include "store/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/** Of a head that is proved. */
static int take_note(void *owner, uint64_t number, const struct nta_note *note, struct nta_err *err)
{
    return note->kind == NTA_HEADER_NOTE_DELETED || note->kind == NTA_HEADER_NOTE_HOLD
               ? add(owner, note, number, err)
               : 0;
}

/* ---- heads ---- */

struct nta_day_reader
{
    struct nta_day_trust trust;
    struct nta_findings *findings; ///< Owned, as the judges; what they find nobody asks here.
    struct nta_trust trusted;      ///< Owned: nobody, or the identity.
    struct nta_chain *own, *all;   ///< By the journal's heads; by MySQL's and the journal's.
    struct nta_day_notes notes;    ///< Owned: of heads under keys of `lines`.
    /* the store that is looked at */
    bool is_own;
    uint64_t from; ///< Number.
    size_t n, n_max;
    uint8_t keys[NTA_DAY_LINES_MAX][NTA_KEY_LEN]; ///< To which the lines lead by now.
};

static void begin_store(struct nta_day_reader *reader)
{
    reader->from = 1;
    for (size_t i = 0; i < reader->trust.n_lines; i++)
        memcpy(reader->keys[i], reader->trust.lines[i].key, NTA_KEY_LEN);
}

int nta_day_reader_new(const struct nta_day_trust *trust, struct nta_day_reader **ret_reader,
                       struct nta_err *err)
{
    NTA_AUTO(nta_day_reader_free) struct nta_day_reader *reader = calloc(1, sizeof(*reader));
    int r = 0;

    if (!reader)
        return nta_err_sys(err, -ENOMEM, "notes");
    reader->trust = *trust;
    if (trust->has_identity) {
        struct nta_trusted trusted = {.from_ns = 0};

        memcpy(trusted.public_key, trust->identity, NTA_KEY_LEN);
        memcpy(trusted.sensor, trust->sensor, NTA_SENSOR_ID_LEN);
        r = nta_trust_add(&reader->trusted, &trusted, err);
    }
    reader->findings = nta_findings_new();
    if (r == 0 && reader->findings) {
        reader->own = nta_chain_new(&reader->trusted, reader->findings);
        reader->all = nta_chain_new(&reader->trusted, reader->findings);
    }
    if (!reader->own || !reader->all)
        return r < 0 ? r : nta_err_sys(err, -ENOMEM, "notes");
    begin_store(reader);
    *ret_reader = NTA_TAKE(reader);
    return 0;
}

void nta_day_reader_free(struct nta_day_reader **reader)
{
    struct nta_day_reader *dead = NTA_TAKE(*reader);

    if (!dead)
        return;
    nta_chain_free(&dead->own);
    nta_chain_free(&dead->all);
    nta_findings_free(&dead->findings);
    nta_trust_done(&dead->trusted);
    nta_day_notes_done(&dead->notes);
    free(dead);
}

/** A head under a key that this sensor made for itself. */
static int follow_lines(struct nta_day_reader *reader, const struct nta_stored *row,
                        struct nta_err *err)
{
    const struct nta_header *header = &row->header;
    struct nta_note note;
    int r = 0;

    if (row->faults & NTA_ROW_COLUMNS)
        return 0; /* its bytes stand at their own number, too: copies would only fill the memory */
    for (size_t line = 0; line < reader->trust.n_lines && r == 0; line++) {
        if (header->number < reader->trust.lines[line].from ||
            !nta_header_signed(&row->sealed, reader->keys[line]))
            continue;
        for (size_t i = 0; r == 0 && nta_header_note(header, i, &note); i++)
            r = take_note(&reader->notes, header->number, &note, err);
        if (header->has_next)
            memcpy(reader->keys[line], header->next, NTA_KEY_LEN);
    }
    return r;
}

static int on_head(void *owner, const struct nta_stored *row, struct nta_err *err)
{
    struct nta_day_reader *reader = owner;
    const struct nta_header *header = &row->header;
    int r = 0;

    reader->n++;
    if (!(row->faults & (NTA_ROW_HEADER | NTA_ROW_UNREAD)) && header->version == 2 &&
        (header->has_next || header->n_notes > 0) &&
        memcmp(header->sensor, reader->trust.sensor, NTA_SENSOR_ID_LEN) == 0) {
        if (nta_chain_learn(reader->all, row) < 0 ||
            (reader->is_own && nta_chain_learn(reader->own, row) < 0))
            return nta_err_sys(err, -ENOMEM, "notes");
        r = follow_lines(reader, row, err);
    }
    /* to go on behind it, its number has to be the one of its column */
    if (r < 0 || !reader->n_max || reader->n < reader->n_max || header->number >= INT64_MAX ||
        (row->faults & ~(unsigned)(NTA_ROW_ABSENT | NTA_ROW_CONTENT)))
        return r;
    reader->from = header->number + 1;
    return 1;
}

int nta_day_reader_look(struct nta_day_reader *reader, struct nta_store *store, bool is_own,
                        size_t n_max, struct nta_err *err)
{
    const struct nta_store_query query = {
        .sensor = reader->trust.sensor, .from_number = reader->from, .wants = nta_store_wants_none};

    reader->is_own = is_own;
    reader->n = 0;
    reader->n_max = n_max;
    int r = nta_store_each(store, &query, on_head, reader, err);

    if (r == 0)
        begin_store(reader); /* the next one */
    return r;
}

int nta_day_reader_give(struct nta_day_reader *reader, struct nta_day_notes *notes,
                        struct nta_err *err)
{
    const uint8_t *sensor = reader->trust.sensor;
    int r = nta_chain_each_note(reader->own, sensor, take_note, notes, err);

    if (r == 0)
        r = nta_chain_each_note(reader->all, sensor, take_note, notes, err);
    for (size_t i = 0; i < reader->notes.n && r == 0; i++) {
        const struct nta_day_note *one = &reader->notes.all[i];
        const struct nta_note note = {.kind = one->kind,
                                      .class = one->class,
                                      .day = one->day,
                                      .last_day = one->last_day,
                                      .batch = one->batch,
                                      .record = one->record,
                                      .reason = one->reason};

        r = add(notes, &note, one->number, err);
    }
    nta_day_notes_settle(notes);
    return r;
}

/* ---- the order ---- */

static bool holds(const struct nta_day_note *note)
{
    return note->kind == NTA_HEADER_NOTE_HOLD && note->reason != NTA_HOLD_RELEASED;
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
