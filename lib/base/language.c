/* SPDX-License-Identifier: Apache-2.0 */
#include "base/language.h"

#include "base/own.h"

static const struct
{
    const char *code, *thousands;
} languages[] = {

#define LANGUAGE_ROW(symbol, code, thousands) [NTA_LANGUAGE_##symbol] = {code, thousands},
    NTA_LANGUAGES(LANGUAGE_ROW)
#undef LANGUAGE_ROW
};

const char *nta_language_code(enum nta_language language)
{
    return languages[language].code;
}

const char *nta_language_thousands(enum nta_language language)
{
    return languages[language].thousands;
}

bool nta_language_is_one(enum nta_language language, uint64_t n)
{
    return n == 1 || (n == 0 && language == NTA_LANGUAGE_FR);
}

static bool ends_code(uint8_t c)
{
    return c == '-' || c == '_' || c == '.' || c == '@';
}

bool nta_language_find(struct nta_span name, enum nta_language *ret_language)
{
    size_t len = 0;

    while (len < name.len && !ends_code(name.ptr[len]))
        len++;
    for (size_t i = 0; i < NTA_N_LANGUAGES; i++) {
        if (!nta_span_equal(nta_span_first(name, len), nta_span_of(languages[i].code)))
            continue;
        *ret_language = (enum nta_language)i;
        return true;
    }
    return false;
}
