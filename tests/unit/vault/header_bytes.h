/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Headers that nobody sealed, for tests of other modules: only the vault knows how a header is
 * written.
 */

#include "vault/header.h"

#include <stdlib.h>
#include <string.h>

/** Write a header's bytes into `buf`; how many. Ends the test if they do not fit. */
static inline size_t header_bytes(const struct nta_header *header, uint8_t *buf, size_t size)
{
    struct nta_buf bytes = {0};
    size_t len;

    nta_header_encode(header, &bytes);
    len = bytes.len;
    if (bytes.failed || len > size)
        abort();
    memcpy(buf, bytes.ptr, len);
    nta_buf_done(&bytes);
    return len;
}
