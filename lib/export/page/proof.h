/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a page says of itself for programs: a block of lines,
 *
 *     nta VERSION
 *     language CODE            or "-": as the reader's browser
 *     data DIGITS              SHA-256 of the data part
 *     page DIGITS              SHA-256 of all of the page but this line
 *     chain head of sensor …   as ntad logs them: how far the chain went that it was made of
 *
 * So a byte of it that was changed is found.  Whoever changes a page can write new digests into it,
 * too: that is found only by who knows the whole file's hash from elsewhere (`nta verify` looks for
 * it in the chain).  Pure; any bytes may be given.
 */

#include "base/buf.h"
#include "base/bytes.h"

#include <stdbool.h>

/** The lines, all borrowed from the page that they were read from. */
struct nta_page_proof
{
    struct nta_span version;
    struct nta_span lang;  ///< Empty: none.
    struct nta_span heads; ///< Lines, each with its end.
    struct nta_span data;  ///< The data part.
};

/** Append a page (nta_page()) with its block filled; `heads` are lines, each with its end. */
void nta_page_put_proven(struct nta_buf *out, struct nta_span page, const char *lang,
                         struct nta_span heads);

enum nta_page_state
{
    NTA_PAGE_WHOLE,
    NTA_PAGE_STRANGE, ///< There is no such block: not a page of `nta report`, or an older one.
    NTA_PAGE_CHANGED, ///< The block is not of its form, or
    NTA_PAGE_DATA,    ///< the data are not those of its digest, or
    NTA_PAGE_OUTSIDE, ///< what stands around them is not that of its digest.
    NTA_N_PAGE_STATES
};

/** Is it as its own block says?  `ret_proof` is filled if it is whole. */
enum nta_page_state nta_page_look(struct nta_span page, struct nta_page_proof *ret_proof);
