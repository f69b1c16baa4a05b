/* SPDX-License-Identifier: Apache-2.0 */
#include "who/beside/flat.h"

#include "base/hex.h"

#include <string.h>

static void skip_space(struct nta_reader *r)
{
    for (struct nta_span rest = nta_reader_rest(r);
         rest.len > 0 && rest.ptr[0] && strchr(" \t\r\n", rest.ptr[0]); rest = nta_reader_rest(r))
        nta_reader_skip(r, 1);
}

/** The next byte that is no space, if it is this one, is taken. */
static bool take(struct nta_reader *r, uint8_t byte)
{
    skip_space(r);
    const struct nta_span rest = nta_reader_rest(r);

    if (rest.len == 0 || rest.ptr[0] != byte)
        return false;
    nta_reader_skip(r, 1);
    return true;
}

/** Up to the quote that ends it. */
static bool take_text(struct nta_reader *r, struct nta_span *ret_text)
{
    const struct nta_span rest = nta_reader_rest(r);
    size_t len = 0;

    while (len < rest.len && rest.ptr[len] != '"')
        len += rest.ptr[len] == '\\' ? 2 : 1;
    if (len >= rest.len)
        return false;
    *ret_text = nta_span_first(rest, len);
    nta_reader_skip(r, len + 1);
    return true;
}

/** A number or a word. */
static bool take_bare(struct nta_reader *r, struct nta_span *ret_value)
{
    const struct nta_span rest = nta_reader_rest(r);
    size_t len = 0;

    while (len < rest.len && rest.ptr[len] && !strchr(" \t\r\n,}{[]\":", rest.ptr[len]))
        len++;
    *ret_value = nta_span_first(rest, len);
    nta_reader_skip(r, len);
    return len > 0;
}

bool nta_flat_open(struct nta_reader *r)
{
    return take(r, '{');
}

bool nta_flat_member(struct nta_reader *r, struct nta_span *ret_name, struct nta_span *ret_value,
                     bool *ret_is_text, bool *ret_ok)
{
    *ret_ok = take(r, '}');
    if (*ret_ok) {
        skip_space(r);
        *ret_ok = nta_reader_left(r) == 0;
        return false;
    }
    (void)take(r, ','); /* one too many does no harm */
    if (!take(r, '"') || !take_text(r, ret_name) || !take(r, ':'))
        return false;
    *ret_is_text = take(r, '"');
    return *ret_is_text ? take_text(r, ret_value) : take_bare(r, ret_value);
}

/** A number as UTF-8. */
static size_t put_utf8(uint32_t code, uint8_t bytes[4])
{
    if (code < 0x80) {
        bytes[0] = (uint8_t)code;
        return 1;
    }
    const size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        bytes[i] = (uint8_t)(0x80 | (code & 0x3f));
    bytes[0] = (uint8_t)((0xf00U >> n) | code);
    return n;
}

/** The four digits behind \u. */
static bool take_unit(struct nta_reader *r, uint32_t *ret_unit)
{
    const uint8_t *digits = nta_reader_take(r, 4);
    uint8_t bytes[2];

    if (!digits || !nta_hex_parse((const char *)digits, 2, bytes))
        return false;
    *ret_unit = (uint32_t)bytes[0] << 8 | bytes[1];
    return true;
}

/** A character by its number, two halves where it needs them (RFC 8259 section 7). */
static bool take_code(struct nta_reader *r, uint8_t bytes[4], size_t *ret_n)
{
    uint32_t code, low;

    if (!take_unit(r, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00) {
        const uint8_t *mark = nta_reader_take(r, 2);

        if (!mark || mark[0] != '\\' || mark[1] != 'u' || !take_unit(r, &low) || low < 0xdc00 ||
            low > 0xdfff)
            return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
        return false;
    }
    *ret_n = put_utf8(code, bytes);
    return true;
}

/** What stands behind a backslash. */
static bool take_escape(struct nta_reader *r, uint8_t bytes[4], size_t *ret_n)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const uint8_t *escape = nta_reader_take(r, 1);

    if (!escape || *escape == '\0')
        return false;
    if (*escape == 'u')
        return take_code(r, bytes, ret_n);
    const char *found = strchr(from, *escape);

    if (!found)
        return false;
    bytes[0] = (uint8_t)to[found - from];
    *ret_n = 1;
    return true;
}

bool nta_flat_text(struct nta_span value, uint8_t *buf, size_t size, struct nta_span *ret_text)
{
    struct nta_reader r = nta_reader_of(value.ptr, value.len);
    size_t len = 0;

    while (nta_reader_left(&r) > 0) {
        uint8_t bytes[4] = {*nta_reader_take(&r, 1)};
        size_t n = 1;

        if (bytes[0] == '\\' && !take_escape(&r, bytes, &n))
            return false;
        if (len + n > size)
            return false;
        memcpy(buf + len, bytes, n);
        len += n;
    }
    *ret_text = (struct nta_span){buf, len};
    return true;
}
