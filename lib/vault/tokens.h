/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Search tokens: HMAC-SHA256(token key, kind ‖ value), the first 8 bytes, sorted and each once in a batch.
 *
 * Private to the vault.
 */

#include "base/buf.h"
#include "record/batch.h"
#include "vault/digest.h"
#include "vault/vault.h"

void nta_token_of(const struct nta_hmac_key *key, enum nta_value_kind kind, struct nta_span value,
                  uint8_t ret_token[NTA_TOKEN_LEN]);

/** Replace `out` by the tokens of a batch.  0 or -ENOMEM. */
int nta_tokens_of(const struct nta_hmac_key *key, const struct nta_batch *batch,
                  struct nta_buf *out);
