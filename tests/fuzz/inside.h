/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a parser gives borrows from where it may: it lies wholly in there. */

#include "base/bytes.h"

#include <assert.h>

static inline void assert_inside(struct nta_span span, const void *ptr, size_t len)
{
    const uint8_t *begin = ptr;

    assert(span.len == 0 ||
           (span.ptr >= begin && span.len <= len && (size_t)(span.ptr - begin) <= len - span.len));
}
