/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The data keys that an auditor has unwrapped, of both formats, found by their id.
 *
 * Of a key of format 2 the secret is kept, and what comes of it is derived when it is asked for:
 * all keys of the one that was used last, since batches in a row share some.  Secrets lie in memory
 * of vault/crypto/secret.h, 84 bytes a key.  Ids are hashed under a key drawn at start, so that
 * nobody can choose rows of which a look-up is slow.
 *
 * Private to the vault.  One thread.
 */

#include "vault/data_key.h"
#include "vault/tokens.h"

struct nta_keyring; ///< Opaque.

/** 0, -ENOMEM, or the error of drawing a key. */
int nta_keyring_new(struct nta_keyring **ret_ring);
/** Takes NULL too; keys are overwritten. */
void nta_keyring_free(struct nta_keyring **ring);

/**
 * Unwrap one, unless it is there; its format is that of its blob, whatever the row says.  0;
 * -ENOKEY: not for this auditor; -EBADMSG: does not open; -ENOMEM, -EIO.
 */
int nta_keyring_add(struct nta_keyring *ring, const struct nta_wrapped_key *key,
                    const uint8_t auditor_secret[NTA_KEY_LEN]);

/**
 * Copy the key of this id, of each format, out of another ring, which may be used by another thread
 * meanwhile only to read.  0; -ENOKEY: it has none; -ENOMEM.
 */
int nta_keyring_copy(struct nta_keyring *ring, const struct nta_keyring *from,
                     const uint8_t id[NTA_DATA_KEY_ID_LEN]);

/** True if there is a key of this id. */
bool nta_keyring_has(const struct nta_keyring *ring, const uint8_t id[NTA_DATA_KEY_ID_LEN]);

/**
 * The key of a batch's body, borrowed until the next call.  0; -ENOKEY: it is not here; -EBADMSG:
 * it is for another sensor, class or day than the header says.
 */
int nta_keyring_body(struct nta_keyring *ring, const struct nta_header *header,
                     const uint8_t **ret_key);

/** The token keys of a batch of format 2, borrowed until the next call.  False: not here. */
bool nta_keyring_tokens(struct nta_keyring *ring, const struct nta_header *header,
                        struct nta_token_keys *ret_keys);

/** The token of a value under the key of format 2 with this id.  0, or -ENOKEY. */
int nta_keyring_token(const struct nta_keyring *ring, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                      enum nta_value_kind kind, struct nta_span value,
                      uint8_t ret_token[NTA_TOKEN_LEN]);
