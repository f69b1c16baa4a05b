/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/wrap.h"

#include "base/own.h"
#include "base/text.h"
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/gcm.h"
#include "vault/crypto/hpke.h"
#include "vault/data_key.h"

#include <errno.h>

enum
{
    VERSION = 1,
    N_PARTS = 2,   ///< Payload and signature.
    N_FIELDS = 5,  ///< Of the payload.
    N_WRAPPED = 3, ///< Of one auditor: id, enc, ciphertext.
    ID_LEN = 16,
    AAD_LEN = NTA_SENSOR_ID_LEN + NTA_DATA_KEY_ID_LEN,
    CIPHERTEXT_LEN = NTA_KEY_LEN + NTA_GCM_TAG_LEN
};

static const struct nta_span info = {
    .ptr = (const uint8_t *)NTA_WRAP_DOMAIN,
    .len = sizeof(NTA_WRAP_DOMAIN) - 1,
};

static struct nta_span span(const uint8_t *ptr, size_t len)
{
    return (struct nta_span){.ptr = ptr, .len = len};
}

static void make_aad(const uint8_t *sensor, const uint8_t *id, uint8_t ret_aad[AAD_LEN])
{
    memcpy(ret_aad, sensor, NTA_SENSOR_ID_LEN);
    memcpy(ret_aad + NTA_SENSOR_ID_LEN, id, NTA_DATA_KEY_ID_LEN);
}

/** A blob taken apart; all borrows from it. */
struct blob
{
    struct nta_span payload, signature, sensor, id;
    int64_t made_ns;
    size_t n_wrapped; ///< 1 to NTA_AUDITORS_MAX.

    struct
    {
        struct nta_span auditor, enc, ciphertext;
    } wrapped[NTA_AUDITORS_MAX];
};

static bool get_wrapped(struct nta_reader *r, struct blob *blob)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n == 0 || n > NTA_AUDITORS_MAX)
        return false;
    for (blob->n_wrapped = 0; blob->n_wrapped < n; blob->n_wrapped++) {
        bool is_triple = nta_cbor_get_array(r) == N_WRAPPED;
        struct nta_span auditor = nta_cbor_get_bytes(r);
        struct nta_span enc = nta_cbor_get_bytes(r);
        struct nta_span ciphertext = nta_cbor_get_bytes(r);

        if (!is_triple || !nta_reader_ok(r) || auditor.len != ID_LEN ||
            enc.len != NTA_HPKE_ENC_LEN || ciphertext.len != CIPHERTEXT_LEN)
            return false;
        blob->wrapped[blob->n_wrapped].auditor = auditor;
        blob->wrapped[blob->n_wrapped].enc = enc;
        blob->wrapped[blob->n_wrapped].ciphertext = ciphertext;
    }
    return nta_reader_done(r);
}

/** The blob's bytes as we would write them: the one deterministic form (RFC 8949 section 4.2.1). */
static void put_blob(const struct blob *blob, struct nta_buf *payload, struct nta_buf *out)
{
    nta_cbor_put_array(payload, N_FIELDS);
    nta_cbor_put_uint(payload, VERSION);
    nta_cbor_put_bytes(payload, blob->sensor);
    nta_cbor_put_bytes(payload, blob->id);
    nta_cbor_put_int(payload, blob->made_ns);
    nta_cbor_put_array(payload, blob->n_wrapped);
    for (size_t i = 0; i < blob->n_wrapped; i++) {
        nta_cbor_put_array(payload, N_WRAPPED);
        nta_cbor_put_bytes(payload, blob->wrapped[i].auditor);
        nta_cbor_put_bytes(payload, blob->wrapped[i].enc);
        nta_cbor_put_bytes(payload, blob->wrapped[i].ciphertext);
    }
    nta_cbor_put_array(out, N_PARTS);
    nta_cbor_put_bytes(out, nta_buf_span(payload));
    nta_cbor_put_bytes(out, blob->signature);
}

static bool is_deterministic(const struct blob *blob, struct nta_span bytes)
{
    NTA_AUTO(nta_buf_done) struct nta_buf payload = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};

    put_blob(blob, &payload, &again);
    return !payload.failed && !again.failed && nta_span_equal(nta_buf_span(&again), bytes);
}

static bool open_blob(struct nta_span bytes, struct blob *ret_blob)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct blob blob = {.n_wrapped = 0};

    if (nta_cbor_get_array(&r) != N_PARTS)
        return false;
    blob.payload = nta_cbor_get_bytes(&r);
    blob.signature = nta_cbor_get_bytes(&r);
    if (!nta_reader_done(&r))
        return false;
    r = nta_reader_of(blob.payload.ptr, blob.payload.len);
    if (nta_cbor_get_array(&r) != N_FIELDS || nta_cbor_get_uint(&r) != VERSION)
        return false;
    blob.sensor = nta_cbor_get_bytes(&r);
    blob.id = nta_cbor_get_bytes(&r);
    blob.made_ns = nta_cbor_get_int(&r);
    if (!get_wrapped(&r, &blob) || blob.sensor.len != NTA_SENSOR_ID_LEN ||
        blob.id.len != NTA_DATA_KEY_ID_LEN || blob.signature.len != NTA_SIGNATURE_LEN ||
        !is_deterministic(&blob, bytes))
        return false;
    *ret_blob = blob;
    return true;
}

static bool row_is_blobs(const struct nta_wrapped_key *key, const struct blob *blob)
{
    return nta_span_equal(blob->id, span(key->id, sizeof(key->id))) &&
           blob->made_ns == key->made_ns;
}

enum nta_key_check nta_wrapped_key_examine(const struct nta_wrapped_key *key,
                                           const uint8_t public_key[NTA_KEY_LEN])
{
    struct blob blob;
    uint8_t sensor[NTA_SENSOR_ID_LEN];

    nta_sensor_id(public_key, sensor);
    if (!open_blob(key->blob, &blob))
        return NTA_KEY_FORMAT;
    if (!nta_span_equal(blob.sensor, span(sensor, sizeof(sensor))))
        return NTA_KEY_SENSOR_OTHER;
    if (!nta_ed25519_verify(public_key, NTA_WRAP_DOMAIN, blob.payload, blob.signature))
        return NTA_KEY_SIGNATURE;
    return row_is_blobs(key, &blob) ? NTA_KEY_OK : NTA_KEY_ROW;
}

bool nta_wrapped_key_check(const struct nta_wrapped_key *key, const uint8_t public_key[NTA_KEY_LEN])
{
    return nta_wrapped_key_examine(key, public_key) == NTA_KEY_OK;
}

const char *nta_key_check_text(enum nta_key_check check)
{
    switch (check) {
    case NTA_KEY_OK: return "good";
    case NTA_KEY_FORMAT: return "the data key is not one of ours";
    case NTA_KEY_SENSOR_OTHER: return "the data key is of another sensor";
    case NTA_KEY_SIGNATURE: return "the data key's signature is not the sensor's";
    case NTA_KEY_ROW: return "the data key is not the one that its row says";
    }
    return "";
}

/** The same of a blob of format 2. */
static bool list_blob_2(struct nta_span bytes, struct nta_wrapped_list *ret_list)
{
    struct nta_key_blob blob;

    if (!nta_key_blob_read(bytes, &blob))
        return false;
    memcpy(ret_list->sensor, blob.use.sensor, sizeof(ret_list->sensor));
    nta_key_blob_id(bytes, ret_list->id);
    ret_list->made_ns = blob.made_ns;
    ret_list->n_auditors = blob.n_auditors;
    for (size_t i = 0; i < blob.n_auditors; i++)
        memcpy(ret_list->auditors[i], blob.wrapped[i].auditor, ID_LEN);
    return true;
}

bool nta_wrapped_key_list(const struct nta_wrapped_key *key, struct nta_wrapped_list *ret_list)
{
    struct blob blob;

    *ret_list = (struct nta_wrapped_list){.n_auditors = 0};
    if (list_blob_2(key->blob, ret_list))
        return true;
    if (!open_blob(key->blob, &blob))
        return false;
    memcpy(ret_list->sensor, blob.sensor.ptr, sizeof(ret_list->sensor));
    memcpy(ret_list->id, blob.id.ptr, sizeof(ret_list->id));
    ret_list->made_ns = blob.made_ns;
    ret_list->n_auditors = blob.n_wrapped;
    for (size_t i = 0; i < blob.n_wrapped; i++)
        memcpy(ret_list->auditors[i], blob.wrapped[i].auditor.ptr, ID_LEN);
    return true;
}

int nta_unwrap(const uint8_t auditor_secret[NTA_KEY_LEN], const struct nta_wrapped_key *key,
               uint8_t ret_data_key[NTA_KEY_LEN])
{
    struct blob blob;
    uint8_t public_key[NTA_KEY_LEN], our_id[ID_LEN], aad[AAD_LEN];

    if (!open_blob(key->blob, &blob) || !row_is_blobs(key, &blob))
        return -EBADMSG;
    if (nta_x25519_public(auditor_secret, public_key) < 0)
        return -EIO;
    nta_sensor_id(public_key, our_id);
    make_aad(blob.sensor.ptr, key->id, aad);
    for (size_t i = 0; i < blob.n_wrapped; i++) {
        if (nta_span_equal(blob.wrapped[i].auditor, span(our_id, sizeof(our_id))))
            return nta_hpke_open_key(auditor_secret, blob.wrapped[i].enc.ptr, info,
                                     span(aad, AAD_LEN), blob.wrapped[i].ciphertext, ret_data_key);
    }
    return -ENOKEY;
}
