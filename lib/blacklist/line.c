/* SPDX-License-Identifier: Apache-2.0 */
#include "line.h"

#include "base/own.h"
#include "base/text.h"

#include <strings.h>

typedef enum nta_line parse_fn(struct nta_list_reader *reader, struct nta_span line);

/* In the order of asking: what begins unmistakably comes first. */
static parse_fn *const formats[] = {
    nta_list_hosts,
};

void nta_list_reader_init(struct nta_list_reader *reader)
{
    memset(reader, 0, sizeof(*reader));
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

    return text.len >= len && strncasecmp((const char *)text.ptr, with, len) == 0;
}

bool nta_span_is(struct nta_span text, const char *word)
{
    return text.len == strlen(word) && nta_span_starts(text, word);
}

size_t nta_span_find(struct nta_span text, const char *needle)
{
    const uint8_t *found = text.len ? memmem(text.ptr, text.len, needle, strlen(needle)) : NULL;

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

/** Without an inline comment: "#", "//" or ";" behind white space. */
static struct nta_span without_comment(struct nta_span line)
{
    for (size_t i = 1; i < line.len; i++) {
        struct nta_span rest = nta_span_from(line, i);

        if (nta_list_is_space(line.ptr[i - 1]) &&
            (rest.ptr[0] == '#' || rest.ptr[0] == ';' || nta_span_starts(rest, "//")))
            return nta_span_trim((struct nta_span){.ptr = line.ptr, .len = i});
    }
    return line;
}

static bool is_comment(struct nta_span line)
{
    return line.ptr[0] == '#' || line.ptr[0] == ';' || line.ptr[0] == '!' ||
           nta_span_starts(line, "//");
}

/** True if `line` is one word of the bytes that names and IPv4 addresses are made of. */
static bool is_one_word(struct nta_span line)
{
    for (size_t i = 0; i < line.len; i++) {
        uint8_t c = line.ptr[i];

        if (!((c >= 'a' && c <= 'z') || c == '.' || (c >= '0' && c <= '9') || c == '-' ||
              c == '_' || (c >= 'A' && c <= 'Z')))
            return false;
    }
    return true;
}

/** The usual line: one name or IPv4 address. */
static enum nta_line plain(struct nta_list_reader *reader, struct nta_span word)
{
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    uint8_t first = word.ptr[0], last = word.ptr[word.len - 1];

    if (first == '.' || (first >= '0' && first <= '9' && last >= '0' && last <= '9'))
        return nta_list_value(reader, word, flags);
    return nta_list_name(reader, word, flags);
}

enum nta_line nta_list_line(struct nta_list_reader *reader, struct nta_span line)
{
    const uint32_t flags = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_span rest;

    reader->warns = false;
    line = nta_span_trim(line);
    if (line.len == 0)
        return NTA_LINE_NONE;
    if (!reader->separator && is_one_word(line))
        return plain(reader, line);
    if (is_comment(line))
        return NTA_LINE_NONE;
    line = without_comment(line);
    for (size_t i = 0; i < NTA_N_ELEMENTS(formats); i++) {
        enum nta_line said = formats[i](reader, line);

        if (said != NTA_LINE_OTHER)
            return said;
    }
    rest = line;
    (void)nta_span_word(&rest);
    if (nta_span_trim(rest).len > 0)
        return nta_list_bad(reader, "not a line of any known list format");
    return nta_list_value(reader, line, flags);
}
