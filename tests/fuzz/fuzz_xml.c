/* SPDX-License-Identifier: Apache-2.0 */
/* No bytes get markup, a control character, or bytes that are not UTF-8 into a document. */
#include "base/text.h"
#include "export/map/xml.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nta_buf out = {0};

    nta_xml_text(&out, (struct nta_span){data, len});
    for (size_t at = 0, n; at < out.len; at += n) {
        n = nta_text_utf8_len(out.ptr + at, out.len - at);
        assert(n > 0 && out.ptr[at] >= 0x20 && !strchr("<>\"'", out.ptr[at]));
        assert(out.ptr[at] != '&' ||
               memchr(out.ptr + at, ';', out.len - at < 6 ? out.len - at : 6));
    }
    nta_buf_done(&out);
    return 0;
}
