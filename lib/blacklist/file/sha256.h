/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * SHA-256 (FIPS 180-4) of bytes and of files, for those who cannot include the vault.  Pure but for
 * the file, any thread.
 */

#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

enum
{
    NTA_SHA256_LEN = 32
};

/** Of these bytes.  0, or -ENOMEM with zeros. */
int nta_sha256_of(struct nta_span bytes, uint8_t ret_hash[NTA_SHA256_LEN]);

/** Of a regular file, with its size.  0, or negative errno with a sentence. */
int nta_sha256_of_file(const char *path, uint8_t ret_hash[NTA_SHA256_LEN], uint64_t *ret_bytes,
                       struct nta_err *err);
