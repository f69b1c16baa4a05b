/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Search tokens: HMAC-SHA256(token key, kind ‖ value), the first 8 bytes, sorted and each once in a
 * batch.
 *
 * Values come back from batch to batch, so a table of the last tokens saves most of the HMACs.  It
 * has a fixed size; an entry is found by a 64-bit keyed hash of its value (SipHash, the key drawn
 * at start), of which two do not meet in practice, and a new value takes the place of an old one.
 *
 * Private to the vault.
 */

#include "base/buf.h"
#include "record/batch.h"
#include "vault/crypto/digest.h"
#include "vault/vault.h"

struct nta_tokens; ///< Opaque: the table and space for sorting, 1 MiB.

/** 0, -ENOMEM, or the error of drawing a key. */
int nta_tokens_new(struct nta_tokens **ret_tokens);
/** Takes NULL too. */
void nta_tokens_free(struct nta_tokens **tokens);

/** The token of a value: the first bytes of an HMAC-SHA-256 over kind and value. */
void nta_token_of(const struct nta_hmac_key *key, enum nta_value_kind kind, struct nta_span value,
                  uint8_t ret_token[NTA_TOKEN_LEN]);

/**
 * Replace `out` by the tokens of a batch.  The key must be the same at each call.  0 or -ENOMEM.
 */
int nta_tokens_of(struct nta_tokens *tokens, const struct nta_hmac_key *key,
                  const struct nta_batch *batch, struct nta_buf *out);
