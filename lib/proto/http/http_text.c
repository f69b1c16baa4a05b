/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http_text.h"

#include <string.h>

static bool is_space(uint8_t c)
{
    return nta_http_is_blank(c) || c == '\r' || c == '\n';
}

struct nta_span nta_http_trim(struct nta_span text)
{
    return nta_span_trim_of(text, is_space);
}

size_t nta_http_version_len(struct nta_span rest)
{
    size_t len = 0;

    while (len < rest.len && !nta_http_is_blank(rest.ptr[rest.len - 1 - len]))
        len++;
    return len >= 5 && memcmp(rest.ptr + rest.len - len, "HTTP/", 5) == 0 ? len : 0;
}
