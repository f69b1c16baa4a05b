/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notes: what a header of format 2 says in clear, since whoever has no data key must be able to
 * judge it (docs/format.md).
 *
 *     [1, class, day, batches, reason]     contents and data keys of that class and day are
 *                                          destroyed from here on
 *     [3, from, to, reason]                these numbers are lost to this sensor
 *     [4, key]                             the key that signs checkpoints
 *     [5, key, signature]                  a new identity; a key of zeros: it is revoked
 *     [6, from, key, signature]            batches from `from` on under this signing key are ours
 *     [7, batch, record, from, to, state]  evidence and log of these days are held for the incident
 *                                          of this record, or not any more
 *     [8, class, day, hash]                the index with this list is of batches before, of that
 *                                          class and day (vault/index)
 *
 * The signatures are of the identity (the old one), over "NTA note v2" ‖ 0x00 ‖ sensor ‖ number of
 * the header that holds the note (8 bytes, big-endian) ‖ the note without its last field.  So a
 * note says nothing in another header.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "vault/sealed.h"

#include <stdbool.h>
#include <stdint.h>

enum nta_note_kind
{
    NTA_HEADER_NOTE_DELETED = 1,
    NTA_HEADER_NOTE_LOST = 3,
    NTA_HEADER_NOTE_CHECKPOINT_KEY = 4,
    NTA_HEADER_NOTE_IDENTITY = 5,
    NTA_HEADER_NOTE_ADOPTED = 6,
    NTA_HEADER_NOTE_HOLD = 7,
    NTA_HEADER_NOTE_INDEX = 8
};

/** Why contents were deleted. */
enum nta_delete_reason
{
    NTA_DELETE_AGE = 1,
    NTA_DELETE_SIZE,
    NTA_DELETE_COMMAND,
    NTA_DELETE_LAW,
    NTA_DELETE_REASONS_END
};

/** How numbers were lost. */
enum nta_lost_reason
{
    NTA_LOST_STORE_OLDER = 1, ///< The store is older than what was acknowledged.
    NTA_LOST_FILE_REMOVED,
    NTA_LOST_CHAIN_ROW, ///< The store's chain row was moved.
    NTA_LOST_RECOVERED, ///< The sensor was set up again.
    NTA_LOST_REASONS_END
};

/** What becomes of a hold. */
enum nta_hold_state
{
    NTA_HOLD_HELD = 1, ///< None of its days may be deleted: evidence and log.
    NTA_HOLD_RELEASED, ///< No hold of this incident stands any more, whatever its days.
    NTA_HOLD_WHO,      ///< Who had which address may not be deleted, of none of its days.
    NTA_HOLD_STATES_END
};

/** Members that the kind does not have are 0. */
struct nta_note
{
    enum nta_note_kind kind;
    enum nta_class class;
    int64_t day;              ///< UTC, days since 1970-01-01, within 32 bits; of a hold: its first.
    int64_t last_day;         ///< Of a hold: its last one, included.
    uint64_t n_batches;       ///< How many were destroyed.
    uint64_t from, to;        ///< Numbers of batches, ends included.
    uint64_t batch, record;   ///< Of a hold: which record's incident.
    unsigned reason;          ///< enum nta_delete_reason, nta_lost_reason or nta_hold_state.
    uint8_t key[NTA_KEY_LEN]; ///< Of an index: the hash of its list.
    uint8_t signature[NTA_SIGNATURE_LEN];
};

/** Append the note's array. */
void nta_note_encode(const struct nta_note *note, struct nta_buf *out);

/** Take one note.  False, with the reader emptied: none of these, or out of its bounds. */
bool nta_note_decode(struct nta_reader *r, struct nta_note *ret_note);

/**
 * True if the header with this number can say it: what is to be lost or adopted later than that
 * cannot be excused before.
 */
bool nta_note_fits(const struct nta_note *note, uint64_t number);

/** Fill in the signature of an identity note or one that adopts.  0 or -EIO. */
int nta_note_sign(struct nta_note *note, const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                  const uint8_t identity_secret[NTA_KEY_LEN]);

/** True if it is the signature of this identity, for the header with this number. */
bool nta_note_signed(const struct nta_note *note, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t number, const uint8_t identity[NTA_KEY_LEN]);

/** True if an identity's note says that there is none any more. */
bool nta_note_revokes(const struct nta_note *note);

/** Note `i` of a header that was decoded, while its bytes are there; false: it has not so many. */
bool nta_header_note(const struct nta_header *header, size_t i, struct nta_note *ret_note);

/** "age", "size", "command", "law"; "" for a number that is no reason.  Static. */
const char *nta_delete_reason_name(unsigned reason);
/** A name as docs/format.md has it; "" for a number that is no reason.  Static. */
const char *nta_lost_reason_name(unsigned reason);
