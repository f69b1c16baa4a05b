/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * AES-256 in the two ways the vault uses it: GCM (NIST SP 800-38D) with a 96-bit nonce and a
 * 128-bit tag behind the ciphertext, and the salts of a batch.  Private to the vault.
 */

#include "base/buf.h"
#include "base/bytes.h"

#include <stdint.h>

enum
{
    NTA_GCM_NONCE_LEN = 12,
    NTA_GCM_TAG_LEN = 16,
    NTA_SALT_LEN = 16
};

/** Append ciphertext ‖ tag to `out`.  0, -ENOMEM, or -EIO if libcrypto fails. */
int nta_gcm_seal(const uint8_t key[32], const uint8_t nonce[NTA_GCM_NONCE_LEN], struct nta_span aad,
                 struct nta_span plain, struct nta_buf *out);

/**
 * Append the plaintext to `out`.  0, -EBADMSG if the tag is not right (nothing appended), -ENOMEM,
 * -EIO.
 */
int nta_gcm_open(const uint8_t key[32], const uint8_t nonce[NTA_GCM_NONCE_LEN], struct nta_span aad,
                 struct nta_span sealed, struct nta_buf *out);

/**
 * Salts 0 to n - 1 of a batch in a row: salt i is AES-256(salt key, i as 128-bit big-endian).  0 or
 * -EIO.
 */
int nta_salts(const uint8_t salt_key[32], uint8_t (*ret_salts)[NTA_SALT_LEN], size_t n);
