/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor/cbor_get.h"

#include <endian.h>
#include <math.h>
#include <string.h>

static void fail(struct nta_reader *r)
{
    r->overrun = true;
    r->pos = r->end;
}

/**
 * The argument of 1, 2, 4 or 8 bytes behind the head's first: its length, 0 if it is not all there
 * or indefinite.
 */
static inline size_t long_argument(const struct nta_reader *r, unsigned argument,
                                   uint64_t *ret_value)
{
    const uint8_t *pos = r->pos + 1;
    size_t left = nta_reader_left(r) - 1;
    uint16_t two;
    uint32_t four;

    if (argument == 24 && left >= 1) {
        *ret_value = *pos;
        return 1;
    }
    if (argument == 25 && left >= sizeof(two)) {
        memcpy(&two, pos, sizeof(two));
        *ret_value = be16toh(two);
        return sizeof(two);
    }
    if (argument == 26 && left >= sizeof(four)) {
        memcpy(&four, pos, sizeof(four));
        *ret_value = be32toh(four);
        return sizeof(four);
    }
    if (argument == 27 && left >= sizeof(*ret_value)) {
        memcpy(ret_value, pos, sizeof(*ret_value));
        *ret_value = be64toh(*ret_value);
        return sizeof(*ret_value);
    }
    return 0;
}

/** Take a head with its argument; of a string only the head.  NTA_CBOR_OTHER takes nothing. */
static inline enum nta_cbor_major take_head(struct nta_reader *r, uint64_t *ret_value)
{
    *ret_value = 0;
    if (__builtin_expect(r->pos == r->end, 0))
        return NTA_CBOR_OTHER;
    unsigned first = *r->pos, argument = first & 0x1f;
    size_t n = 0;

    *ret_value = argument;
    if (first >> 5 >= NTA_CBOR_OTHER)
        return NTA_CBOR_OTHER;
    if (argument >= 24) {
        n = long_argument(r, argument, ret_value);
        if (n == 0)
            return NTA_CBOR_OTHER;
    }
    r->pos += 1 + n;
    return (enum nta_cbor_major)(first >> 5);
}

uint64_t nta_cbor_any_uint(struct nta_reader *r)
{
    uint64_t value;

    if (take_head(r, &value) == NTA_CBOR_UINT)
        return value;
    fail(r);
    return 0;
}

int64_t nta_cbor_get_int(struct nta_reader *r)
{
    uint64_t value;
    enum nta_cbor_major major = take_head(r, &value);

    if ((major == NTA_CBOR_UINT || major == NTA_CBOR_NEGINT) && value <= INT64_MAX)
        return major == NTA_CBOR_UINT ? (int64_t)value : -1 - (int64_t)value;
    fail(r);
    return 0;
}

static struct nta_span take_string(struct nta_reader *r, bool or_text)
{
    uint64_t len;
    enum nta_cbor_major major = take_head(r, &len);

    if ((major == NTA_CBOR_BYTES || (or_text && major == NTA_CBOR_TEXT)) &&
        len <= nta_reader_left(r)) {
        struct nta_span span = {.ptr = r->pos, .len = (size_t)len};

        r->pos += len;
        return span;
    }
    fail(r);
    return (struct nta_span){0};
}

struct nta_span nta_cbor_any_bytes(struct nta_reader *r)
{
    return take_string(r, false);
}

struct nta_span nta_cbor_any_text(struct nta_reader *r)
{
    return take_string(r, true);
}

/** A count that the bytes left cannot hold (each item has one at least) is a lie. */
static uint64_t take_count(struct nta_reader *r, enum nta_cbor_major wanted, uint64_t bytes_each)
{
    uint64_t n;

    if (take_head(r, &n) == wanted && n <= nta_reader_left(r) / bytes_each)
        return n;
    fail(r);
    return 0;
}

uint64_t nta_cbor_get_array(struct nta_reader *r)
{
    return take_count(r, NTA_CBOR_ARRAY, 1);
}

uint64_t nta_cbor_get_map(struct nta_reader *r)
{
    return take_count(r, NTA_CBOR_MAP, 2);
}

/* ---- flags and fractions ---- */

/** What an item of major type 7 says. */
struct item
{
    bool is_bool, is_number;
    double number; ///< Or 0 and 1.
};

/** IEEE 754 binary16 (RFC 8949 appendix D): a sign, 5 bits of exponent, 10 of the mantissa. */
static double of_half(uint16_t half)
{
    const int exponent = half >> 10 & 0x1f, mantissa = half & 0x3ff;
    double size = exponent == 0     ? ldexp(mantissa, -24)
                  : exponent < 0x1f ? ldexp(mantissa + 1024, exponent - 25)
                  : mantissa == 0   ? (double)INFINITY
                                    : (double)NAN;

    return half & 0x8000 ? -size : size;
}

static double of_single(uint32_t bits)
{
    float single;

    memcpy(&single, &bits, sizeof(single));
    return (double)single;
}

static double of_double(uint64_t bits)
{
    double number;

    memcpy(&number, &bits, sizeof(number));
    return number;
}

/** Take a flag or a fraction; anything else leaves the item empty and the reader failed. */
static struct item take_simple(struct nta_reader *r)
{
    struct item item = {0};
    const uint8_t first = nta_read_u8(r);

    switch (first) {
    case 0xf4:
    case 0xf5: item = (struct item){.is_bool = true, .number = first & 1}; break;
    case 0xf9: item = (struct item){.is_number = true, .number = of_half(nta_read_be16(r))}; break;
    case 0xfa:
        item = (struct item){.is_number = true, .number = of_single(nta_read_be32(r))};
        break;
    case 0xfb:
        item = (struct item){.is_number = true, .number = of_double(nta_read_be64(r))};
        break;
    default: fail(r);
    }
    return nta_reader_ok(r) ? item : (struct item){0};
}

bool nta_cbor_get_bool(struct nta_reader *r)
{
    struct item item = take_simple(r);

    if (item.is_bool)
        return item.number != 0;
    fail(r);
    return false;
}

double nta_cbor_get_double(struct nta_reader *r)
{
    struct item item = take_simple(r);

    if (item.is_number)
        return item.number;
    fail(r);
    return 0;
}

/* ---- passing over ---- */

/** Pass over one head or string, and give how many items it holds. */
static inline uint64_t skip_one(struct nta_reader *r)
{
    uint64_t value;

    switch (take_head(r, &value)) {
    case NTA_CBOR_UINT:
    case NTA_CBOR_NEGINT: return 0;
    case NTA_CBOR_BYTES:
    case NTA_CBOR_TEXT:
        if (value > nta_reader_left(r))
            fail(r);
        else
            r->pos += value;
        return 0;
    case NTA_CBOR_ARRAY: return value;
    case NTA_CBOR_MAP: return value <= UINT64_MAX / 2 ? 2 * value : UINT64_MAX;
    case NTA_CBOR_OTHER: (void)take_simple(r); return 0;
    }
    return 0;
}

/*
 * Lengths are definite, so what is left to pass over is a count.  Each item takes a byte at least,
 * which bounds it, however deep they nest.
 */
void nta_cbor_skip(struct nta_reader *r)
{
    uint64_t left = 1;

    while (left > 0 && nta_reader_ok(r)) {
        uint64_t more = skip_one(r);

        left--;
        if (more > nta_reader_left(r) || left + more > nta_reader_left(r)) {
            fail(r);
            return;
        }
        left += more;
    }
}
