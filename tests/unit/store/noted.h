/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Indexes of made-up bytes that a sample's header notes: the store does not look at them. */

#include "base/buf.h"
#include "base/own.h"
#include "store/fixture.h"
#include "vault/note.h"

enum
{
    NOTED_PARTS = 3,
    NOTED_LEN = 15000 ///< Bytes of a part.
};

/** Zeroed, there are none. */
struct noted
{
    struct nta_buf notes;
    size_t n_notes, n_parts;
    struct nta_stored_index parts[NOTED_PARTS * NTA_N_CLASSES];
    uint8_t bytes[NOTED_LEN];
};

/** One of a class more, of this day; all of its bytes are `byte`. */
static inline void noted_add(struct noted *noted, enum nta_class class, int64_t day, uint8_t byte)
{
    struct nta_note note = {.kind = NTA_HEADER_NOTE_INDEX, .class = class, .day = day};

    memset(note.key, byte, sizeof(note.key));
    nta_note_encode(&note, &noted->notes);
    noted->n_notes++;
    memset(noted->bytes, byte, sizeof(noted->bytes));
    for (uint32_t i = 0; i < NOTED_PARTS; i++)
        noted->parts[noted->n_parts++] =
            (struct nta_stored_index){.class = class,
                                      .day = day,
                                      .part = i,
                                      .bytes = {noted->bytes, sizeof(noted->bytes) - i}};
}

/** The batch of the plan, whose header notes them, with their parts. */
static inline void noted_make(struct noted *noted, struct sample *made,
                              const struct sample_plan *plan, const uint8_t *previous)
{
    struct sample_plan with = *plan;

    with.notes = nta_buf_span(&noted->notes);
    with.n_notes = noted->n_notes;
    sample_make(made, &with, previous);
    made->stored.indexes = noted->parts;
    made->stored.n_indexes = noted->n_parts;
}

/** Forget them; a sample that was made of them is of no use any more. */
static inline void noted_done(struct noted *noted, struct sample *made)
{
    nta_buf_done(&noted->notes);
    *noted = (struct noted){.n_notes = 0};
    made->stored.indexes = NULL;
    made->stored.n_indexes = 0;
}

/** How many parts the store has of what the sensor 1's batch `number` notes. */
static inline size_t noted_count(struct nta_store *store, uint64_t number, enum nta_class class,
                                 int64_t day, struct nta_err *ret_err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf bytes = {0};
    struct nta_store_index_at at = {.number = number, .class = class, .day = day};

    memset(at.sensor, 1, sizeof(at.sensor));
    while (nta_store_get_index(store, &at, &bytes, ret_err) == 1)
        at.part++;
    return at.part;
}
