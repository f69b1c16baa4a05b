/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writing a header, and what of it is associated data.  Private to the vault; reading is in
 * vault.h.
 */

#include "base/buf.h"
#include "vault/vault.h"

#define NTA_HEADER_DOMAIN   "NTA batch header v1"
#define NTA_HEADER_DOMAIN_2 "NTA batch header v2"

enum
{
    /* the last field, a byte string of 32 bytes with its two-byte head, is what associated data
     * leaves out */
    NTA_HEADER_TAIL_LEN = 2 + NTA_HASH_LEN
};

/** Append the header's bytes, in the form of its version. */
void nta_header_encode(const struct nta_header *header, struct nta_buf *out);

/**
 * Append the associated data of the body: the array of all fields but the last.  `cbor` is a header
 * of ours.
 */
void nta_header_aad(struct nta_span cbor, struct nta_buf *out);
