/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/header.h"

#include "base/own.h"
#include "base/text.h"
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/digest.h"
#include "vault/note.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
    N_FIELDS_1 = 12,
    N_FIELDS_2 = 18
};

static uint64_t n_fields(unsigned version)
{
    return version == 1 ? N_FIELDS_1 : N_FIELDS_2;
}

static void put_fixed(struct nta_buf *out, const uint8_t *bytes, size_t len)
{
    nta_cbor_put_bytes(out, (struct nta_span){.ptr = bytes, .len = len});
}

/** What format 2 says between the link and the times. */
static void put_place(const struct nta_header *header, struct nta_buf *out)
{
    put_fixed(out, header->log, sizeof(header->log));
    nta_cbor_put_int(out, header->sealed_ns);
    nta_cbor_put_uint(out, header->clock);
    nta_cbor_put_uint(out, (uint64_t)header->class);
}

/** And before the body's hash. */
static void put_keys(const struct nta_header *header, struct nta_buf *out)
{
    put_fixed(out, header->next, header->has_next ? sizeof(header->next) : 0);
    nta_cbor_put_array(out, header->n_notes);
    nta_buf_put(out, header->notes.ptr, header->notes.len);
}

void nta_header_encode(const struct nta_header *header, struct nta_buf *out)
{
    nta_cbor_put_array(out, n_fields(header->version));
    nta_cbor_put_uint(out, header->version);
    put_fixed(out, header->sensor, sizeof(header->sensor));
    nta_cbor_put_uint(out, header->number);
    put_fixed(out, header->previous, sizeof(header->previous));
    if (header->version > 1)
        put_place(header, out);
    nta_cbor_put_int(out, header->first_ns);
    nta_cbor_put_int(out, header->last_ns);
    nta_cbor_put_uint(out, header->n_records);
    put_fixed(out, header->data_key, sizeof(header->data_key));
    put_fixed(out, header->nonce, sizeof(header->nonce));
    put_fixed(out, header->tokens_hash, sizeof(header->tokens_hash));
    put_fixed(out, header->root, sizeof(header->root));
    if (header->version > 1)
        put_keys(header, out);
    put_fixed(out, header->body_hash, sizeof(header->body_hash));
}

void nta_header_aad(struct nta_span cbor, struct nta_buf *out)
{
    const uint8_t head = cbor.ptr[0]; /* an array of fewer than 24, its number in the head's byte */

    nta_buf_put_u8(out, (uint8_t)(head - 1));
    nta_buf_put(out, cbor.ptr + 1, cbor.len - 1 - NTA_HEADER_TAIL_LEN);
}

static void get_fixed(struct nta_reader *r, uint8_t *ret_bytes, size_t len)
{
    struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len == len) {
        memcpy(ret_bytes, bytes.ptr, len);
        return;
    }
    nta_reader_fail(r);
}

static void get_place(struct nta_reader *r, struct nta_header *header)
{
    get_fixed(r, header->log, sizeof(header->log));
    header->sealed_ns = nta_cbor_get_int(r);
    header->clock = nta_cbor_get_uint(r);
    const uint64_t class = nta_cbor_get_uint(r);

    if (class < NTA_CLASS_EVIDENCE || class > NTA_CLASS_LOG)
        nta_reader_fail(r);
    else
        header->class = (enum nta_class) class;
}

static void get_keys(struct nta_reader *r, struct nta_header *header)
{
    const struct nta_span next = nta_cbor_get_bytes(r);
    const uint64_t n_notes = nta_cbor_get_array(r);
    const size_t start = nta_reader_offset(r);
    struct nta_note note;

    header->has_next = next.len > 0;
    if (header->has_next && next.len == sizeof(header->next))
        memcpy(header->next, next.ptr, sizeof(header->next));
    if ((header->has_next && next.len != sizeof(header->next)) || n_notes > NTA_NOTES_MAX)
        nta_reader_fail(r);
    for (header->n_notes = 0; header->n_notes < n_notes && nta_reader_ok(r); header->n_notes++)
        (void)nta_note_decode(r, &note);
    if (nta_reader_ok(r))
        header->notes = nta_reader_since(r, start);
}

/** Fields in their order; the reader says whether all were there. */
static void get_fields(struct nta_reader *r, struct nta_header *header)
{
    get_fixed(r, header->sensor, sizeof(header->sensor));
    header->number = nta_cbor_get_uint(r);
    get_fixed(r, header->previous, sizeof(header->previous));
    if (header->version > 1)
        get_place(r, header);
    header->first_ns = nta_cbor_get_int(r);
    header->last_ns = nta_cbor_get_int(r);
    uint64_t n_records = nta_cbor_get_uint(r);

    /* no batch is empty or larger: a count that is cannot be ours, and is not carried further */
    header->n_records = n_records <= NTA_BATCH_RECORDS ? (uint32_t)n_records : 0;
    get_fixed(r, header->data_key, sizeof(header->data_key));
    get_fixed(r, header->nonce, sizeof(header->nonce));
    get_fixed(r, header->tokens_hash, sizeof(header->tokens_hash));
    get_fixed(r, header->root, sizeof(header->root));
    if (header->version > 1)
        get_keys(r, header);
    get_fixed(r, header->body_hash, sizeof(header->body_hash));
}

/** The notes as we would write them: each in its one form, and of what is past. */
static bool notes_are_ours(const struct nta_header *header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_reader r = nta_reader_of(header->notes.ptr, header->notes.len);
    struct nta_note note;

    for (size_t i = 0; i < header->n_notes; i++) {
        if (!nta_note_decode(&r, &note) || !nta_note_fits(&note, header->number))
            return false;
        nta_note_encode(&note, &again);
    }
    return nta_span_equal(nta_buf_span(&again), header->notes);
}

bool nta_header_decode(struct nta_span cbor, struct nta_header *ret_header)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    struct nta_reader r = nta_reader_of(cbor.ptr, cbor.len);
    struct nta_header header = {.number = 0};
    const uint64_t n = nta_cbor_get_array(&r), version = nta_cbor_get_uint(&r);

    if ((version != 1 && version != 2) || n != n_fields((unsigned)version))
        return false;
    header.version = (unsigned)version;
    get_fields(&r, &header);
    if (!nta_reader_done(&r) || header.n_records == 0 || header.number == 0)
        return false;
    /* the one deterministic form (RFC 8949 section 4.2.1): what we would write, byte for byte */
    nta_header_encode(&header, &again);
    if (!nta_span_equal(nta_buf_span(&again), cbor) || !notes_are_ours(&header))
        return false;
    *ret_header = header;
    return true;
}

bool nta_header_note(const struct nta_header *header, size_t i, struct nta_note *ret_note)
{
    struct nta_reader r = nta_reader_of(header->notes.ptr, header->notes.len);

    for (size_t at = 0; at <= i; at++) {
        if (at >= header->n_notes || !nta_note_decode(&r, ret_note))
            return false;
    }
    return true;
}

void nta_header_hash(const struct nta_sealed *sealed, uint8_t ret_hash[NTA_HASH_LEN])
{
    struct nta_digest digest;

    nta_digest_init(&digest);
    nta_digest_put(&digest, sealed->header.ptr, sealed->header.len);
    nta_digest_put(&digest, sealed->signature.ptr, sealed->signature.len);
    nta_digest_end(&digest, ret_hash);
}

void nta_sensor_id(const uint8_t public_key[NTA_KEY_LEN], uint8_t ret_id[NTA_SENSOR_ID_LEN])
{
    uint8_t hash[NTA_HASH_LEN];

    nta_digest_of((struct nta_span){.ptr = public_key, .len = NTA_KEY_LEN}, hash);
    memcpy(ret_id, hash, NTA_SENSOR_ID_LEN);
}

void nta_hash_of(struct nta_span data, uint8_t ret_hash[NTA_HASH_LEN])
{
    nta_digest_of(data, ret_hash);
}

bool nta_hash_is(struct nta_span data, const uint8_t expected[NTA_HASH_LEN])
{
    uint8_t hash[NTA_HASH_LEN];

    nta_hash_of(data, hash);
    return memcmp(hash, expected, sizeof(hash)) == 0;
}

bool nta_header_signed(const struct nta_sealed *sealed, const uint8_t public_key[NTA_KEY_LEN])
{
    const struct nta_span header = sealed->header;
    /* the version is the second byte, of which each is its own domain */
    const char *domain =
        header.len > 1 && header.ptr[1] == 1 ? NTA_HEADER_DOMAIN : NTA_HEADER_DOMAIN_2;

    return nta_ed25519_verify(public_key, domain, header, sealed->signature);
}

int64_t nta_day_of(int64_t wall_ns)
{
    const int64_t day_ns = INT64_C(86400) * 1000000000;

    return wall_ns / day_ns - (wall_ns % day_ns < 0);
}

const char *nta_day_text(int64_t day, char text[NTA_DAY_TEXT_SIZE])
{
    const time_t seconds = (time_t)(day * 86400);
    struct tm tm;

    if (day > INT32_MAX || day < INT32_MIN || !gmtime_r(&seconds, &tm) ||
        strftime(text, NTA_DAY_TEXT_SIZE, "%Y-%m-%d", &tm) == 0)
        (void)snprintf(text, NTA_DAY_TEXT_SIZE, "day %" PRId64, day);
    return text;
}

enum nta_check nta_sealed_check(const struct nta_sealed *sealed,
                                const uint8_t public_key[NTA_KEY_LEN],
                                struct nta_header *ret_header)
{
    struct nta_header header;
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    if (!nta_header_decode(sealed->header, &header))
        return NTA_CHECK_FORMAT;
    nta_sensor_id(public_key, sensor);
    if (header.version == 1 && memcmp(header.sensor, sensor, sizeof(sensor)) != 0)
        return NTA_CHECK_SENSOR;
    if (!nta_header_signed(sealed, public_key))
        return NTA_CHECK_SIGNATURE;
    if (!nta_hash_is(sealed->tokens, header.tokens_hash))
        return NTA_CHECK_TOKENS;
    if (!nta_hash_is(sealed->body, header.body_hash))
        return NTA_CHECK_BODY;
    if (ret_header)
        *ret_header = header;
    return NTA_CHECK_OK;
}

const char *nta_check_text(enum nta_check check)
{
    switch (check) {
    case NTA_CHECK_OK: return "good";
    case NTA_CHECK_FORMAT: return "the header is not one of ours";
    case NTA_CHECK_SENSOR: return "the batch is of another sensor";
    case NTA_CHECK_SIGNATURE: return "the signature is not the sensor's";
    case NTA_CHECK_TOKENS: return "the search tokens are not the signed ones";
    case NTA_CHECK_BODY: return "the body is not the signed one";
    }
    return "";
}
