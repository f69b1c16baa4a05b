/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Secrets in the state folder, sealed under one fixed secret, state.key, which can come from where
 * nothing is written back (a TPM by systemd-creds(1)); docs/format.md section 8.
 *
 *     nta-sealed- and the hexadecimal digits of nonce (12) ‖ ciphertext (32) ‖ tag (16)
 *
 * AES-256-GCM with the key HKDF-Expand(state secret, "NTA state v2"); the associated data is the
 * name that the file is for, so that one secret is not taken for another.
 *
 * Private to the vault.
 */

#include "vault/keyfile.h"
#include "vault/sealed.h"

/** True if state.key is not in the folder of keys, and state.cred is: systemd opens it for ntad. */
bool nta_state_key_is_sealed(const struct nta_keydir *keys);

/** The key that state files are sealed under, from state.key.  0, or negative errno, a sentence. */
int nta_state_key_read(const struct nta_keydir *keys, uint8_t ret_key[NTA_KEY_LEN],
                       struct nta_err *err);

/**
 * Take the secret out of a sealed line (without its newline) that is for `name`.  0; -EINVAL: not
 * of this form; -EBADMSG: sealed under another key or for another name, or changed; -ENOMEM, -EIO.
 */
int nta_state_open(struct nta_span text, const char *name, const uint8_t key[NTA_KEY_LEN],
                   uint8_t ret_secret[NTA_KEY_LEN]);

/** Read the file `file`, which is for `name`.  As above, and -ENOENT; all with a sentence. */
int nta_statefile_read(const struct nta_keydir *dir, const char *file, const char *name,
                       const uint8_t key[NTA_KEY_LEN], uint8_t ret_secret[NTA_KEY_LEN],
                       struct nta_err *err);

/** Write it as a new file, as nta_keyfile_put(). */
int nta_statefile_write(const struct nta_keydir *dir, const char *file, const char *name,
                        const uint8_t key[NTA_KEY_LEN], const uint8_t secret[NTA_KEY_LEN],
                        struct nta_err *err);

/**
 * Write over a file's bytes, where they lie, down to the disk.  One that is gone is fine, and so is
 * what is no file: there is nothing in it.  0, or negative errno (-EPERM: a second name of a file
 * of others).
 */
int nta_statefile_overwrite(const struct nta_keydir *dir, const char *name);

/** A secret that nobody is to have any more goes, its bytes first.  0, or negative errno. */
int nta_statefile_destroy(const struct nta_keydir *dir, const char *name);
