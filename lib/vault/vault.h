/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Batches sealed and opened: one form from memory to disk to MySQL (docs/format.md has every byte,
 * with vectors).
 *
 * The sealer (vault/seal.h) has the key that signs now and auditors' public keys: it can write, not
 * read back.  The opener has an auditor's private key.  The checker needs the public key of the
 * sensor's identity alone.
 *
 * Merkle hashing RFC 9162 section 2.1; Ed25519 RFC 8032; HPKE base mode RFC 9180 (DHKEM(X25519,
 * HKDF-SHA256), HKDF-SHA256, AES-256-GCM); deterministic CBOR RFC 8949 section 4.2.  Keys are wiped
 * after use.
 */

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "record/batch.h"
#include "vault/note.h"
#include "vault/sealed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- keys in files ---- */

/** Where a sensor's keys are. */
struct nta_keys_place
{
    /** sensor.pub, sensors.pub, auditors.pub, state.key; until they are taken away sensor.key and
     * auditor.key. */
    const char *keys_dir;
    /** Beside the store, written by the daemon, all but first.batch sealed under state.key:
     * signing.key, signing.next, checkpoint.key. */
    const char *state_dir;
};

/** What everybody may know of a sensor. */
struct nta_sensor_public
{
    uint8_t id[NTA_SENSOR_ID_LEN];
    uint8_t checkpoint_key[NTA_KEY_LEN]; ///< As its first batch names it.
};

/** What a new sensor's first batch says. */
struct nta_keys_first
{
    const struct nta_batch *batch; ///< Of class 4: its policy record.
    int64_t wall_ns;               ///< Now,
    uint64_t clock;                ///< and what the clock's error is, as a header says it.
};

/**
 * Make all keys that are not there yet (folders of mode 0700, files of 0600, the state folder its
 * parent's owner's), and with a new identity the sensor's first batch, signed by it: it names the
 * checkpoint key and the first signing key, and lies in the state folder as first.batch, from where
 * whoever opens the store puts it there (vault/seal.h).  Never overwrites; what a crash left half
 * made is finished.  `ret_made` says whether anything was made.
 */
int nta_keys_init(const struct nta_keys_place *place, const struct nta_keys_first *first,
                  bool *ret_made, struct nta_err *err);

/** True if the identity's secret, sensor.key, still lies in the key folder, and not elsewhere. */
bool nta_keys_has_identity(const char *keys_dir);

/**
 * Sign a note (an identity's, or one that adopts: vault/note.h) for the header of this number with
 * the identity's secret in `file`.  `ret_public` is its public half.  0, or negative errno.
 */
int nta_keys_sign_note(const char *file, const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t number,
                       struct nta_note *note, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);

/** Make a new identity's secret as a new file.  0, -EEXIST, or negative errno. */
int nta_keys_new_identity(const char *file, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err);

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

/* ---- sealing: vault/seal.h ---- */

/* ---- opening (the auditor) ---- */

struct nta_opener;

/**
 * From `dir`: auditor.key (needed; vault/open/auditor_key.h), and for searching format 1 token.key
 * (may be absent).
 */
int nta_opener_new(const char *dir, struct nta_opener **ret_opener, struct nta_err *err);
/**
 * One more for another thread, of the same auditor: it has no data key until one is lent to it, and
 * cannot unwrap any.  0, or negative errno.
 */
int nta_opener_new_beside(const struct nta_opener *opener, struct nta_opener **ret_opener);
/** Takes NULL too; keys are overwritten. */
void nta_opener_free(struct nta_opener **opener);

/**
 * Unwrap a data key and keep it (cached by id: the first one given stays, so of format 1 give only
 * keys that nta_wrapped_key_check() vouches for; of format 2 the id proves the blob).  -ENOKEY: not
 * wrapped to this auditor; -EBADMSG: does not open.
 */
int nta_opener_add_key(struct nta_opener *opener, const struct nta_wrapped_key *key,
                       struct nta_err *err);

/** Copy a data key that `from` has, while nobody adds any to that.  0, -ENOKEY, or -ENOMEM. */
int nta_opener_lend(const struct nta_opener *from, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                    struct nta_opener *to);

/** True if the data key of this id was added. */
bool nta_opener_has_key(const struct nta_opener *opener, const uint8_t id[NTA_DATA_KEY_ID_LEN]);

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
    NTA_VALUES_CLASS,   ///< Nor is its class (format 2).
    NTA_VALUES_TOKENS,  ///< The tokens are not those of the records' values.
};

/**
 * Hold the header's times and class, and the tokens (of format 1 only with token.key), against
 * `values`, into which nta_batch_count() has counted every record of the batch.  For who decodes
 * the records anyway.  On the opener's thread.  An nta_values_check, -ENOMEM, or -ENOKEY: the data
 * key of a batch of format 2 is not here.
 */
int nta_opener_check_values(struct nta_opener *opener, const struct nta_sealed *sealed,
                            const struct nta_batch *values);

/** The same for an opened batch: decodes all its records, whole. */
int nta_opener_check_records(struct nta_opener *opener, const struct nta_sealed *sealed,
                             const struct nta_batch *batch);
/** A sentence without its full stop.  Static. */
const char *nta_values_check_text(enum nta_values_check check);

/**
 * The token of a value in batches like that of this header, of which only version and data key are
 * asked: under its data key in format 2, under token.key in format 1.  -ENOKEY: that is not here.
 */
int nta_opener_token(const struct nta_opener *opener, const struct nta_header *header,
                     enum nta_value_kind kind, struct nta_span value,
                     uint8_t ret_token[NTA_TOKEN_LEN]);

/** True if the sorted tokens hold this one. */
bool nta_tokens_have(struct nta_span tokens, const uint8_t token[NTA_TOKEN_LEN]);
