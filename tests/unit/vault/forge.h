/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sensor signs and wraps, made from primitives: for tests of other modules that need
 * batches and data keys which are wrong in one way or another, and keys that no file has.
 */

#include "base/own.h"
#include "base/text.h"
#include "record/cbor/cbor.h"
#include "unit.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/digest.h"
#include "vault/data_key.h"
#include "vault/header.h"
#include "vault/vault.h"

/** An Ed25519 key. */
struct pair
{
    uint8_t secret[NTA_KEY_LEN], public_key[NTA_KEY_LEN];
};

/** Another key for each seed, the same in each run. */
static inline struct pair pair_new(uint64_t seed)
{
    struct pair pair;

    nta_digest_of((struct nta_span){.ptr = (const uint8_t *)&seed, .len = sizeof(seed)},
                  pair.secret);
    assert_int_equal(nta_ed25519_public(pair.secret, pair.public_key), 0);
    return pair;
}

static inline void forge_set(struct nta_buf *buf, struct nta_span span)
{
    nta_buf_clear(buf);
    nta_buf_put(buf, span.ptr, span.len);
}

static inline void forge_hash(struct nta_span data, uint8_t ret_hash[NTA_HASH_LEN])
{
    nta_digest_of(data, ret_hash);
}

/** A header's bytes, and its signature by this key, in the domain of its version. */
static inline void forge_header(const struct nta_header *header, const struct pair *by,
                                struct nta_buf *bytes, struct nta_buf *ret_signature)
{
    uint8_t signature[NTA_SIGNATURE_LEN];

    nta_buf_clear(bytes);
    nta_header_encode(header, bytes);
    assert_int_equal(
        nta_ed25519_sign(by->secret, header->version == 1 ? NTA_HEADER_DOMAIN : NTA_HEADER_DOMAIN_2,
                         nta_buf_span(bytes), signature),
        0);
    forge_set(ret_signature, (struct nta_span){signature, sizeof(signature)});
}

/** A data key of format 1, for one auditor and signed by this identity. */
static inline void forge_key_1(const uint8_t sensor[NTA_SENSOR_ID_LEN], const struct pair *identity,
                               struct nta_wrapped_key *key, struct nta_buf *blob)
{
    NTA_AUTO(nta_buf_done) struct nta_buf payload = {0};
    static const uint8_t bytes[48];
    uint8_t signature[NTA_SIGNATURE_LEN];

    nta_cbor_put_array(&payload, 5);
    nta_cbor_put_uint(&payload, 1);
    nta_cbor_put_bytes(&payload, (struct nta_span){sensor, NTA_SENSOR_ID_LEN});
    nta_cbor_put_bytes(&payload, (struct nta_span){key->id, NTA_DATA_KEY_ID_LEN});
    nta_cbor_put_int(&payload, key->made_ns);
    nta_cbor_put_array(&payload, 1);
    nta_cbor_put_array(&payload, 3);
    nta_cbor_put_bytes(&payload, (struct nta_span){bytes, 16});
    nta_cbor_put_bytes(&payload, (struct nta_span){bytes, 32});
    nta_cbor_put_bytes(&payload, (struct nta_span){bytes, 48});
    assert_int_equal(
        nta_ed25519_sign(identity->secret, "NTA data key v1", nta_buf_span(&payload), signature),
        0);
    nta_buf_clear(blob);
    nta_cbor_put_array(blob, 2);
    nta_cbor_put_bytes(blob, nta_buf_span(&payload));
    nta_cbor_put_bytes(blob, (struct nta_span){signature, sizeof(signature)});
    key->blob = nta_buf_span(blob);
}

/** A data key of format 2 for its sensor, class and day, and for one auditor. */
static inline void forge_key_2(struct nta_wrapped_key *key, const uint8_t auditor[NTA_KEY_LEN],
                               const uint8_t secret[NTA_KEY_LEN], struct nta_buf *blob)
{
    struct nta_key_use use = {.class = key->class, .day = key->day};
    struct nta_auditors auditors = {.n = 1};
    struct nta_err err;

    memcpy(use.sensor, key->sensor, sizeof(use.sensor));
    memcpy(auditors.keys[0], auditor, NTA_KEY_LEN);
    nta_buf_clear(blob);
    assert_int_equal(nta_key_blob_make(&use, 0, &auditors, secret, blob, &err), 0);
    nta_key_blob_id(nta_buf_span(blob), key->id);
    key->blob = nta_buf_span(blob);
}

/** An auditor that nobody is. */
static inline void forge_auditor(uint8_t ret_public[NTA_KEY_LEN])
{
    static const uint8_t secret[NTA_KEY_LEN] = {5};

    assert_int_equal(nta_x25519_public(secret, ret_public), 0);
}
