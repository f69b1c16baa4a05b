/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The sentences of say.h with their gaps (words.inc), and how they are filled. */

#include "base/buf.h"
#include "base/language.h"

enum nta_say
{
#define SAY(symbol, en, de, fr, nl) NTA_SAY_##symbol,
#include "incident/say/words.inc"
#undef SAY
    NTA_N_SAY
};

/** What goes where a sentence has {name}; as it is, in shown form. */
struct nta_say_gap
{
    const char *name;
    struct nta_span text;
};

/** The form of a sentence for `n`, with its gaps; static. */
struct nta_span nta_say_form(enum nta_language language, enum nta_say say, uint64_t n);

/** Append the form for `n`, {n} and `gaps` filled in; what there is no gap for is left out. */
void nta_say_put(struct nta_buf *out, enum nta_language language, enum nta_say say, uint64_t n,
                 const struct nta_say_gap *gaps, size_t n_gaps);

/** Append a number as the language writes it. */
void nta_say_number(struct nta_buf *out, enum nta_language language, uint64_t n);
