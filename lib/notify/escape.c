/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/escape.h"

#include "base/addr.h"

static bool is_part_of_name(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c >= 0x80 || c == '-' || c == '_';
}

/** Is the whole an address?  That is no link. */
static bool is_addr(struct nta_span text)
{
    struct nta_addr addr;

    return text.len < NTA_ADDR_TEXT_SIZE &&
           nta_addr_parse((const char *)text.ptr, text.len, &addr) == 0;
}

/** What is put for the byte at `i`; NULL: the byte. */
static const char *without_links(struct nta_span text, size_t i)
{
    const uint8_t c = text.ptr[i];

    if (c == '@')
        return "(at)";
    if (c == '.' && i > 0 && i + 1 < text.len && is_part_of_name(text.ptr[i - 1]) &&
        is_part_of_name(text.ptr[i + 1]))
        return "[.]";
    if (c == ':' && i + 2 < text.len && text.ptr[i + 1] == '/' && text.ptr[i + 2] == '/')
        return "[:]";
    return NULL;
}

static const char *of_slack(uint8_t c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    default: return NULL;
    }
}

/** Slack's marks of bold and so on: one with a zero-width space beside it is a letter. */
static bool is_mark(uint8_t c)
{
    return c == '*' || c == '_' || c == '~' || c == '`';
}

void nta_notify_escape(struct nta_buf *out, enum nta_notify_channel channel, struct nta_span shown)
{
    const bool makes_links = channel != NTA_NOTIFY_JSON && !is_addr(shown);

    for (size_t i = 0; i < shown.len; i++) {
        const char *put = makes_links ? without_links(shown, i) : NULL;

        if (!put && channel == NTA_NOTIFY_SLACK)
            put = of_slack(shown.ptr[i]);
        if (put)
            nta_buf_puts(out, put);
        else
            nta_buf_put_u8(out, shown.ptr[i]);
        if (channel == NTA_NOTIFY_SLACK && is_mark(shown.ptr[i]))
            nta_buf_puts(out, "\u200b");
    }
}

void nta_notify_html(struct nta_buf *out, struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const char *put = of_slack(text.ptr[i]);

        if (text.ptr[i] == '"')
            put = "&quot;";
        else if (text.ptr[i] == '\'')
            put = "&#39;";
        if (put)
            nta_buf_puts(out, put);
        else
            nta_buf_put_u8(out, text.ptr[i]);
    }
}
