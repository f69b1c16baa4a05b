/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HPKE in base mode, one message a context (RFC 9180 sections 5.1.1 and 6.1), for the one suite of
 * the format: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002.
 *
 * The steps are calls of their own because the RFC gives a vector for each.  Private to the vault.
 */

#include "base/buf.h"
#include "base/bytes.h"

#include <stdint.h>

enum
{
    NTA_HPKE_ENC_LEN = 32,
    NTA_HPKE_SECRET_LEN = 32,
    NTA_HPKE_KEY_LEN = 32,
    NTA_HPKE_NONCE_LEN = 12
};

/** Decap (section 4.1): the shared secret from the recipient's secret key.  0, -EBADMSG, -EIO. */
int nta_hpke_decap(const uint8_t secret_key[32], const uint8_t enc[NTA_HPKE_ENC_LEN],
                   uint8_t ret_shared[NTA_HPKE_SECRET_LEN]);

/** KeySchedule (section 5.1) in mode 0 without a pre-shared key. */
void nta_hpke_schedule(const uint8_t shared[NTA_HPKE_SECRET_LEN], struct nta_span info,
                       uint8_t ret_key[NTA_HPKE_KEY_LEN],
                       uint8_t ret_base_nonce[NTA_HPKE_NONCE_LEN]);

/**
 * SealBase (section 6.1) with a fresh ephemeral key; appends ciphertext ‖ tag.  0, -ENOMEM,
 * -EBADMSG, -EIO.
 */
int nta_hpke_seal(const uint8_t public_key[32], struct nta_span info, struct nta_span aad,
                  struct nta_span plain, uint8_t ret_enc[NTA_HPKE_ENC_LEN], struct nta_buf *out);

/**
 * OpenBase (section 6.1); appends the plaintext.  0, -EBADMSG if it does not open, -ENOMEM, -EIO.
 */
int nta_hpke_open(const uint8_t secret_key[32], const uint8_t enc[NTA_HPKE_ENC_LEN],
                  struct nta_span info, struct nta_span aad, struct nta_span sealed,
                  struct nta_buf *out);

/** The same of a key of 32 bytes, into `ret_key`; another length is -EBADMSG. */
int nta_hpke_open_key(const uint8_t secret_key[32], const uint8_t enc[NTA_HPKE_ENC_LEN],
                      struct nta_span info, struct nta_span aad, struct nta_span sealed,
                      uint8_t ret_key[32]);
