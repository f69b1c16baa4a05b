/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A sealed batch kept beyond the next call of its sealer, for tests. */

#include "base/buf.h"
#include "vault/sealed.h"

/** An owned copy of a sealed batch. */
struct kept
{
    struct nta_buf parts[4];
};

static inline void kept_done(struct kept *kept)
{
    for (size_t i = 0; i < 4; i++)
        nta_buf_done(&kept->parts[i]);
}

static inline struct kept keep(const struct nta_sealed *sealed)
{
    struct kept kept = {.parts = {{0}}};
    const struct nta_span spans[4] = {sealed->header, sealed->signature, sealed->tokens,
                                      sealed->body};

    for (size_t i = 0; i < 4; i++)
        nta_buf_put(&kept.parts[i], spans[i].ptr, spans[i].len);
    return kept;
}

static inline struct nta_sealed kept_sealed(const struct kept *kept)
{
    return (struct nta_sealed){
        .header = nta_buf_span(&kept->parts[0]),
        .signature = nta_buf_span(&kept->parts[1]),
        .tokens = nta_buf_span(&kept->parts[2]),
        .body = nta_buf_span(&kept->parts[3]),
    };
}
