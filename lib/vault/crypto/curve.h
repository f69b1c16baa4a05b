/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The two uses of Curve25519: signatures (Ed25519, RFC 8032 section 5.1) and key agreement (X25519,
 * RFC 7748).
 *
 * Keys are given as their 32 bytes at each call, so that no other copy of a secret stays behind.
 * Calls give 0, or -EIO if libcrypto fails.  Private to the vault.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/** The public key of an Ed25519 secret key. */
int nta_ed25519_public(const uint8_t secret[32], uint8_t ret_public[32]);

/** Sign `domain` ‖ 0x00 ‖ message; with `domain` NULL the message alone. */
int nta_ed25519_sign(const uint8_t secret[32], const char *domain, struct nta_span message,
                     uint8_t ret_signature[64]);

/**
 * True for a public key that proves something: its point's y below the field's prime (one key has
 * one form), and not of small order.  With one of the eight points of small order, one signature
 * fits any message.
 */
bool nta_ed25519_usable(const uint8_t public_key[32]);

/**
 * True if it is the signature of that, by a usable key, in its one form (RFC 8032 section 5.1.7: S
 * below the group's order; and R, as the key, in the one form and not of small order).
 */
bool nta_ed25519_verify(const uint8_t public_key[32], const char *domain, struct nta_span message,
                        struct nta_span signature);

/** True unless every agreement with this key has the same result: a point of small order. */
bool nta_x25519_usable(const uint8_t public_key[32]);

/** The public key of an X25519 secret key. */
int nta_x25519_public(const uint8_t secret[32], uint8_t ret_public[32]);

/**
 * Agreement (RFC 7748 section 6.1); -EBADMSG if the result is all zero, as for a point of small
 * order.
 */
int nta_x25519(const uint8_t secret[32], const uint8_t public_key[32], uint8_t ret_shared[32]);
