/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A sealed batch and a wrapped data key as they are stored, and how anybody who trusts a sensor's
 * public key checks them.
 *
 * Bytes here are of any origin.  A check that fails leaves what it gives untouched.
 */

#include "base/bytes.h"
#include "record/class.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_KEY_LEN = 32,
    NTA_SIGNATURE_LEN = 64,
    NTA_HASH_LEN = 32,
    NTA_SENSOR_ID_LEN = 16,
    NTA_TOKEN_LEN = 8,
    NTA_DATA_KEY_ID_LEN = 16,
    NTA_AUDITORS_MAX = 8,
    NTA_SEALED_VERSION = 2, ///< Of what is written; 1 is read.
    NTA_NOTES_MAX = 8,      ///< In one header.
    NTA_PROOF_SALT_LEN = 16,
    NTA_PROOF_PATH_MAX = 12, ///< Tree depth of a full batch.
};

/** The fields of a header, decoded; those of version 2 alone are 0 in version 1. */
struct nta_header
{
    unsigned version;                  ///< 1 or 2.
    uint8_t sensor[NTA_SENSOR_ID_LEN]; ///< First 16 bytes of SHA-256 of the sensor's public key.
    uint64_t number;                   ///< From 1, without holes.
    /** SHA-256 of the previous header ‖ signature; zero for number 1. */
    uint8_t previous[NTA_HASH_LEN];
    uint8_t log[NTA_HASH_LEN]; ///< Version 2: the tree's hash over the links of 1 to number - 1.
    int64_t sealed_ns;         ///< Version 2: wall clock.
    uint64_t clock;            ///< Version 2: its estimated error in ms + 1; 0: not synchronised.
    enum nta_class class;      ///< Version 2.
    int64_t first_ns, last_ns; ///< Of the records; in version 2 their ends count.
    uint32_t n_records;
    uint8_t data_key[NTA_DATA_KEY_ID_LEN];
    uint8_t nonce[12];
    uint8_t tokens_hash[NTA_HASH_LEN], body_hash[NTA_HASH_LEN], root[NTA_HASH_LEN];
    bool has_next;             ///< Version 2: from the next batch on this key signs:
    uint8_t next[NTA_KEY_LEN]; ///< its public half.
    /** Version 2: notes in a row (vault/note.h), borrowed from the header's bytes. */
    struct nta_span notes;
    size_t n_notes;
};

/** A sealed batch as it is stored; the spans borrow from whoever gave it. */
struct nta_sealed
{
    struct nta_span header, signature, tokens, body;
};

/**
 * A data key as it is stored: wrapped to each auditor.  In format 2 its id is the hash of its blob
 * (vault/data_key.h), in format 1 it is random and the blob is signed.
 */
struct nta_wrapped_key
{
    uint8_t id[NTA_DATA_KEY_ID_LEN];
    struct nta_span blob;
    int64_t made_ns; ///< Format 1.
    /* format 2 */
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    enum nta_class class; ///< NTA_CLASS_NONE: a key of format 1.
    int64_t day;          ///< UTC, days since 1970-01-01.
};

/** Read a header.  False: not of this version, or not byte for byte what we would write. */
bool nta_header_decode(struct nta_span cbor, struct nta_header *ret_header);

/** SHA-256(header ‖ signature): what the next header holds as `previous`. */
void nta_header_hash(const struct nta_sealed *sealed, uint8_t ret_hash[NTA_HASH_LEN]);

/** True if the header's signature is that of the sensor with this public key. */
bool nta_header_signed(const struct nta_sealed *sealed, const uint8_t public_key[NTA_KEY_LEN]);

/** The SHA-256 of `data`. */
void nta_hash_of(struct nta_span data, uint8_t ret_hash[NTA_HASH_LEN]);

/** True if `hash` is the SHA-256 of `data`: of tokens and body, as the header has them. */
bool nta_hash_is(struct nta_span data, const uint8_t hash[NTA_HASH_LEN]);

enum nta_check
{
    NTA_CHECK_OK,
    NTA_CHECK_FORMAT,    ///< Header is not one of ours.
    NTA_CHECK_SENSOR,    ///< Of another sensor (format 1).
    NTA_CHECK_SIGNATURE, ///< Signature is not the sensor's.
    NTA_CHECK_TOKENS,    ///< Tokens are not the signed ones.
    NTA_CHECK_BODY,      ///< Body is not the signed one.
};

/**
 * Check one sealed batch by itself (chain links are compared by the caller: number and previous).
 * The public key of format 1 is the sensor's; that of format 2 is the one that signs at this
 * number, and says nothing of the sensor (chain/).
 */
enum nta_check nta_sealed_check(const struct nta_sealed *sealed,
                                const uint8_t public_key[NTA_KEY_LEN],
                                struct nta_header *ret_header);
/** A sentence without its full stop.  Static. */
const char *nta_check_text(enum nta_check check);

enum nta_key_check
{
    NTA_KEY_OK,
    NTA_KEY_FORMAT,       ///< The blob is not one of ours, in its one form.
    NTA_KEY_SENSOR_OTHER, ///< Of another sensor.
    NTA_KEY_SIGNATURE,    ///< Signature is not the sensor's.
    NTA_KEY_ROW,          ///< Signed, but with another id or time than the row has.
};

/**
 * A row of format 2 by itself: its blob is of our form, its id is that of the blob, and sensor,
 * class and day are the blob's.  Who made it is proved by a signed header that names the id.
 * NTA_KEY_OK, NTA_KEY_FORMAT or NTA_KEY_ROW.
 */
enum nta_key_check nta_wrapped_key_look(const struct nta_wrapped_key *key);

/** The row that a blob of format 2 has: it borrows the blob.  False: not of our form. */
bool nta_wrapped_key_of(struct nta_span blob, struct nta_wrapped_key *ret_key);

/** UTC day of a time, days since 1970-01-01, rounded down (also before 1970). */
int64_t nta_day_of(int64_t wall_ns);

enum
{
    NTA_DAY_TEXT_SIZE = 32
};

/** "2026-01-31", or "day N" where the calendar ends.  Gives `text`. */
const char *nta_day_text(int64_t day, char text[NTA_DAY_TEXT_SIZE]);

/** Check a wrapped key of format 1 by itself: anybody can who trusts a sensor's public key. */
enum nta_key_check nta_wrapped_key_examine(const struct nta_wrapped_key *key,
                                           const uint8_t public_key[NTA_KEY_LEN]);
/** A sentence without its full stop.  Static. */
const char *nta_key_check_text(enum nta_key_check check);

/**
 * True if the wrapped key (sensor, id, time, auditors) is signed by the sensor of this public key.
 */
bool nta_wrapped_key_check(const struct nta_wrapped_key *key,
                           const uint8_t public_key[NTA_KEY_LEN]);

/** What a wrapped key says of itself; nothing of it is proved by that. */
struct nta_wrapped_list
{
    uint8_t sensor[NTA_SENSOR_ID_LEN], id[NTA_DATA_KEY_ID_LEN];
    int64_t made_ns;
    size_t n_auditors;
    /** nta_sensor_id() of their public keys. */
    uint8_t auditors[NTA_AUDITORS_MAX][NTA_SENSOR_ID_LEN];
};

/** False, and an empty list, if the blob is not one of ours. */
bool nta_wrapped_key_list(const struct nta_wrapped_key *key, struct nta_wrapped_list *ret_list);

/**
 * That one record is in a batch, without showing the others: its salt, and its path in the batch's
 * Merkle tree.
 */
struct nta_proof
{
    uint8_t salt[NTA_PROOF_SALT_LEN];
    uint8_t path[NTA_PROOF_PATH_MAX][NTA_HASH_LEN]; ///< Lowest node first (RFC 9162 section 2.1.3).
    size_t n_path;
};

/** True if the encoded record is record `index` (from 0) of the batch with this header. */
bool nta_proof_check(const struct nta_proof *proof, const struct nta_header *header, uint64_t index,
                     struct nta_span record);
