/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/ja4.h"

#include "base/scratch.h"
#include "proto/tls/sha256.h"

#include <string.h>

enum
{
    EXT_SERVER_NAME = 0,
    EXT_ALPN = 16,
    CODE_LEN = 5, /* "1301," */
    HASH_BYTES = 6,
};

static const char hex[] = "0123456789abcdef";

/* Insertion sort: the lists are short, and nearly sorted ones are common. */
static void sort_codes(struct nta_ja4_list *list)
{
    for (size_t i = 1; i < list->n; i++) {
        uint16_t code = list->codes[i];
        size_t at = i;

        for (; at > 0 && list->codes[at - 1] > code; at--)
            list->codes[at] = list->codes[at - 1];
        list->codes[at] = code;
    }
}

static char *put_hex8(char *out, uint8_t byte)
{
    *out++ = hex[byte >> 4];
    *out++ = hex[byte & 0xf];
    return out;
}

/* Two digits; everything above 99 is 99. */
static char *put_count(char *out, size_t n)
{
    n = n < 99 ? n : 99;
    *out++ = (char)('0' + n / 10);
    *out++ = (char)('0' + n % 10);
    return out;
}

static char *put_pair(char *out, const char *pair)
{
    *out++ = pair[0];
    *out++ = pair[1];
    return out;
}

static const char *version_text(uint16_t version)
{
    switch (version) {
    case 0x0304: return "13";
    case 0x0303: return "12";
    case 0x0302: return "11";
    case 0x0301: return "10";
    case 0x0300: return "s3";
    case 0x0002: return "s2";
    case 0xfeff: return "d1";
    case 0xfefd: return "d2";
    case 0xfefc: return "d3";
    default: return "00";
    }
}

static bool is_alnum(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* First and last character; of the value's hex digits if one of them is no letter or digit. */
static char *put_alpn(char *out, struct nta_span alpn)
{
    if (alpn.len == 0)
        return put_pair(out, "00");

    uint8_t first = alpn.ptr[0], last = alpn.ptr[alpn.len - 1];

    if (is_alnum(first) && is_alnum(last)) {
        *out++ = (char)first;
        *out++ = (char)last;
    } else {
        *out++ = hex[first >> 4];
        *out++ = hex[last & 0xf];
    }
    return out;
}

/*
 * "c02b,c02f" of the codes, without `left_out`; both zero-ended ways of the description leave SNI
 * and ALPN out.
 */
static char *put_codes(char *out, const struct nta_ja4_list *list, bool leave_out)
{
    const char *begin = out;

    for (size_t i = 0; i < list->n; i++) {
        uint16_t code = list->codes[i];

        if (leave_out && (code == EXT_SERVER_NAME || code == EXT_ALPN))
            continue;
        if (out != begin)
            *out++ = ',';
        out = put_hex8(out, (uint8_t)(code >> 8));
        out = put_hex8(out, (uint8_t)code);
    }
    return out;
}

/* The first 12 hex digits of the text's SHA-256; zeros for no text. */
static char *put_hash(char *out, const char *text, size_t len)
{
    uint8_t digest[NTA_SHA256_LEN] = {0};

    if (len > 0)
        nta_sha256(text, len, digest);
    for (size_t i = 0; i < HASH_BYTES; i++)
        out = put_hex8(out, digest[i]);
    return out;
}

static char *put_ciphers(char *out, const struct nta_ja4 *ja4)
{
    NTA_SCRATCH char text[NTA_JA4_LIST_MAX * CODE_LEN];
    const char *end = put_codes(text, &ja4->ciphers, false);

    return put_hash(out, text, (size_t)(end - text));
}

static char *put_extensions(char *out, const struct nta_ja4 *ja4)
{
    NTA_SCRATCH char text[2 * NTA_JA4_LIST_MAX * CODE_LEN];
    char *end = put_codes(text, &ja4->extensions, true);

    if (ja4->extensions.n > 0 && ja4->signatures.n > 0) {
        *end++ = '_';
        end = put_codes(end, &ja4->signatures, false);
    }
    return put_hash(out, text, (size_t)(end - text));
}

void nta_ja4_text(struct nta_ja4 *ja4, char ret_text[NTA_JA4_TEXT_SIZE])
{
    char *out = ret_text;

    *out = '\0';
    if (ja4->ciphers.n > NTA_JA4_LIST_MAX || ja4->extensions.n > NTA_JA4_LIST_MAX ||
        ja4->signatures.n > NTA_JA4_LIST_MAX)
        return;
    sort_codes(&ja4->ciphers);
    sort_codes(&ja4->extensions);
    *out++ = ja4->transport;
    out = put_pair(out, version_text(ja4->version));
    *out++ = ja4->has_name ? 'd' : 'i';
    out = put_count(out, ja4->ciphers.n);
    out = put_count(out, ja4->extensions.n);
    out = put_alpn(out, ja4->alpn);
    *out++ = '_';
    out = put_ciphers(out, ja4);
    *out++ = '_';
    out = put_extensions(out, ja4);
    *out = '\0';
}
