/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A data key wrapped to auditors, and the signed list of that (docs/format.md section 7).  Private
 * to the vault.
 */

#include "vault/auditors.h"
#include "vault/vault.h"

#define NTA_WRAP_DOMAIN "NTA data key v1"

/**
 * Append the blob: `data_key` wrapped to each auditor, signed with the sensor's secret key.  0, or
 * negative errno with a sentence.
 */
int nta_wrap(const uint8_t sensor_secret[NTA_KEY_LEN], const struct nta_auditors *auditors,
             const struct nta_wrapped_key *key, const uint8_t data_key[NTA_KEY_LEN],
             struct nta_buf *out, struct nta_err *err);

/** 0; -ENOKEY: nothing for this auditor; -EBADMSG: not of our form, or it does not open. */
int nta_unwrap(const uint8_t auditor_secret[NTA_KEY_LEN], const struct nta_wrapped_key *key,
               uint8_t ret_data_key[NTA_KEY_LEN]);
