/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Data keys of format 2: one secret for each class and UTC day, wrapped to the auditors, from which
 * everything else is derived (docs/format.md).
 *
 *     body key       = HKDF-Expand(secret, "NTA body v2")
 *     token key of k = HKDF-Expand(secret, "NTA token v2" ‖ k)       k: a kind of value, one byte
 *     blob           = [2, sensor, class, day, made, [1*8 [auditor, enc, ciphertext]]]
 *     id             = the first 16 bytes of SHA-256(blob)
 *
 * HKDF-Expand is RFC 5869 section 2.3 over SHA-256, 32 bytes long; HPKE (RFC 9180) has the info
 * "NTA data key v2" and the associated data sensor ‖ class (1 byte) ‖ day (4 bytes, big-endian).
 *
 * The blob carries no signature: a signed header names it by its hash, so of all blobs one alone
 * fits, and with the secret the tokens of that class and day are gone, too.
 *
 * Private to the vault.
 */

#include "base/buf.h"
#include "record/batch.h"
#include "vault/auditors.h"
#include "vault/crypto/digest.h"
#include "vault/sealed.h"

enum
{
    NTA_TOKEN_KINDS = 32 ///< Kinds of values are below.
};

/** What a secret gives; as secret as it is. */
struct nta_data_key
{
    uint8_t body[NTA_KEY_LEN];
    struct nta_hmac_key tokens[NTA_TOKEN_KINDS];
};

/** Derive all keys from the secret. */
void nta_data_key_expand(const uint8_t secret[NTA_KEY_LEN], struct nta_data_key *ret_key);

/** The token key of one kind alone. */
void nta_data_key_token(const uint8_t secret[NTA_KEY_LEN], enum nta_value_kind kind,
                        struct nta_hmac_key *ret_key);

/** What a blob is for; a reader refuses one that is not for what the header says. */
struct nta_key_use
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    enum nta_class class;
    int64_t day; ///< UTC, days since 1970-01-01, within 32 bits.
};

/** A blob taken apart; nothing of it is proved but by its id. */
struct nta_key_blob
{
    struct nta_key_use use;
    int64_t made_ns;
    size_t n_auditors; ///< 1 to NTA_AUDITORS_MAX.

    struct
    {
        uint8_t auditor[NTA_SENSOR_ID_LEN]; ///< nta_sensor_id() of its public key.
        struct nta_span enc, ciphertext;    ///< Borrow from the blob.
    } wrapped[NTA_AUDITORS_MAX];
};

/** The id of a blob. */
void nta_key_blob_id(struct nta_span blob, uint8_t ret_id[NTA_DATA_KEY_ID_LEN]);

/**
 * Append the blob of a secret, wrapped to each auditor.  0, or negative errno with a sentence; then
 * nothing is appended.  -EINVAL: there is no auditor, or more than fit.
 */
int nta_key_blob_make(const struct nta_key_use *use, int64_t made_ns,
                      const struct nta_auditors *auditors, const uint8_t secret[NTA_KEY_LEN],
                      struct nta_buf *out, struct nta_err *err);

/** Read a blob of any origin.  False: not of our one form. */
bool nta_key_blob_read(struct nta_span blob, struct nta_key_blob *ret_blob);

/**
 * The secret, for this auditor, out of the blob that a signed header names by `id`.  0; -ENOKEY:
 * nothing for this auditor; -EBADMSG: another blob (anybody can make one, and would know what is
 * searched for under it), not of our form, for another use, or it does not open; -EIO.
 */
int nta_key_blob_open(struct nta_span bytes, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                      const struct nta_key_use *use, const uint8_t auditor_secret[NTA_KEY_LEN],
                      uint8_t ret_secret[NTA_KEY_LEN]);
