/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor.h"

#include <cbor.h>

enum
{
    SKIP_DEPTH = 16 ///< Records nest four deep; more is nobody's.
};

/* libcbor's decoder is stateless: one call reads one head (or one whole string) and tells it to a callback.  The
 * callbacks below put it into this, which makes the pull reader that we want. */
struct item
{
    enum
    {
        OTHER, ///< Tag, null, undefined, break, indefinite length: none of ours.
        UINT,
        NEGINT,
        BYTES,
        TEXT,
        ARRAY,
        MAP,
        DOUBLE,
        BOOL
    } type;

    uint64_t value; ///< Integer, count, or 0 and 1.
    double number;
    struct nta_span span;
};

static void on_uint8(void *item, uint8_t value)
{
    *(struct item *)item = (struct item){.type = UINT, .value = value};
}

static void on_uint16(void *item, uint16_t value)
{
    *(struct item *)item = (struct item){.type = UINT, .value = value};
}

static void on_uint32(void *item, uint32_t value)
{
    *(struct item *)item = (struct item){.type = UINT, .value = value};
}

static void on_uint64(void *item, uint64_t value)
{
    *(struct item *)item = (struct item){.type = UINT, .value = value};
}

static void on_negint8(void *item, uint8_t value)
{
    *(struct item *)item = (struct item){.type = NEGINT, .value = value};
}

static void on_negint16(void *item, uint16_t value)
{
    *(struct item *)item = (struct item){.type = NEGINT, .value = value};
}

static void on_negint32(void *item, uint32_t value)
{
    *(struct item *)item = (struct item){.type = NEGINT, .value = value};
}

static void on_negint64(void *item, uint64_t value)
{
    *(struct item *)item = (struct item){.type = NEGINT, .value = value};
}

static void on_bytes(void *item, cbor_data ptr, size_t len)
{
    *(struct item *)item = (struct item){.type = BYTES, .span = {.ptr = ptr, .len = len}};
}

static void on_text(void *item, cbor_data ptr, size_t len)
{
    *(struct item *)item = (struct item){.type = TEXT, .span = {.ptr = ptr, .len = len}};
}

static void on_array(void *item, size_t n_items)
{
    *(struct item *)item = (struct item){.type = ARRAY, .value = n_items};
}

static void on_map(void *item, size_t n_pairs)
{
    *(struct item *)item = (struct item){.type = MAP, .value = n_pairs};
}

static void on_float(void *item, float number)
{
    *(struct item *)item = (struct item){.type = DOUBLE, .number = (double)number};
}

static void on_double(void *item, double number)
{
    *(struct item *)item = (struct item){.type = DOUBLE, .number = number};
}

static void on_bool(void *item, bool value)
{
    *(struct item *)item = (struct item){.type = BOOL, .value = value};
}

static void on_other(void *item)
{
    *(struct item *)item = (struct item){.type = OTHER};
}

static void on_tag(void *item, uint64_t tag)
{
    (void)tag;
    on_other(item);
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = on_other,
    .byte_string = on_bytes,
    .string = on_text,
    .string_start = on_other,
    .indef_array_start = on_other,
    .array_start = on_array,
    .indef_map_start = on_other,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_other,
    .null = on_other,
    .boolean = on_bool,
    .indef_break = on_other,
};

static void fail(struct nta_reader *r)
{
    r->overrun = true;
    r->pos = r->end;
}

/** A head of one byte, with its string if it is one; false: not such a head, or not all of it there. */
static inline bool read_short(struct nta_reader *r, struct item *item)
{
    unsigned first = *r->pos, argument = first & 0x1f;

    if (argument >= 24)
        return false;
    if (first >> 5 == 0 || first >> 5 == 4 || first >> 5 == 5) {
        item->type = first >> 5 == 0 ? UINT : first >> 5 == 4 ? ARRAY : MAP;
        item->value = argument;
        r->pos++;
        return true;
    }
    if ((first >> 5 != 2 && first >> 5 != 3) || nta_reader_left(r) <= argument)
        return false;
    item->type = first >> 5 == 2 ? BYTES : TEXT;
    item->span = (struct nta_span){.ptr = r->pos + 1, .len = argument};
    r->pos += 1 + argument;
    return true;
}

/** Read one head or string.  False, with the reader failed, if there is none of ours. */
static bool next(struct nta_reader *r, struct item *item)
{
    if (r->overrun || r->pos == r->end) {
        fail(r);
        return false;
    }
    if (read_short(r, item)) /* nearly all of a record: half the time of decoding it */
        return true;
    struct cbor_decoder_result result =
        cbor_stream_decode(r->pos, nta_reader_left(r), &callbacks, item);

    if (result.status != CBOR_DECODER_FINISHED || item->type == OTHER) {
        fail(r);
        return false;
    }
    r->pos += result.read;
    return true;
}

uint64_t nta_cbor_get_uint(struct nta_reader *r)
{
    struct item item;

    if (next(r, &item) && item.type == UINT)
        return item.value;
    fail(r);
    return 0;
}

int64_t nta_cbor_get_int(struct nta_reader *r)
{
    struct item item;

    if (next(r, &item) && (item.type == UINT || item.type == NEGINT) && item.value <= INT64_MAX)
        return item.type == UINT ? (int64_t)item.value : -1 - (int64_t)item.value;
    fail(r);
    return 0;
}

struct nta_span nta_cbor_get_bytes(struct nta_reader *r)
{
    struct item item;

    if (next(r, &item) && item.type == BYTES)
        return item.span;
    fail(r);
    return (struct nta_span){0};
}

struct nta_span nta_cbor_get_text(struct nta_reader *r)
{
    struct item item;

    if (next(r, &item) && (item.type == BYTES || item.type == TEXT))
        return item.span;
    fail(r);
    return (struct nta_span){0};
}

bool nta_cbor_get_bool(struct nta_reader *r)
{
    struct item item;

    if (next(r, &item) && item.type == BOOL)
        return item.value;
    fail(r);
    return false;
}

double nta_cbor_get_double(struct nta_reader *r)
{
    struct item item;

    if (next(r, &item) && item.type == DOUBLE)
        return item.number;
    fail(r);
    return 0.0;
}

/** A count that the bytes left cannot hold (each item has one at least) is a lie. */
static uint64_t get_count(struct nta_reader *r, int type, uint64_t bytes_each)
{
    struct item item;

    if (next(r, &item) && (int)item.type == type && item.value <= nta_reader_left(r) / bytes_each)
        return item.value;
    fail(r);
    return 0;
}

uint64_t nta_cbor_get_array(struct nta_reader *r)
{
    return get_count(r, ARRAY, 1);
}

uint64_t nta_cbor_get_map(struct nta_reader *r)
{
    return get_count(r, MAP, 2);
}

void nta_cbor_skip(struct nta_reader *r)
{
    uint64_t left[SKIP_DEPTH] = {1};
    size_t depth = 0;

    while (nta_reader_ok(r)) {
        while (left[depth] == 0) {
            if (depth == 0)
                return;
            depth--;
        }
        left[depth]--;
        struct item item;

        if (!next(r, &item) || (item.type != ARRAY && item.type != MAP))
            continue;
        uint64_t bytes_each = item.type == MAP ? 2 : 1;

        if (depth + 1 == SKIP_DEPTH || item.value > nta_reader_left(r) / bytes_each) {
            fail(r);
            return;
        }
        left[++depth] = item.value * bytes_each;
    }
}
