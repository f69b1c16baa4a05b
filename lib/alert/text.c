/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/text.h"

#include "base/text.h"

void nta_alert_put_text(struct nta_buf *out, struct nta_span text, size_t max)
{
    size_t from = out->len;

    /* no byte is shown shorter than it is: what is behind these is cut off anyway, with a character
     * that ends here */
    if (text.len > max + NTA_TEXT_UNIT)
        text.len = max + NTA_TEXT_UNIT;
    nta_text_escape(out, text);
    if (out->failed || out->len - from <= max)
        return;
    const struct nta_span shown = {out->ptr + from, out->len - from};

    out->len = from + nta_text_cut(shown, max > 3 ? max - 3 : 0);
    nta_buf_puts(out, "...");
}
