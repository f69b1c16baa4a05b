/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * For parsers of binary messages that begin in more ways than can be told: what surely is another
 * protocol's.
 */

#include "base/bytes.h"

/** Do the first bytes of a side begin a line of text, or a record of TLS? */
static inline bool nta_proto_is_foreign(struct nta_span first)
{
    const struct nta_span seen = nta_span_first(first, 8);

    if (seen.len >= 2 && seen.ptr[0] >= 20 && seen.ptr[0] <= 23 && seen.ptr[1] == 3)
        return true;
    for (size_t i = 0; i < seen.len; i++) {
        if ((seen.ptr[i] < ' ' || seen.ptr[i] > '~') && seen.ptr[i] != '\r' && seen.ptr[i] != '\n')
            return false;
    }
    return seen.len > 0;
}
