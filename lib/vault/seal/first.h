/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A sensor's first batch, which its identity signs when it is made, and which waits in the state
 * folder for the store (docs/format.md section 8):
 *
 *     first.batch = [header, signature, tokens, body, key blob]      byte strings
 *
 * It is of class 4 and number 1, names the first signing key as `next`, and the checkpoint key in a
 * note.
 *
 * Private to the vault.
 */

#include "vault/auditors.h"
#include "vault/data_key.h"
#include "vault/vault.h"

#define NTA_FIRST_FILE      "first.batch"
#define NTA_CHECKPOINT_FILE "checkpoint.key"

enum
{
    NTA_FIRST_MAX = 2 * 1024 * 1024 ///< Bytes.
};

/** One that was read; all borrows from its bytes. */
struct nta_first
{
    struct nta_sealed sealed;
    struct nta_header header;
    struct nta_wrapped_key key;
    uint8_t checkpoint_key[NTA_KEY_LEN]; ///< The public half.
};

/**
 * Read bytes of any origin.  False: not in its one form, or not a whole first batch: tokens, body
 * and key blob are those that the header names.  Whose the signature is remains to be asked.
 */
bool nta_first_read(struct nta_span bytes, struct nta_first *ret_first);

/** Read that of the state folder; it borrows from `bytes`.  0, or negative errno, a sentence. */
int nta_first_load(const struct nta_keydir *state, struct nta_buf *bytes,
                   struct nta_first *ret_first, struct nta_err *err);

/** 0 if sensor.pub, where it is there, is that of the identity which signed it. */
int nta_first_check_sensor(const struct nta_first *first, const struct nta_keydir *keys,
                           const struct nta_keydir *state, struct nta_err *err);

/** The checkpoint key's secret, if it is the one that the first batch names. */
int nta_first_read_checkpoint(const struct nta_first *first, const struct nta_keydir *state,
                              const uint8_t state_key[NTA_KEY_LEN], uint8_t ret_secret[NTA_KEY_LEN],
                              struct nta_err *err);

/** What it tells everybody. */
void nta_first_public(const struct nta_first *first, struct nta_sensor_public *ret_sensor);

/** What one is made of. */
struct nta_first_make
{
    const struct nta_keys_first *says;
    const struct nta_auditors *auditors;
    const uint8_t *identity;                                   ///< Secret.
    uint8_t checkpoint_key[NTA_KEY_LEN], signing[NTA_KEY_LEN]; ///< Public halves.
};

/** Append one, signed by the identity.  0, or negative errno with a sentence. */
int nta_first_make(const struct nta_first_make *make, struct nta_buf *out, struct nta_err *err);
