/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The languages that pages are written in.  A table of words has a column for each, in this order,
 * so one more language is a compile error in every table until it is complete.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows: symbol, code (BCP 47), what stands between thousands. */
#define NTA_LANGUAGES(ROW)                                                                         \
    ROW(EN, "en", ",")                                                                             \
    ROW(DE, "de", ".")                                                                             \
    ROW(FR, "fr", "\u202f")                                                                        \
    ROW(NL, "nl", ".")

enum nta_language
{
#define NTA_LANGUAGE_ENUM(symbol, code, thousands) NTA_LANGUAGE_##symbol,
    NTA_LANGUAGES(NTA_LANGUAGE_ENUM)
#undef NTA_LANGUAGE_ENUM
    NTA_N_LANGUAGES
};

/** "de"; static. */
const char *nta_language_code(enum nta_language language);

/** What stands between thousands; static. */
const char *nta_language_thousands(enum nta_language language);

/** Whether one thing of `n` is spoken of: in French nothing is, too. */
bool nta_language_is_one(enum nta_language language, uint64_t n);

/** The language of a code or a locale's name: "de", "de-AT", "de_DE.UTF-8".  False: none. */
bool nta_language_find(struct nta_span name, enum nta_language *ret_language);
