/* SPDX-License-Identifier: Apache-2.0 */
/* What all formats read lines with. */
#include "blacklist/format/line.h"

void nta_list_reader_init(struct nta_list_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
}

enum nta_line nta_list_refuse(struct nta_list_reader *reader, const char *reason)
{
    (void)nta_list_skip(reader, reason);
    reader->warns = true;
    return NTA_LINE_SKIP;
}

bool nta_list_is_beside(struct nta_span name)
{
    return name.len > 0 && name.len <= NTA_FILE_NAME_MAX && name.ptr[0] != '.' &&
           !memchr(name.ptr, '/', name.len) && !memchr(name.ptr, '\0', name.len);
}

struct nta_span nta_span_trim(struct nta_span text)
{
    return nta_span_trim_of(text, nta_list_is_space);
}

struct nta_span nta_span_word(struct nta_span *rest)
{
    *rest = nta_span_trim(*rest);
    return nta_span_word_of(rest, nta_list_is_space);
}
