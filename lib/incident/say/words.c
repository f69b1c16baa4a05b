/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/say/words.h"

#include <inttypes.h>

static const char *const sentences[][NTA_N_LANGUAGES] = {
#define SAY(symbol, en, de, fr, nl) [NTA_SAY_##symbol] = {en, de, fr, nl},
#include "incident/say/words.inc"
#undef SAY
};

struct nta_span nta_say_form(enum nta_language language, enum nta_say say, uint64_t n)
{
    struct nta_span many = nta_span_of(sentences[say][language]);
    const struct nta_span one = nta_span_take(&many, '|');

    return many.len == 0 || nta_language_is_one(language, n) ? one : many;
}

void nta_say_number(struct nta_buf *out, enum nta_language language, uint64_t n)
{
    uint64_t unit = 1;

    while (n / unit >= 1000)
        unit *= 1000;
    nta_buf_printf(out, "%" PRIu64, n / unit);
    for (unit /= 1000; unit > 0; unit /= 1000)
        nta_buf_printf(out, "%s%03u", nta_language_thousands(language),
                       (unsigned)(n / unit % 1000));
}

void nta_say_put(struct nta_buf *out, enum nta_language language, enum nta_say say, uint64_t n,
                 const struct nta_say_gap *gaps, size_t n_gaps)
{
    struct nta_span rest = nta_say_form(language, say, n);

    while (rest.len) {
        const struct nta_span before = nta_span_take(&rest, '{');
        const bool has_gap = rest.len > 0;
        const struct nta_span name = has_gap ? nta_span_take(&rest, '}') : rest;

        nta_buf_put(out, before.ptr, before.len);
        if (has_gap && nta_span_equal(name, nta_span_of("n")))
            nta_say_number(out, language, n);
        for (size_t i = 0; has_gap && i < n_gaps; i++)
            if (nta_span_equal(name, nta_span_of(gaps[i].name)))
                nta_buf_put(out, gaps[i].text.ptr, gaps[i].text.len);
    }
}
