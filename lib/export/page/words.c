/* SPDX-License-Identifier: Apache-2.0 */
#include "export/page/words.h"

#include "base/language.h"
#include "base/own.h"
#include "base/text.h"

static const struct
{
    const char *name;
    const char *in[NTA_N_LANGUAGES];
} words[] = {

#define WORD(symbol, ...) {#symbol, {__VA_ARGS__}},
#include "export/page/page_words.inc"
#undef WORD
};

void nta_page_put_words(struct nta_buf *out, const char *lang)
{
    nta_buf_puts(out, "{\"lang\":");
    nta_text_json_shown(out, nta_span_of(lang ? lang : ""));
    nta_buf_puts(out, ",\"languages\":[");
    for (unsigned l = 0; l < NTA_N_LANGUAGES; l++) {
        nta_buf_puts(out, l ? "," : "");
        nta_text_json_shown(out, nta_span_of(nta_language_code((enum nta_language)l)));
    }
    nta_buf_puts(out, "],\"words\":{");
    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        nta_buf_printf(out, "%s\n\"%s\":[", i ? "," : "", words[i].name);
        for (size_t l = 0; l < NTA_N_LANGUAGES; l++) {
            nta_buf_puts(out, l ? "," : "");
            nta_text_json_shown(out, nta_span_of(words[i].in[l]));
        }
        nta_buf_puts(out, "]");
    }
    nta_buf_puts(out, "}}");
}
