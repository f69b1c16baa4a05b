/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/xml.h"

#include "base/text.h"

static void put_entities(struct nta_buf *out, struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&': nta_buf_puts(out, "&amp;"); break;
        case '<': nta_buf_puts(out, "&lt;"); break;
        case '>': nta_buf_puts(out, "&gt;"); break;
        case '"': nta_buf_puts(out, "&quot;"); break;
        case '\'': nta_buf_puts(out, "&#39;"); break;
        default: nta_buf_put_u8(out, text.ptr[i]);
        }
    }
}

void nta_xml_text(struct nta_buf *out, struct nta_span text)
{
    struct nta_buf shown = {0};

    nta_text_escape(&shown, text);
    put_entities(out, nta_buf_span(&shown));
    out->failed = out->failed || shown.failed;
    nta_buf_done(&shown);
}

void nta_xml_shown(struct nta_buf *out, const char *shown)
{
    put_entities(out, nta_span_of(shown));
}
