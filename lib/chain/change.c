/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/change.h"

#include <stdlib.h>
#include <string.h>

struct nta_change *nta_change_new(const struct nta_stored *row, const uint8_t hash[NTA_HASH_LEN])
{
    const struct nta_span header = row->sealed.header;
    struct nta_change *change = calloc(1, sizeof(*change) + header.len);

    if (!change)
        return NULL;
    change->number = row->header.number;
    change->sealed_ns = row->header.sealed_ns;
    change->day = nta_day_of(row->header.sealed_ns);
    change->has_next = row->header.has_next;
    memcpy(change->next, row->header.next, sizeof(change->next));
    memcpy(change->hash, hash, NTA_HASH_LEN);
    memcpy(change->signature, row->sealed.signature.ptr, NTA_SIGNATURE_LEN);
    memcpy(change->bytes, header.ptr, header.len);
    change->len = header.len;
    change->n_notes = row->header.n_notes;
    if (change->n_notes) {
        change->notes_at = (size_t)(row->header.notes.ptr - header.ptr);
        change->notes_len = row->header.notes.len;
    }
    return change;
}

bool nta_change_note(const struct nta_change *change, size_t i, struct nta_note *ret_note)
{
    const struct nta_header header = {
        .notes = {.ptr = change->bytes + change->notes_at, .len = change->notes_len},
        .n_notes = change->n_notes,
    };

    return nta_header_note(&header, i, ret_note);
}

bool nta_change_signed(struct nta_change *change, const uint8_t key[NTA_KEY_LEN])
{
    const struct nta_sealed sealed = {
        .header = {.ptr = change->bytes, .len = change->len},
        .signature = {.ptr = change->signature, .len = sizeof(change->signature)},
    };

    if (!change->is_checked || memcmp(change->checked, key, NTA_KEY_LEN) != 0) {
        change->is_checked = true;
        change->n_checks++;
        memcpy(change->checked, key, NTA_KEY_LEN);
        change->holds = nta_header_signed(&sealed, key);
    }
    return change->holds;
}

/** The first note of a kind; false: it has none. */
static bool first_of(const struct nta_change *change, enum nta_note_kind kind,
                     struct nta_note *ret_note)
{
    for (size_t i = 0; nta_change_note(change, i, ret_note); i++) {
        if (ret_note->kind == kind)
            return true;
    }
    return false;
}

/** One look at the notes for each identity: who holds a store chooses how many heads there are. */
static void ask(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                const uint8_t identity[NTA_KEY_LEN])
{
    struct nta_note note;

    if (change->is_asked && memcmp(change->asked, identity, NTA_KEY_LEN) == 0)
        return;
    change->is_asked = true;
    memcpy(change->asked, identity, NTA_KEY_LEN);
    change->adopts = first_of(change, NTA_HEADER_NOTE_ADOPTED, &note) &&
                     nta_note_signed(&note, sensor, change->number, identity);
    change->renews = first_of(change, NTA_HEADER_NOTE_IDENTITY, &note) &&
                     nta_note_signed(&note, sensor, change->number, identity);
}

bool nta_change_adopts(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       const uint8_t identity[NTA_KEY_LEN], struct nta_note *ret_note)
{
    ask(change, sensor, identity);
    return change->adopts && first_of(change, NTA_HEADER_NOTE_ADOPTED, ret_note);
}

bool nta_change_identity(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         const uint8_t identity[NTA_KEY_LEN], struct nta_note *ret_note)
{
    ask(change, sensor, identity);
    return change->renews && first_of(change, NTA_HEADER_NOTE_IDENTITY, ret_note);
}

bool nta_change_notes_hold(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                           const uint8_t *identity)
{
    struct nta_note note;
    size_t n_adopting = 0, n_renewing = 0;

    for (size_t i = 0; nta_change_note(change, i, &note); i++) {
        n_adopting += note.kind == NTA_HEADER_NOTE_ADOPTED;
        n_renewing += note.kind == NTA_HEADER_NOTE_IDENTITY;
    }
    if (n_adopting + n_renewing == 0)
        return true;
    if (!identity || n_adopting > 1 || n_renewing > 1)
        return false;
    ask(change, sensor, identity);
    return change->adopts == (n_adopting == 1) && change->renews == (n_renewing == 1);
}
