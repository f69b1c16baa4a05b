/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/words.h"

#include "record/grade.h"
#include "record/record.h"

static const char *const words[][NTA_N_LANGUAGES] = {
#define WORD(symbol, en, de, fr, nl) [NTA_WORD_##symbol] = {en, de, fr, nl},
#include "evidence/page_words.inc"
#undef WORD
};

/* rows of one kind are as many as there are numbers */
#define AS_MANY(first, last, n)                                                                    \
    static_assert(NTA_WORD_##last - NTA_WORD_##first + 1 == (n), #first " to " #last)
AS_MANY(STRENGTH_UNKNOWN, STRENGTH_LOGIN, (int)NTA_STRENGTH_END);
AS_MANY(ACT_UNKNOWN, ACT_UPLOADED, (int)NTA_ACT_END);
AS_MANY(SEEN_UNKNOWN, SEEN_DELIVERED, (int)NTA_SEEN_END);
AS_MANY(GRADE_WEAK, GRADE_STRONG, (int)NTA_N_GRADES);
AS_MANY(DOUBT_FORGED, DOUBT_LIMITED, (int)NTA_DOUBT_END - 1);
AS_MANY(EVENT_UNKNOWN, EVENT_NOTE, (int)NTA_RECORD_NOTE + 1);

const char *nta_case_word(enum nta_language language, enum nta_case_word word)
{
    return words[word][language];
}

const char *nta_case_word_of(enum nta_language language, enum nta_case_word first,
                             enum nta_case_word last, unsigned number)
{
    const unsigned n = (unsigned)last - (unsigned)first + 1;

    return words[(unsigned)first + (number < n ? number : 0)][language];
}
