/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/note.h"

#include "base/own.h"
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define DOMAIN "NTA note v2"

enum
{
    FIELDS_DELETED = 5,
    FIELDS_LOST = 4,
    FIELDS_CHECKPOINT_KEY = 2,
    FIELDS_IDENTITY = 3,
    FIELDS_ADOPTED = 4,
    FIELDS_HOLD = 6,
    FIELDS_INDEX = 4
};

static uint64_t n_fields(enum nta_note_kind kind)
{
    switch (kind) {
    case NTA_HEADER_NOTE_DELETED: return FIELDS_DELETED;
    case NTA_HEADER_NOTE_LOST: return FIELDS_LOST;
    case NTA_HEADER_NOTE_CHECKPOINT_KEY: return FIELDS_CHECKPOINT_KEY;
    case NTA_HEADER_NOTE_IDENTITY: return FIELDS_IDENTITY;
    case NTA_HEADER_NOTE_ADOPTED: return FIELDS_ADOPTED;
    case NTA_HEADER_NOTE_HOLD: return FIELDS_HOLD;
    case NTA_HEADER_NOTE_INDEX: return FIELDS_INDEX;
    }
    return 0;
}

static bool has_signature(enum nta_note_kind kind)
{
    return kind == NTA_HEADER_NOTE_IDENTITY || kind == NTA_HEADER_NOTE_ADOPTED;
}

static void put_key(struct nta_buf *out, const struct nta_note *note)
{
    nta_cbor_put_bytes(out, (struct nta_span){.ptr = note->key, .len = sizeof(note->key)});
}

/** The fields behind the kind, but for a signature. */
static void put_fields(const struct nta_note *note, struct nta_buf *out)
{
    switch (note->kind) {
    case NTA_HEADER_NOTE_DELETED:
        nta_cbor_put_uint(out, (uint64_t)note->class);
        nta_cbor_put_int(out, note->day);
        nta_cbor_put_uint(out, note->n_batches);
        nta_cbor_put_uint(out, note->reason);
        break;
    case NTA_HEADER_NOTE_LOST:
        nta_cbor_put_uint(out, note->from);
        nta_cbor_put_uint(out, note->to);
        nta_cbor_put_uint(out, note->reason);
        break;
    case NTA_HEADER_NOTE_ADOPTED:
        nta_cbor_put_uint(out, note->from);
        put_key(out, note);
        break;
    case NTA_HEADER_NOTE_CHECKPOINT_KEY:
    case NTA_HEADER_NOTE_IDENTITY: put_key(out, note); break;
    case NTA_HEADER_NOTE_HOLD:
        nta_cbor_put_uint(out, note->batch);
        nta_cbor_put_uint(out, note->record);
        nta_cbor_put_int(out, note->day);
        nta_cbor_put_int(out, note->last_day);
        nta_cbor_put_uint(out, note->reason);
        break;
    case NTA_HEADER_NOTE_INDEX:
        nta_cbor_put_uint(out, (uint64_t)note->class);
        nta_cbor_put_int(out, note->day);
        put_key(out, note);
        break;
    }
}

void nta_note_encode(const struct nta_note *note, struct nta_buf *out)
{
    nta_cbor_put_array(out, n_fields(note->kind));
    nta_cbor_put_uint(out, (uint64_t)note->kind);
    put_fields(note, out);
    if (has_signature(note->kind))
        nta_cbor_put_bytes(
            out, (struct nta_span){.ptr = note->signature, .len = sizeof(note->signature)});
}

static void get_fixed(struct nta_reader *r, uint8_t *ret_bytes, size_t len)
{
    const struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len == len)
        memcpy(ret_bytes, bytes.ptr, len);
    else
        nta_reader_fail(r);
}

/** A number from `least` to `most`. */
static uint64_t get_within(struct nta_reader *r, uint64_t least, uint64_t most)
{
    const uint64_t number = nta_cbor_get_uint(r);

    if (number >= least && number <= most)
        return number;
    nta_reader_fail(r);
    return 0;
}

/** As data keys have it (vault/data_key.h). */
static int64_t get_day(struct nta_reader *r)
{
    const int64_t day = nta_cbor_get_int(r);

    if (day >= INT32_MIN && day <= INT32_MAX)
        return day;
    nta_reader_fail(r);
    return 0;
}

static void get_fields(struct nta_reader *r, struct nta_note *note)
{
    switch (note->kind) {
    case NTA_HEADER_NOTE_DELETED:
        note->class = (enum nta_class)get_within(r, NTA_CLASS_EVIDENCE, NTA_CLASS_LOG);
        note->day = get_day(r);
        note->n_batches = nta_cbor_get_uint(r);
        note->reason = (unsigned)get_within(r, NTA_DELETE_AGE, NTA_DELETE_REASONS_END - 1);
        break;
    case NTA_HEADER_NOTE_LOST:
        note->from = get_within(r, 1, UINT64_MAX);
        note->to = get_within(r, note->from, UINT64_MAX);
        note->reason = (unsigned)get_within(r, NTA_LOST_STORE_OLDER, NTA_LOST_REASONS_END - 1);
        break;
    case NTA_HEADER_NOTE_ADOPTED:
        note->from = get_within(r, 1, UINT64_MAX);
        get_fixed(r, note->key, sizeof(note->key));
        break;
    case NTA_HEADER_NOTE_CHECKPOINT_KEY:
    case NTA_HEADER_NOTE_IDENTITY: get_fixed(r, note->key, sizeof(note->key)); break;
    case NTA_HEADER_NOTE_HOLD:
        note->batch = get_within(r, 1, UINT64_MAX);
        note->record = nta_cbor_get_uint(r);
        note->day = get_day(r);
        note->last_day = get_day(r);
        if (note->last_day < note->day)
            nta_reader_fail(r);
        note->reason = (unsigned)get_within(r, NTA_HOLD_HELD, NTA_HOLD_STATES_END - 1);
        break;
    case NTA_HEADER_NOTE_INDEX:
        note->class = (enum nta_class)get_within(r, NTA_CLASS_EVIDENCE, NTA_CLASS_LOG);
        note->day = get_day(r);
        get_fixed(r, note->key, sizeof(note->key));
        break;
    }
}

bool nta_note_decode(struct nta_reader *r, struct nta_note *ret_note)
{
    struct nta_note note = {.reason = 0};
    const uint64_t n = nta_cbor_get_array(r);

    note.kind = (enum nta_note_kind)get_within(r, NTA_HEADER_NOTE_DELETED, NTA_HEADER_NOTE_INDEX);
    if (!nta_reader_ok(r) || n == 0 || n != n_fields(note.kind)) {
        nta_reader_fail(r);
        return false;
    }
    get_fields(r, &note);
    if (has_signature(note.kind))
        get_fixed(r, note.signature, sizeof(note.signature));
    if (!nta_reader_ok(r))
        return false;
    *ret_note = note;
    return true;
}

bool nta_note_fits(const struct nta_note *note, uint64_t number)
{
    switch (note->kind) {
    case NTA_HEADER_NOTE_LOST: return note->to < number;
    case NTA_HEADER_NOTE_ADOPTED: return note->from <= number;
    case NTA_HEADER_NOTE_HOLD: return note->batch < number;
    case NTA_HEADER_NOTE_DELETED:
    case NTA_HEADER_NOTE_CHECKPOINT_KEY:
    case NTA_HEADER_NOTE_IDENTITY:
    case NTA_HEADER_NOTE_INDEX: return true;
    }
    return false;
}

/** What is signed, behind the domain. */
static void put_signed(const struct nta_note *note, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       uint64_t number, struct nta_buf *out)
{
    const uint64_t big_endian = htobe64(number);

    nta_buf_put(out, sensor, NTA_SENSOR_ID_LEN);
    nta_buf_put(out, &big_endian, sizeof(big_endian));
    nta_cbor_put_array(out, n_fields(note->kind) - 1);
    nta_cbor_put_uint(out, (uint64_t)note->kind);
    put_fields(note, out);
}

int nta_note_sign(struct nta_note *note, const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                  const uint8_t identity_secret[NTA_KEY_LEN])
{
    NTA_AUTO(nta_buf_done) struct nta_buf message = {0};

    put_signed(note, sensor, number, &message);
    if (message.failed || !has_signature(note->kind))
        return -EIO;
    return nta_ed25519_sign(identity_secret, DOMAIN, nta_buf_span(&message), note->signature);
}

bool nta_note_revokes(const struct nta_note *note)
{
    static const uint8_t zeros[NTA_KEY_LEN];

    return note->kind == NTA_HEADER_NOTE_IDENTITY && memcmp(note->key, zeros, sizeof(zeros)) == 0;
}

bool nta_note_signed(const struct nta_note *note, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t number, const uint8_t identity[NTA_KEY_LEN])
{
    NTA_AUTO(nta_buf_done) struct nta_buf message = {0};

    put_signed(note, sensor, number, &message);
    return has_signature(note->kind) && !message.failed &&
           nta_ed25519_verify(
               identity, DOMAIN, nta_buf_span(&message),
               (struct nta_span){.ptr = note->signature, .len = sizeof(note->signature)});
}

const char *nta_delete_reason_name(unsigned reason)
{
    switch (reason) {
    case NTA_DELETE_AGE: return "age";
    case NTA_DELETE_SIZE: return "size";
    case NTA_DELETE_COMMAND: return "command";
    case NTA_DELETE_LAW: return "law";
    default: return "";
    }
}

const char *nta_lost_reason_name(unsigned reason)
{
    switch (reason) {
    case NTA_LOST_STORE_OLDER: return "store_older";
    case NTA_LOST_FILE_REMOVED: return "file_removed";
    case NTA_LOST_CHAIN_ROW: return "chain_row";
    case NTA_LOST_RECOVERED: return "recovered";
    default: return "";
    }
}
