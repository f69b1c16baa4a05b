/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Search tokens: HMAC-SHA256(token key, kind ‖ value), the first 8 bytes, sorted and each once in a
 * batch.  In format 2 each kind has a token key of its own, which comes from the batch's data key;
 * in format 1 there is one for all.
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

/** Token keys as they are asked for. */
struct nta_token_keys
{
    const struct nta_hmac_key *keys; ///< Borrows: of all kinds the one, or of kind i keys[i].
    size_t n;                        ///< 1 or more.
    uint64_t number;                 ///< Another one for other keys, for the table.
};

/** The token of a value: the first bytes of an HMAC-SHA-256 over kind and value. */
void nta_token_of(const struct nta_hmac_key *key, enum nta_value_kind kind, struct nta_span value,
                  uint8_t ret_token[NTA_TOKEN_LEN]);

/** Replace `out` by the tokens of a batch.  0 or -ENOMEM. */
int nta_tokens_of(struct nta_tokens *tokens, const struct nta_token_keys *keys,
                  const struct nta_batch *batch, struct nta_buf *out);
