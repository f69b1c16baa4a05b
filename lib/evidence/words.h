/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of a case's page (page_words.inc) by their symbols, in each language. */

#include "base/language.h"

enum nta_case_word
{
#define WORD(symbol, en, de, fr, nl) NTA_WORD_##symbol,
#include "evidence/page_words.inc"
#undef WORD
    NTA_CASE_N_WORDS
};

/** HTML; static. */
const char *nta_case_word(enum nta_language language, enum nta_case_word word);

/** Word `number` of those from `first` to `last`; that of 0 if there is no such one. */
const char *nta_case_word_of(enum nta_language language, enum nta_case_word first,
                             enum nta_case_word last, unsigned number);
