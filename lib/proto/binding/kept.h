/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A text that a parser keeps from a question to its answer: whole or not at all, since one that is
 * cut would be another one.
 */

#include "base/bytes.h"

#include <stdint.h>
#include <string.h>

enum
{
    NTA_KEPT_MAX = 127 ///< Bytes.
};

/** Zeroed: empty. */
struct nta_kept
{
    uint8_t len;
    uint8_t bytes[NTA_KEPT_MAX];
};

/** What is longer than NTA_KEPT_MAX leaves it empty. */
static inline void nta_keep(struct nta_kept *kept, struct nta_span text)
{
    kept->len = 0;
    if (text.len == 0 || text.len > NTA_KEPT_MAX)
        return;
    memcpy(kept->bytes, text.ptr, text.len);
    kept->len = (uint8_t)text.len;
}

/** Borrows from `kept`. */
static inline struct nta_span nta_kept_span(const struct nta_kept *kept)
{
    return (struct nta_span){.ptr = kept->bytes, .len = kept->len};
}

/** `text`, or if that is empty what was kept. */
static inline struct nta_span nta_kept_or(struct nta_span text, const struct nta_kept *kept)
{
    return text.len > 0 ? text : nta_kept_span(kept);
}
