/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Data keys of format 1, which are read only: wrapped to auditors, and the signed list of that
 * (docs/format.md section 15).  Private to the vault.
 */

#include "vault/vault.h"

#define NTA_WRAP_DOMAIN "NTA data key v1"

/** 0; -ENOKEY: nothing for this auditor; -EBADMSG: not of our form, or it does not open. */
int nta_unwrap(const uint8_t auditor_secret[NTA_KEY_LEN], const struct nta_wrapped_key *key,
               uint8_t ret_data_key[NTA_KEY_LEN]);
