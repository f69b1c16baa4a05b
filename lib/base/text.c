/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include "base/own.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

size_t nta_text_utf8_len(const unsigned char *ptr, size_t len)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = ptr[0] < 0x80 ? 1 : ptr[0] < 0xc2 ? 0 : ptr[0] < 0xe0 ? 2 : ptr[0] < 0xf0 ? 3 : 4;
    uint32_t code;

    if (n <= 1)
        return n;
    if (ptr[0] > 0xf4 || n > len)
        return 0;
    code = ptr[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        if ((ptr[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (ptr[i] & 0x3f);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return n;
}

static uint32_t code_point(const unsigned char *ptr, size_t n)
{
    uint32_t code = n == 1 ? ptr[0] : ptr[0] & (0x7fU >> n);

    for (size_t i = 1; i < n; i++)
        code = code << 6 | (ptr[i] & 0x3f);
    return code;
}

/**
 * What is not seen, or moves what is: controls, and what Unicode says to ignore where it is not
 * known (Default_Ignorable_Code_Point), with a blank that is no space.  In order.
 */
static const struct
{
    uint32_t first, last;
} unseen[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/** True for a code point that shows as itself and moves nothing else. */
static bool is_plain(uint32_t code)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(unseen) && code >= unseen[i].first; i++)
        if (code <= unseen[i].last)
            return false;
    return (code & 0xfffe) != 0xfffe;
}

/**
 * Write the shown form of the first character into `out`; gives its length there, and what it took.
 */
static size_t show_one(const unsigned char *ptr, size_t len, char out[16], size_t *ret_taken)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = nta_text_utf8_len(ptr, len);
    size_t n_out = 0;

    *ret_taken = n ? n : 1;
    if (n == 1 && ptr[0] == '\\') {
        memcpy(out, "\\\\", 2);
        return 2;
    }
    if (n && is_plain(code_point(ptr, n))) {
        memcpy(out, ptr, n);
        return n;
    }
    for (size_t i = 0; i < *ret_taken; i++) {
        out[n_out++] = '\\';
        out[n_out++] = 'x';
        out[n_out++] = digits[ptr[i] >> 4];
        out[n_out++] = digits[ptr[i] & 15];
    }
    return n_out;
}

/**
 * Length of the run at `ptr` that is shown as it is: printable ASCII but the backslash and two
 * quotes.
 */
static size_t plain_run(const unsigned char *ptr, size_t len)
{
    size_t n = 0;

    while (n < len && ptr[n] >= 0x20 && ptr[n] < 0x7f && ptr[n] != '\\' && ptr[n] != '"')
        n++;
    return n;
}

/**
 * Append the shown form; `quote` is put in front of each double quote and each backslash, 0 for
 * nothing.
 */
static void escape_quoted(struct nta_buf *out, struct nta_span text, char quote)
{
    for (size_t at = 0; at < text.len;) {
        size_t run = plain_run(text.ptr + at, text.len - at);
        size_t taken;
        char shown[16];

        nta_buf_put(out, text.ptr + at, run);
        at += run;
        if (at == text.len)
            break;
        size_t n = show_one(text.ptr + at, text.len - at, shown, &taken);

        for (size_t i = 0; i < n; i++) {
            if (quote && (shown[i] == '"' || (quote == '\\' && shown[i] == '\\')))
                nta_buf_put_u8(out, (uint8_t)quote);
            nta_buf_put_u8(out, (uint8_t)shown[i]);
        }
        at += taken;
    }
}

void nta_text_escape(struct nta_buf *out, struct nta_span text)
{
    escape_quoted(out, text, 0);
}

const char *nta_text_escape_to(char *buf, size_t size, struct nta_span text)
{
    size_t len = 0;

    for (size_t at = 0; at < text.len;) {
        size_t taken;
        char shown[16];
        size_t n = show_one(text.ptr + at, text.len - at, shown, &taken);

        if (len + n >= size)
            break;
        memcpy(buf + len, shown, n);
        len += n;
        at += taken;
    }
    if (size)
        buf[len] = '\0';
    return buf;
}

/** Length of the first escape or character of a text in shown form. */
static size_t shown_unit(struct nta_span shown, size_t at)
{
    size_t left = shown.len - at, n;

    if (shown.ptr[at] == '\\' && left > 1)
        n = shown.ptr[at + 1] == 'x' ? 4 : 2;
    else
        n = nta_text_utf8_len(shown.ptr + at, left);
    return n == 0 ? 1 : n < left ? n : left;
}

void nta_text_copy(char *buf, size_t size, struct nta_span text)
{
    size_t len = text.len < size - 1 ? text.len : size - 1;

    if (len)
        memcpy(buf, text.ptr, len);
    buf[len] = '\0';
}

size_t nta_text_cut(struct nta_span shown, size_t max)
{
    size_t at = 0;

    while (at < shown.len) {
        size_t n = shown_unit(shown, at);

        if (n > max - at)
            break;
        at += n;
    }
    return at;
}

const char *nta_text_guard_to(char *buf, size_t size, struct nta_span shown)
{
    size_t len = 0, at = 0, taken;

    while (at < shown.len) {
        char unit[16] = {'\\'};
        size_t n = taken = 1;

        if (shown.ptr[at] != '\\') /* of an escape that is there already */
            n = show_one(shown.ptr + at, shown.len - at, unit, &taken);
        if (len + n >= size)
            break;
        memcpy(buf + len, unit, n);
        len += n;
        at += taken;
    }
    if (at < shown.len) {
        len = nta_text_cut((struct nta_span){(const uint8_t *)buf, len}, size - sizeof("..."));
        memcpy(buf + len, "...", 3);
        len += 3;
    }
    buf[len] = '\0';
    return buf;
}

size_t nta_text_vprintf_to(char *buf, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(buf, size, format, args);
    size_t len = n < 0 ? 0 : (size_t)n;

    if (len < size)
        return len;
    len = nta_text_cut((struct nta_span){(const uint8_t *)buf, size - 1}, size - sizeof("..."));
    memcpy(buf + len, "...", sizeof("..."));
    return len + strlen("...");
}

void nta_text_json_shown(struct nta_buf *out, struct nta_span shown)
{
    nta_buf_put_u8(out, '"');
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.ptr[i] == '"' || shown.ptr[i] == '\\')
            nta_buf_put_u8(out, '\\');
        nta_buf_put_u8(out, shown.ptr[i]);
    }
    nta_buf_put_u8(out, '"');
}

void nta_text_json(struct nta_buf *out, struct nta_span text)
{
    nta_buf_put_u8(out, '"');
    escape_quoted(out, text, '\\');
    nta_buf_put_u8(out, '"');
}

void nta_text_csv(struct nta_buf *out, struct nta_span text)
{
    nta_buf_put_u8(out, '"');
    if (text.len && memchr("=+-@\t\r", text.ptr[0], 6))
        nta_buf_put_u8(out, '\'');
    escape_quoted(out, text, '"');
    nta_buf_put_u8(out, '"');
}

void nta_text_thousands(struct nta_buf *out, uint64_t number)
{
    uint64_t unit = 1;

    while (number / unit >= 1000)
        unit *= 1000;
    nta_buf_printf(out, "%" PRIu64, number / unit);
    for (unit /= 1000; unit > 0; unit /= 1000)
        nta_buf_printf(out, ",%03u", (unsigned)(number / unit % 1000));
}
