/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor/cbor.h"

#include "base/text.h"

#include <endian.h>
#include <math.h>
#include <string.h>

enum
{
    HEAD_SIZE = 9 ///< The longest head: initial byte and a 64-bit argument.
};

/** Space for a head and `len` bytes behind it, or NULL. */
static inline uint8_t *space_for(struct nta_buf *out, size_t len)
{
    if (__builtin_expect(!out->failed && len <= SIZE_MAX - HEAD_SIZE &&
                             out->size - out->len >= len + HEAD_SIZE,
                         1))
        return out->ptr + out->len;
    if (len > SIZE_MAX - HEAD_SIZE) {
        out->failed = true;
        return NULL;
    }
    return nta_buf_reserve(out, len + HEAD_SIZE);
}

/** First bytes of flags and of the three forms of a fraction (section 3.3). */
enum
{
    FALSE = 0xf4,
    TRUE = 0xf5,
    HALF = 0xf9,
    SINGLE = 0xfa,
    DOUBLE = 0xfb
};

/**
 * Initial byte and argument, in the shortest form; there is space for the longest.  Without a call:
 * half a record's time.
 */
static inline size_t put_head(uint8_t *buf, enum nta_cbor_major major, uint64_t value)
{
    if (value < 24) {
        buf[0] = (uint8_t)((unsigned)major << 5 | (unsigned)value);
        return 1;
    }
    /* 24 to 27 say that 1, 2, 4 or 8 bytes follow */
    unsigned power = value > UINT32_MAX ? 3 : value > UINT16_MAX ? 2 : value > UINT8_MAX;
    unsigned n_bytes = 1U << power;
    uint64_t argument = htobe64(value << (64 - 8 * n_bytes));

    buf[0] = (uint8_t)((unsigned)major << 5 | (24 + power));
    memcpy(buf + 1, &argument, sizeof(argument));
    return 1 + n_bytes;
}

void nta_cbor_put_uint(struct nta_buf *out, uint64_t value)
{
    uint8_t *buf = space_for(out, 0);

    if (buf)
        out->len += put_head(buf, NTA_CBOR_UINT, value);
}

void nta_cbor_put_int(struct nta_buf *out, int64_t value)
{
    uint8_t *buf = space_for(out, 0);

    if (!buf)
        return;
    /* RFC 8949 section 3.1: a negative n is stored as -1 - n, which is ~n in two's complement */
    out->len += value < 0 ? put_head(buf, NTA_CBOR_NEGINT, ~(uint64_t)value)
                          : put_head(buf, NTA_CBOR_UINT, (uint64_t)value);
}

void nta_cbor_put_bytes(struct nta_buf *out, struct nta_span bytes)
{
    uint8_t *buf = space_for(out, bytes.len);

    if (!buf)
        return;
    size_t head = put_head(buf, NTA_CBOR_BYTES, bytes.len);

    if (bytes.len)
        memcpy(buf + head, bytes.ptr, bytes.len);
    out->len += head + bytes.len;
}

static bool is_utf8(const uint8_t *ptr, size_t len)
{
    size_t at = 0;

    while (at < len) {
        uint64_t word;

        if (len - at >= sizeof(word)) {
            memcpy(&word, ptr + at, sizeof(word));
            if (!(word & UINT64_C(0x8080808080808080))) {
                at += sizeof(word);
                continue;
            }
        }
        size_t n = nta_text_utf8_len(ptr + at, len - at);

        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

void nta_cbor_put_text(struct nta_buf *out, struct nta_span text)
{
    uint8_t *buf = space_for(out, text.len);

    if (!buf)
        return;
    bool is_text = is_utf8(text.ptr, text.len);
    size_t head = put_head(buf, is_text ? NTA_CBOR_TEXT : NTA_CBOR_BYTES, text.len);

    if (text.len)
        memcpy(buf + head, text.ptr, text.len);
    out->len += head + text.len;
}

void nta_cbor_put_bool(struct nta_buf *out, bool value)
{
    uint8_t *buf = space_for(out, 0);

    if (!buf)
        return;
    buf[0] = value ? TRUE : FALSE;
    out->len++;
}

/** True if binary16 holds this finite number exactly. */
static bool fits_half(double value)
{
    double size = fabs(value);

    /* subnormal: a multiple of 2^-24 below 2^-14; normal: 11 significant bits, at most 65504 */
    if (size < 0x1p-14)
        return rint(size * 0x1p24) == size * 0x1p24;
    int exponent;
    double mantissa = frexp(size, &exponent) * 0x1p11;

    return size <= 65504.0 && rint(mantissa) == mantissa;
}

/** Of a value that fits, or an infinity (IEEE 754 binary16: sign, 5 bits of exponent, 10). */
static uint16_t half_of(double value)
{
    const unsigned sign = signbit(value) ? 0x8000 : 0;
    const double size = fabs(value);
    int exponent;

    if (isinf(value))
        return (uint16_t)(sign | 0x7c00);
    if (size < 0x1p-14) /* subnormal, or zero */
        return (uint16_t)(sign | (unsigned)(size * 0x1p24));
    const unsigned mantissa =
        (unsigned)(frexp(size, &exponent) * 0x1p11); /* 11 bits, the first 1 */

    return (uint16_t)(sign | ((unsigned)(exponent + 14) << 10) | (mantissa & 0x3ff));
}

/** The first byte, and the last `n_bytes` of these bits. */
static void put_fraction(struct nta_buf *out, uint8_t first, uint64_t bits, unsigned n_bytes)
{
    const uint64_t argument = htobe64(bits << (64 - 8 * n_bytes));
    uint8_t *buf = space_for(out, 0);

    if (!buf)
        return;
    buf[0] = first;
    memcpy(buf + 1, &argument, sizeof(argument));
    out->len += 1 + n_bytes;
}

/** RFC 8949 section 4.2.1: the shortest of the three forms that keeps the value; one NaN. */
void nta_cbor_put_double(struct nta_buf *out, double value)
{
    const float single = fabs(value) <= (double)3.402823466e38F ? (float)value : 0.0F;
    uint32_t bits = 0;
    uint64_t long_bits;

    memcpy(&bits, &single, sizeof(bits));
    memcpy(&long_bits, &value, sizeof(long_bits));
    if (isnan(value))
        put_fraction(out, HALF, 0x7e00, 2);
    else if (isinf(value) || fits_half(value))
        put_fraction(out, HALF, half_of(value), 2);
    else if ((double)single == value)
        put_fraction(out, SINGLE, bits, sizeof(bits));
    else
        put_fraction(out, DOUBLE, long_bits, sizeof(long_bits));
}

void nta_cbor_put_array(struct nta_buf *out, uint64_t n_items)
{
    uint8_t *buf = space_for(out, 0);

    if (buf)
        out->len += put_head(buf, NTA_CBOR_ARRAY, n_items);
}

void nta_cbor_put_map(struct nta_buf *out, uint64_t n_pairs)
{
    uint8_t *buf = space_for(out, 0);

    if (buf)
        out->len += put_head(buf, NTA_CBOR_MAP, n_pairs);
}

void nta_cbor_map_widen(const struct nta_cbor_map *map)
{
    struct nta_buf *out = map->out;
    uint8_t head[HEAD_SIZE + 1];
    size_t more = put_head(head, NTA_CBOR_MAP, map->n) - 1; /* one byte was written for none */

    if (!nta_buf_reserve(out, more))
        return;
    uint8_t *at = out->ptr + map->head;

    memmove(at + 1 + more, at + 1, out->len - map->head - 1);
    memcpy(at, head, 1 + more);
    out->len += more;
}
