/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The first header block that a client of HTTP/2 sends (HPACK, RFC 7541): its method, authority,
 * path and Host field, and where it came from.
 *
 * Of the first block no table of earlier fields is needed; what refers to a field of the block
 * itself is passed over.  Texts are at most what `buf` holds, and of characters that a URL may
 * have; others are left out.  Later blocks cannot be read.
 */

#include "base/bytes.h"
#include "proto/http/http_origin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HPACK_BUF_SIZE = 4096,
    NTA_HPACK_NAME_SIZE = 320, ///< Of a host and its port; what is longer is none.
};

/** Spans borrow from the block, from this, or from static text; empty: it names none. */
struct nta_hpack_request
{
    struct nta_span method, authority, path, host;
    struct nta_http_origin origin;
    bool is_cut;   ///< Some text had no space, or was none; a host like that is left out.
    size_t n_used; ///< Of `buf`.
    /** A host has space of its own: how long all else is, is the client's choice. */
    uint8_t names[2][NTA_HPACK_NAME_SIZE];
    uint8_t buf[NTA_HPACK_BUF_SIZE];
};

/** Read as far as the block goes; a cut or wrong one gives what came before. */
void nta_hpack_read(struct nta_span block, struct nta_hpack_request *ret_request);
