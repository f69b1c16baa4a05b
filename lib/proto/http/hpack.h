/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The first header block that a client of HTTP/2 sends (HPACK, RFC 7541): its method, authority,
 * path and Host field.
 *
 * Of the first block no table of earlier fields is needed; what refers to a field of the block
 * itself is passed over.  Texts are at most what `buf` holds, and of characters that a URL may
 * have; others are left out.  Later blocks cannot be read.
 */

#include "base/bytes.h"

#include <stddef.h>

enum
{
    NTA_HPACK_BUF_SIZE = 4096
};

/** Spans borrow from the block, from `buf`, or from static text; empty: it names none. */
struct nta_hpack_request
{
    struct nta_span method, authority, path, host;
    size_t n_used; ///< Of `buf`.
    uint8_t buf[NTA_HPACK_BUF_SIZE];
};

/** Read as far as the block goes; a cut or wrong one gives what came before. */
void nta_hpack_read(struct nta_span block, struct nta_hpack_request *ret_request);
