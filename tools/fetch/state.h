/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept beside a file that is fetched, as FILE.fetch: of which URL it is (its SHA-256: the
 * URL itself may hold a token), the file's SHA-256, and what the server said to recognise it by.
 * Its time of change is that of the last success.
 */

#include "base/err.h"
#include "fetch/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_fetch_state
{
    uint8_t url_sha256[32], file_sha256[32]; ///< Of the file as it came.
    uint8_t kept_sha256[32];                 ///< Of the file as it is kept: unpacked, perhaps.
    char etag[NTA_HTTP_FIELD_SIZE], modified[NTA_HTTP_FIELD_SIZE];
};

/** SHA-256 of bytes. */
void nta_fetch_hash(const void *bytes, size_t len, uint8_t ret_sha256[32]);

/** SHA-256 of all of a file.  0 or negative errno. */
int nta_fetch_hash_fd(int fd, uint8_t ret_sha256[32]);

/** Of the file at `path`.  False: there is none that can be used. */
bool nta_fetch_state_read(const char *path, struct nta_fetch_state *ret_state);

/** Put it beside the file at `path`.  0, or negative errno. */
int nta_fetch_state_write(const char *path, const struct nta_fetch_state *state);
