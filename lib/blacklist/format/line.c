/* SPDX-License-Identifier: Apache-2.0 */
/* What all formats read lines with. */
#include "blacklist/format/line.h"

#include <strings.h>

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

struct nta_span nta_span_trim(struct nta_span text)
{
    while (text.len > 0 && nta_list_is_space(text.ptr[0]))
        text = nta_span_from(text, 1);
    while (text.len > 0 && nta_list_is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

bool nta_span_starts(struct nta_span text, const char *with)
{
    size_t len = strlen(with);

    if (len > 0 && (text.len < len || (text.ptr[0] ^ with[0]) & ~0x20))
        return false;
    return strncasecmp((const char *)text.ptr, with, len) == 0;
}

bool nta_span_is(struct nta_span text, const char *word)
{
    return text.len == strlen(word) && nta_span_starts(text, word);
}

size_t nta_span_find(struct nta_span text, const char *needle)
{
    size_t len = strlen(needle);
    const uint8_t *found = NULL;

    if (text.len > 0)
        found = len == 1 ? memchr(text.ptr, needle[0], text.len)
                         : memmem(text.ptr, text.len, needle, len);
    return found ? (size_t)(found - text.ptr) : text.len;
}

struct nta_span nta_span_word(struct nta_span *rest)
{
    struct nta_span word = nta_span_trim(*rest);
    size_t n = 0;

    while (n < word.len && !nta_list_is_space(word.ptr[n]))
        n++;
    *rest = nta_span_from(word, n);
    word.len = n;
    return word;
}
