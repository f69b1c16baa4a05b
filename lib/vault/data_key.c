/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/data_key.h"

#include "base/own.h"
#include "record/cbor/cbor.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/gcm.h"
#include "vault/crypto/hpke.h"
#include "vault/vault.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>

#define BODY_INFO  "NTA body v2"
#define TOKEN_INFO "NTA token v2"
#define WRAP_INFO  "NTA data key v2"

enum
{
    VERSION = 2,
    N_FIELDS = 6,
    N_WRAPPED = 3, ///< Of one auditor.
    CLASS_LEN = 1,
    DAY_LEN = 4,
    AAD_LEN = NTA_SENSOR_ID_LEN + CLASS_LEN + DAY_LEN,
    CIPHERTEXT_LEN = NTA_KEY_LEN + NTA_GCM_TAG_LEN
};

static const struct nta_span wrap_info = {
    .ptr = (const uint8_t *)WRAP_INFO,
    .len = sizeof(WRAP_INFO) - 1,
};

static struct nta_span span(const uint8_t *ptr, size_t len)
{
    return (struct nta_span){.ptr = ptr, .len = len};
}

void nta_data_key_expand(const uint8_t secret[NTA_KEY_LEN], struct nta_data_key *ret_key)
{
    struct nta_hmac_key hmac;
    uint8_t key[NTA_KEY_LEN];

    nta_hmac_key_init(&hmac, span(secret, NTA_KEY_LEN));
    nta_hkdf_expand(&hmac, BODY_INFO, (struct nta_span){0}, ret_key->body);
    for (unsigned i = 0; i < NTA_TOKEN_KINDS; i++) {
        const uint8_t kind = (uint8_t)i;

        nta_hkdf_expand(&hmac, TOKEN_INFO, span(&kind, 1), key);
        nta_hmac_key_init(&ret_key->tokens[i], span(key, sizeof(key)));
    }
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(&hmac, sizeof(hmac));
}

void nta_data_key_token(const uint8_t secret[NTA_KEY_LEN], enum nta_value_kind kind,
                        struct nta_hmac_key *ret_key)
{
    const uint8_t byte = (uint8_t)kind;
    struct nta_hmac_key hmac;
    uint8_t key[NTA_KEY_LEN];

    nta_hmac_key_init(&hmac, span(secret, NTA_KEY_LEN));
    nta_hkdf_expand(&hmac, TOKEN_INFO, span(&byte, 1), key);
    nta_hmac_key_init(ret_key, span(key, sizeof(key)));
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(&hmac, sizeof(hmac));
}

void nta_key_blob_id(struct nta_span blob, uint8_t ret_id[NTA_DATA_KEY_ID_LEN])
{
    uint8_t hash[NTA_HASH_LEN];

    nta_digest_of(blob, hash);
    memcpy(ret_id, hash, NTA_DATA_KEY_ID_LEN);
}

static void make_aad(const struct nta_key_use *use, uint8_t ret_aad[AAD_LEN])
{
    const uint32_t day = (uint32_t)(int32_t)use->day;
    uint8_t *out = ret_aad + NTA_SENSOR_ID_LEN;

    memcpy(ret_aad, use->sensor, NTA_SENSOR_ID_LEN);
    *out++ = (uint8_t)use->class;
    for (int shift = 24; shift >= 0; shift -= 8)
        *out++ = (uint8_t)(day >> shift);
}

static bool is_use(const struct nta_key_use *use)
{
    return use->class >= NTA_CLASS_EVIDENCE && use->class <= NTA_CLASS_LOG &&
           use->day >= INT32_MIN && use->day <= INT32_MAX;
}

/** Append [auditor id, enc, ciphertext] for one auditor. */
static int wrap_one(const uint8_t auditor[NTA_KEY_LEN], const uint8_t aad[AAD_LEN],
                    const uint8_t secret[NTA_KEY_LEN], struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sealed = {0};
    uint8_t id[NTA_SENSOR_ID_LEN], enc[NTA_HPKE_ENC_LEN];
    int r = nta_hpke_seal(auditor, wrap_info, span(aad, AAD_LEN), span(secret, NTA_KEY_LEN), enc,
                          &sealed);

    if (r < 0)
        return r;
    nta_sensor_id(auditor, id); /* ids of auditors are made the same way */
    nta_cbor_put_array(out, N_WRAPPED);
    nta_cbor_put_bytes(out, span(id, sizeof(id)));
    nta_cbor_put_bytes(out, span(enc, sizeof(enc)));
    nta_cbor_put_bytes(out, nta_buf_span(&sealed));
    return 0;
}

/** Everything before the wrapped ones. */
static void put_front(const struct nta_key_use *use, int64_t made_ns, size_t n_auditors,
                      struct nta_buf *out)
{
    nta_cbor_put_array(out, N_FIELDS);
    nta_cbor_put_uint(out, VERSION);
    nta_cbor_put_bytes(out, span(use->sensor, sizeof(use->sensor)));
    nta_cbor_put_uint(out, (uint64_t)use->class);
    nta_cbor_put_int(out, use->day);
    nta_cbor_put_int(out, made_ns);
    nta_cbor_put_array(out, n_auditors);
}

int nta_key_blob_make(const struct nta_key_use *use, int64_t made_ns,
                      const struct nta_auditors *auditors, const uint8_t secret[NTA_KEY_LEN],
                      struct nta_buf *out, struct nta_err *err)
{
    const size_t start = out->len;
    uint8_t aad[AAD_LEN];
    int r = 0;

    assert(is_use(use));
    if (auditors->n == 0 || auditors->n > NTA_AUDITORS_MAX) /* nobody could ever open it */
        return nta_err_set(err, -EINVAL, "a data key is for 1 to %d auditors", NTA_AUDITORS_MAX);
    make_aad(use, aad);
    put_front(use, made_ns, auditors->n, out);
    for (size_t i = 0; i < auditors->n && r == 0; i++)
        r = wrap_one(auditors->keys[i], aad, secret, out);
    if (r < 0 && !out->failed)
        out->len = start;
    if (r == -EBADMSG)
        return nta_err_set(err, r, "auditors.pub: a key in it is no usable X25519 key");
    if (r == 0 && out->failed)
        r = -ENOMEM;
    return r < 0 ? nta_err_sys(err, r, "cannot wrap a new data key") : 0;
}

static bool get_wrapped(struct nta_reader *r, struct nta_key_blob *blob)
{
    const uint64_t n = nta_cbor_get_array(r);

    if (n == 0 || n > NTA_AUDITORS_MAX)
        return false;
    for (blob->n_auditors = 0; blob->n_auditors < n; blob->n_auditors++) {
        const bool is_triple = nta_cbor_get_array(r) == N_WRAPPED;
        const struct nta_span auditor = nta_cbor_get_bytes(r), enc = nta_cbor_get_bytes(r);
        const struct nta_span ciphertext = nta_cbor_get_bytes(r);

        if (!is_triple || !nta_reader_ok(r) || auditor.len != NTA_SENSOR_ID_LEN ||
            enc.len != NTA_HPKE_ENC_LEN || ciphertext.len != CIPHERTEXT_LEN)
            return false;
        memcpy(blob->wrapped[blob->n_auditors].auditor, auditor.ptr, auditor.len);
        blob->wrapped[blob->n_auditors].enc = enc;
        blob->wrapped[blob->n_auditors].ciphertext = ciphertext;
    }
    return nta_reader_done(r);
}

/** The one deterministic form (RFC 8949 section 4.2.1): what we would write, byte for byte. */
static bool is_deterministic(const struct nta_key_blob *blob, struct nta_span bytes)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};

    put_front(&blob->use, blob->made_ns, blob->n_auditors, &again);
    for (size_t i = 0; i < blob->n_auditors; i++) {
        nta_cbor_put_array(&again, N_WRAPPED);
        nta_cbor_put_bytes(&again, span(blob->wrapped[i].auditor, NTA_SENSOR_ID_LEN));
        nta_cbor_put_bytes(&again, blob->wrapped[i].enc);
        nta_cbor_put_bytes(&again, blob->wrapped[i].ciphertext);
    }
    return !again.failed && nta_span_equal(nta_buf_span(&again), bytes);
}

bool nta_key_blob_read(struct nta_span bytes, struct nta_key_blob *ret_blob)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    struct nta_key_blob blob = {.n_auditors = 0};

    if (nta_cbor_get_array(&r) != N_FIELDS || nta_cbor_get_uint(&r) != VERSION)
        return false;
    const struct nta_span sensor = nta_cbor_get_bytes(&r);
    const uint64_t class = nta_cbor_get_uint(&r);

    blob.use.class = class <= NTA_CLASS_LOG ? (enum nta_class) class : NTA_CLASS_NONE;
    blob.use.day = nta_cbor_get_int(&r);
    blob.made_ns = nta_cbor_get_int(&r);
    if (!get_wrapped(&r, &blob) || sensor.len != NTA_SENSOR_ID_LEN || !is_use(&blob.use))
        return false;
    memcpy(blob.use.sensor, sensor.ptr, sensor.len);
    if (!is_deterministic(&blob, bytes))
        return false;
    *ret_blob = blob;
    return true;
}

enum nta_key_check nta_wrapped_key_look(const struct nta_wrapped_key *key)
{
    uint8_t id[NTA_DATA_KEY_ID_LEN];
    struct nta_key_blob blob;

    if (!nta_key_blob_read(key->blob, &blob))
        return NTA_KEY_FORMAT;
    nta_key_blob_id(key->blob, id);
    return memcmp(id, key->id, sizeof(id)) == 0 && blob.use.class == key->class &&
                   blob.use.day == key->day &&
                   memcmp(blob.use.sensor, key->sensor, sizeof(key->sensor)) == 0
               ? NTA_KEY_OK
               : NTA_KEY_ROW;
}

bool nta_wrapped_key_of(struct nta_span blob, struct nta_wrapped_key *ret_key)
{
    struct nta_wrapped_key key = {.blob = blob};
    struct nta_key_blob parts;

    if (!nta_key_blob_read(blob, &parts))
        return false;
    nta_key_blob_id(blob, key.id);
    memcpy(key.sensor, parts.use.sensor, sizeof(key.sensor));
    key.class = parts.use.class;
    key.day = parts.use.day;
    *ret_key = key;
    return true;
}

int nta_key_blob_open(struct nta_span bytes, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                      const struct nta_key_use *use, const uint8_t auditor_secret[NTA_KEY_LEN],
                      uint8_t ret_secret[NTA_KEY_LEN])
{
    uint8_t public_key[NTA_KEY_LEN], our_id[NTA_SENSOR_ID_LEN], aad[AAD_LEN];
    uint8_t blob_id[NTA_DATA_KEY_ID_LEN];
    struct nta_key_blob blob;

    /* anybody can wrap a key to an auditor: only the id says whose it is */
    nta_key_blob_id(bytes, blob_id);
    if (memcmp(blob_id, id, sizeof(blob_id)) != 0)
        return -EBADMSG;
    if (!nta_key_blob_read(bytes, &blob) || blob.use.class != use->class ||
        blob.use.day != use->day || memcmp(blob.use.sensor, use->sensor, NTA_SENSOR_ID_LEN) != 0)
        return -EBADMSG;
    if (nta_x25519_public(auditor_secret, public_key) < 0)
        return -EIO;
    nta_sensor_id(public_key, our_id);
    make_aad(use, aad);
    for (size_t i = 0; i < blob.n_auditors; i++) {
        if (memcmp(blob.wrapped[i].auditor, our_id, sizeof(our_id)) == 0)
            return nta_hpke_open_key(auditor_secret, blob.wrapped[i].enc.ptr, wrap_info,
                                     span(aad, AAD_LEN), blob.wrapped[i].ciphertext, ret_secret);
    }
    return -ENOKEY;
}
