/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pieces of a line of HTTP/1. */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Optional whitespace (RFC 9110 section 5.6.3): space or tab. */
static inline bool nta_http_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/** What is before the first blank, or all. */
static inline struct nta_span nta_http_word(struct nta_span text)
{
    size_t len = 0;

    while (len < text.len && !nta_http_is_blank(text.ptr[len]))
        len++;
    return nta_span_first(text, len);
}

/**
 * Length of the version that ends what stands behind the method, "HTTP/" and more, right or wrong;
 * 0: there is none.
 */
size_t nta_http_version_len(struct nta_span rest);

/** `text` without blanks and line ends around it. */
struct nta_span nta_http_trim(struct nta_span text);
