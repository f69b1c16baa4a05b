/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The auditors' public keys, and the sensor's own.  Private to the vault.
 */

#include "vault/keyfile.h"
#include "vault/vault.h"

struct nta_auditors
{
    uint8_t keys[NTA_AUDITORS_MAX][NTA_KEY_LEN];
    size_t n; ///< 1 to NTA_AUDITORS_MAX.
};

/** From sensor.pub: the sensor's first identity.  0, or negative errno with a sentence. */
int nta_sensor_pub_read(const struct nta_keydir *dir, uint8_t ret_public[NTA_KEY_LEN],
                        struct nta_err *err);

/** From auditors.pub: one key a line; empty lines and those that begin with # are passed over. */
int nta_auditors_read(const struct nta_keydir *dir, struct nta_auditors *ret_auditors,
                      struct nta_err *err);

/**
 * The secret of auditor.key, whichever form it has (vault/open/auditor_key.h).  0; -EKEYREJECTED:
 * what was given is not its passphrase; -ENOKEY: nobody says one; or negative errno.
 */
int nta_auditor_key_read(const struct nta_keydir *dir, uint8_t ret_secret[NTA_KEY_LEN],
                         struct nta_err *err);

/**
 * Write the secret into a new file, under this passphrase.  0; -EEXIST: the file is there; -EINVAL:
 * the passphrase is too short; or negative errno; with the sentence.
 */
int nta_auditor_key_write(const char *path, const uint8_t secret[NTA_KEY_LEN],
                          const char *passphrase, struct nta_err *err);
