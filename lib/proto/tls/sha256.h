/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-256 and HMAC-SHA-256 for parsers: values on the stack, no allocation, no failure.
 *
 * libcrypto's one-shot and EVP forms fetch an implementation and take memory at each call; these
 * use its block function directly.  An HMAC key is kept as the two states it leaves (RFC 2104
 * section 4), so that a key used again costs two blocks a message.  FIPS 180-4, RFC 2104, RFC 5869,
 * RFC 8446 section 7.1.  Any thread.
 */

#include "base/bytes.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_SHA256_LEN = 32
};

/** An HMAC key, ready to use. */
struct nta_proto_hmac_key
{
    uint32_t inner[8], outer[8]; ///< States after the padded key's block.
};

/** SHA-256 of `len` bytes into `ret_digest`. */
void nta_sha256(const void *data, size_t len, uint8_t ret_digest[NTA_SHA256_LEN]);

/** Prepare a key of at most 64 bytes. */
void nta_proto_hmac_key_set(struct nta_proto_hmac_key *key, const uint8_t *secret, size_t len);

/** HMAC of a message of at most 55 bytes. */
void nta_proto_hmac(const struct nta_proto_hmac_key *key, const uint8_t *data, size_t len,
                    uint8_t ret_mac[NTA_SHA256_LEN]);

/**
 * HKDF-Expand-Label(Secret, label, "", len) of RFC 8446 section 7.1, `len` at most 32.  `label` is
 * without its "tls13 " and at most 32 characters.
 */
void nta_hkdf_label(const struct nta_proto_hmac_key *secret, const char *label, uint8_t *ret_out,
                    size_t len);
