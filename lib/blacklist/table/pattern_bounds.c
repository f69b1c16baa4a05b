/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/pattern_bounds.h"

#include <errno.h>
#include <stdlib.h>

int nta_pattern_bounds_make(struct nta_patterns *patterns)
{
    struct nta_pattern_bounds *bounds;
    int r;

    if (patterns->bounds)
        return 0;
    bounds = calloc(1, sizeof(*bounds));
    if (!bounds)
        return -ENOMEM;
    r = nta_hash_key_random(&bounds->key);
    if (r < 0) {
        free(bounds);
        return r;
    }
    patterns->bounds = bounds;
    return 0;
}

uint32_t *nta_pattern_bounds_find(const struct nta_patterns *patterns, struct nta_span text,
                                  uint32_t value)
{
    struct nta_pattern_bounds *bounds = patterns->bounds;
    size_t at = nta_hash_bytes(&bounds->key, text.ptr, text.len) % NTA_PATTERN_SLOTS;

    for (; bounds->slots[at]; at = (at + 1) % NTA_PATTERN_SLOTS) {
        const struct nta_pattern *there = &patterns->patterns[bounds->slots[at] - 1];

        if (((there->value ^ value) & NTA_VALUE_ALLOW) == 0 &&
            nta_span_order(nta_pattern_text(patterns, there), text) == 0)
            break;
    }
    return &bounds->slots[at];
}
