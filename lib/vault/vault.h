/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batches sealed and opened: one form from memory to disk to MySQL (docs/format.md has every byte,
 * with vectors).
 *
 * The sealer has the sensor's signing key, the token key and auditors' public keys: it can write,
 * not read back.  The opener has an auditor's private key.  The checker needs the sensor's public
 * key alone.
 *
 * Merkle hashing RFC 9162 section 2.1; Ed25519 RFC 8032; HPKE base mode RFC 9180 (DHKEM(X25519,
 * HKDF-SHA256), HKDF-SHA256, AES-256-GCM); deterministic CBOR RFC 8949 section 4.2.  Keys are wiped
 * after use.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "record/batch.h"
#include "vault/sealed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- keys in files ---- */

/**
 * Make all keys that are not there yet, in `dir` (made, mode 0700; files 0600): sensor.key,
 * token.key, auditor.key, auditors.pub, sensor.pub, sensors.pub.  Never overwrites.  `ret_made`
 * says whether anything was made.
 */
int nta_keys_init(const char *dir, bool *ret_made, struct nta_err *err);

/** Text of a public key: "nta-sensor-" or "nta-auditor-" and 64 hex digits. */
enum
{
    NTA_KEY_TEXT_SIZE = 80
};

/**
 * The public keys in `dir` as text: the sensor's, and the auditors' a line each.  0, or negative
 * errno with `err`.
 */
int nta_keys_show(const char *dir, char ret_sensor[NTA_KEY_TEXT_SIZE], struct nta_buf *ret_auditors,
                  struct nta_err *err);

/** Read the sensor's public key from a folder (sensor.pub), or from its text form. */
int nta_keys_sensor_public(const char *dir, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);
/** Read a sensor's public key from its text.  -EINVAL: it is none, or none that can be used. */
int nta_keys_parse_sensor(const char *text, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);

/**
 * The text of `sensors.pub`, the sensors that are trusted (chain/trust.h).  -ENOENT: there is none.
 */
int nta_keys_sensors(const char *dir, struct nta_buf *out, struct nta_err *err);

/** Put another text in its place, whole or not at all. */
int nta_keys_put_sensors(const char *dir, struct nta_span text, struct nta_err *err);

/** Sensor id of a public key, and its text (32 hex digits and NUL). */
void nta_sensor_id(const uint8_t public_key[NTA_KEY_LEN], uint8_t ret_id[NTA_SENSOR_ID_LEN]);

/* ---- sealing (recorder thread) ---- */

struct nta_sealer;

/**
 * From the keys in `dir` (needs sensor.key, token.key, auditors.pub, a sensor.pub that fits; never
 * reads auditor.key).
 */
int nta_sealer_new(const char *dir, struct nta_sealer **ret_sealer, struct nta_err *err);
/** Takes NULL too; keys are overwritten. */
void nta_sealer_free(struct nta_sealer **sealer);

/** The sensor's id, which its public key gives. */
void nta_sealer_get_sensor(const struct nta_sealer *sealer, uint8_t ret_id[NTA_SENSOR_ID_LEN]);

/**
 * Continue a chain: the next batch has `number` and this previous hash (1 and zeros for a new one).
 */
void nta_sealer_continue(struct nta_sealer *sealer, uint64_t number,
                         const uint8_t previous[NTA_HASH_LEN]);

/**
 * True if the next seal needs a new data key (none yet, a day old, or 2^20 batches): see
 * vault/seal.h, or nta_sealer_new_key().
 */
bool nta_sealer_wants_key(const struct nta_sealer *sealer, int64_t wall_ns);

/** Make and use at once: for whoever loses key and batches together. */
int nta_sealer_new_key(struct nta_sealer *sealer, int64_t wall_ns, struct nta_wrapped_key *ret_key,
                       struct nta_err *err);

/**
 * Seal a batch (n_records > 0).  `ret_sealed` borrows from the sealer until its next call.  The
 * chain moves on only with nta_sealer_commit(), called when the store has it: sealing again before
 * that makes the same number again.
 */
int nta_sealer_seal(struct nta_sealer *sealer, const struct nta_batch *batch,
                    struct nta_sealed *ret_sealed, struct nta_header *ret_header,
                    struct nta_err *err);
/** The store has the batch that was sealed last: go on behind it. */
void nta_sealer_commit(struct nta_sealer *sealer);

/** The token of a value. */
void nta_sealer_token(const struct nta_sealer *sealer, enum nta_value_kind kind,
                      struct nta_span value, uint8_t ret_token[NTA_TOKEN_LEN]);

/* ---- opening (the auditor) ---- */

struct nta_opener;

/** From `dir`: auditor.key (needed), token.key (for searching; may be absent). */
int nta_opener_new(const char *dir, struct nta_opener **ret_opener, struct nta_err *err);
/** Takes NULL too; keys are overwritten. */
void nta_opener_free(struct nta_opener **opener);

/**
 * Unwrap a data key and keep it (cached by id: the first one given stays, so give only keys that
 * nta_wrapped_key_check() vouches for).  -ENOKEY: not wrapped to this auditor; -EBADMSG: does not
 * open.
 */
int nta_opener_add_key(struct nta_opener *opener, const struct nta_wrapped_key *key,
                       struct nta_err *err);

/**
 * Open a batch into `ret_batch` (records readable by nta_batch_record); also checks the Merkle
 * root.  On any failure `ret_batch` is empty.
 */
int nta_opener_open(struct nta_opener *opener, const struct nta_sealed *sealed,
                    struct nta_batch *ret_batch, struct nta_err *err);

/**
 * The same without the Merkle root, which takes longer than everything else together: for
 * searching.  The body's tag vouches for every byte all the same, to who trusts those that hold the
 * data key; nta_opener_prove() works as well.
 */
int nta_opener_read(struct nta_opener *opener, const struct nta_sealed *sealed,
                    struct nta_batch *ret_batch, struct nta_err *err);

/**
 * The proof for record `index` of `batch`, which must be what nta_opener_open() or
 * nta_opener_read() gave last.  0; -EINVAL: there is no such record; -EIO.
 */
int nta_opener_prove(struct nta_opener *opener, const struct nta_batch *batch, size_t index,
                     struct nta_proof *ret_proof);

enum nta_values_check
{
    NTA_VALUES_OK,
    NTA_VALUES_RECORDS, ///< A record does not decode.
    NTA_VALUES_TIMES,   ///< The header's times are not those of the records.
    NTA_VALUES_TOKENS,  ///< The tokens are not those of the records' values.
};

/**
 * Hold the header's times, and with a token key the tokens, against `values`, into which
 * nta_batch_count() has counted every record of the batch.  For who decodes the records anyway.  On
 * the opener's thread.  An nta_values_check, or -ENOMEM.
 */
int nta_opener_check_values(struct nta_opener *opener, const struct nta_sealed *sealed,
                            const struct nta_batch *values);

/** The same for an opened batch: decodes all its records, whole. */
int nta_opener_check_records(struct nta_opener *opener, const struct nta_sealed *sealed,
                             const struct nta_batch *batch);
/** A sentence without its full stop.  Static. */
const char *nta_values_check_text(enum nta_values_check check);

/** The token of a value; -ENOKEY without a token key. */
int nta_opener_token(const struct nta_opener *opener, enum nta_value_kind kind,
                     struct nta_span value, uint8_t ret_token[NTA_TOKEN_LEN]);

/** True if the sorted tokens hold this one. */
bool nta_tokens_have(struct nta_span tokens, const uint8_t token[NTA_TOKEN_LEN]);
