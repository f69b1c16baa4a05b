/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/hpack.h"

#include "base/own.h"
#include "base/scratch.h"

enum
{
    CODE_BITS_MAX = 15,     /* longer ones are no characters of a URL */
    INTEGER_SHIFT_MAX = 21, /* no length of a text needs more */
    NAME_MAX_LEN = 48,      /* longer than those that are wanted */
    VALUE_MAX_LEN = 320,    /* of a field that says where the request came from */

    /* RFC 7541 appendix A */
    NAME_AUTHORITY = 1,
    NAME_METHOD = 2,
    METHOD_POST = 3,
    NAME_PATH = 4,
    PATH_INDEX = 5,
    NAME_HOST = 38,
    NAME_MAX_FORWARDS = 47,
    NAME_USER_AGENT = 58,
    NAME_VIA = 60,
};

/*
 * Characters by the bits of their codes (RFC 7541 appendix B).  Codes of a length follow each
 * other, and the first of a length the last of the one before, with a zero for each bit more.
 */
#define CODES(literal)                                                                             \
    {                                                                                              \
        .characters = (literal), .n = sizeof(literal) - 1                                          \
    }

static const struct
{
    const char *characters;
    uint32_t n;
} codes[CODE_BITS_MAX + 1] = {
    [5] = CODES("012aceiost"),
    [6] = CODES(" %-./3456789=A_bdfghlmnpru"),
    [7] = CODES(":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
    [8] = CODES("&*,;XZ"),
    [10] = CODES("!\"()?"),
    [11] = CODES("'+|"),
    [12] = CODES("#>"),
    [13] = CODES("\0$@[]~"),
    [14] = CODES("^}"),
    [15] = CODES("<`{"),
};

#undef CODES

/* The next character; 0: there is none that a URL may have. */
static char next_character(struct nta_span packed, size_t *at_bit)
{
    uint32_t code = 0, first = 0;

    for (size_t bits = 1; bits <= CODE_BITS_MAX && *at_bit < packed.len * 8; bits++) {
        const uint32_t byte = packed.ptr[*at_bit / 8];

        code = code << 1 | (byte >> (7 - *at_bit % 8) & 1);
        ++*at_bit;
        if (code - first < codes[bits].n)
            return codes[bits].characters[code - first];
        first = (first + codes[bits].n) << 1;
    }
    return 0;
}

/*
 * Section 5.2: it is padded with ones, fewer than a code of a character could have.  False: there
 * was no space for all, or it is no such text.
 */
static bool unpack(struct nta_span packed, uint8_t *space, size_t size, size_t *ret_len)
{
    size_t at_bit = 0, end_bit = 0, len = 0;
    char c;

    while (len < size && (c = next_character(packed, &at_bit)) != 0) {
        space[len++] = (uint8_t)c;
        end_bit = at_bit;
    }
    *ret_len = len;
    return 8 * packed.len - end_bit < 8;
}

/* Section 5.1: the lowest `bits` of a byte, and if all are ones, more of them behind it. */
static uint32_t read_integer(struct nta_reader *r, uint8_t byte, unsigned bits)
{
    const uint32_t most = (1U << bits) - 1;
    uint32_t value = byte & most;

    if (value < most)
        return value;
    for (unsigned shift = 0; shift <= INTEGER_SHIFT_MAX; shift += 7) {
        const uint8_t more = nta_read_u8(r);

        value += (more & 0x7fU) << shift;
        if (!(more & 0x80))
            return value;
    }
    nta_reader_fail(r);
    return 0;
}

/* As it is on the wire; `ret_is_packed`. */
static struct nta_span read_text(struct nta_reader *r, bool *ret_is_packed)
{
    const uint8_t head = nta_read_u8(r);

    *ret_is_packed = (head & 0x80) != 0;
    return nta_read_span(r, read_integer(r, head, 7));
}

static struct nta_span *wanted_of(struct nta_hpack_request *request, uint32_t name)
{
    switch (name) {
    case NAME_AUTHORITY: return &request->authority;
    case NAME_METHOD:
    case METHOD_POST: return &request->method;
    case NAME_PATH:
    case PATH_INDEX: return &request->path;
    case NAME_HOST: return &request->host;
    default: return NULL;
    }
}

/* A field that is all in the static table. */
static void take_indexed(struct nta_hpack_request *request, uint32_t index)
{
    switch (index) {
    case NAME_METHOD: request->method = nta_span_of("GET"); break;
    case METHOD_POST: request->method = nta_span_of("POST"); break;
    case NAME_PATH: request->path = nta_span_of("/"); break;
    case PATH_INDEX: request->path = nta_span_of("/index.html"); break;
    default: break;
    }
}

static const struct
{
    const char *text;
    uint32_t index;
} names[] = {{":authority", NAME_AUTHORITY},
             {":method", NAME_METHOD},
             {":path", NAME_PATH},
             {"host", NAME_HOST},
             {"user-agent", NAME_USER_AGENT},
             {"via", NAME_VIA},
             {"max-forwards", NAME_MAX_FORWARDS}};

static uint32_t index_of(struct nta_span name)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        if (nta_span_is(name, names[i].text))
            return names[i].index;
    }
    return 0;
}

static struct nta_span name_of(uint32_t index)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        if (names[i].index == index)
            return nta_span_of(names[i].text);
    }
    return (struct nta_span){0};
}

/* The name of a field, in `space` if it was packed; one that is longer than all wanted is none. */
static struct nta_span read_name(struct nta_reader *r, uint8_t space[NAME_MAX_LEN])
{
    bool is_packed;
    const struct nta_span name = read_text(r, &is_packed);
    size_t len;

    if (!is_packed)
        return name;
    return unpack(name, space, NAME_MAX_LEN, &len) ? (struct nta_span){space, len}
                                                   : (struct nta_span){0};
}

/* A field that says where the request came from. */
static void take_origin(struct nta_hpack_request *request, struct nta_span name,
                        struct nta_span value, bool is_packed)
{
    NTA_SCRATCH uint8_t space[VALUE_MAX_LEN];
    size_t len;

    if (name.len == 0)
        return;
    if (is_packed) {
        (void)unpack(value, space, sizeof(space), &len);
        value = (struct nta_span){space, len};
    }
    nta_http_origin_take(&request->origin, name, value);
}

/* A value that is wanted, unpacked, if it is the first of its field. */
static void take_value(struct nta_hpack_request *request, struct nta_span *wanted,
                       struct nta_span value, bool is_packed)
{
    const bool is_name = wanted == &request->authority || wanted == &request->host;
    uint8_t *space =
        is_name ? request->names[wanted == &request->host] : request->buf + request->n_used;
    const size_t size = is_name ? NTA_HPACK_NAME_SIZE : NTA_HPACK_BUF_SIZE - request->n_used;
    size_t len;

    if (wanted->len > 0)
        return;
    if (!is_packed) {
        *wanted = value;
        return;
    }
    const bool is_whole = unpack(value, space, size, &len);

    request->is_cut |= !is_whole;
    if (is_name && !is_whole)
        return; /* a part of it would be somebody else's */
    request->n_used += is_name ? 0 : len;
    *wanted = (struct nta_span){space, len};
}

/* A field with its value, and its name, unless the table has it. */
static void take_literal(struct nta_reader *r, struct nta_hpack_request *request, uint32_t index)
{
    NTA_SCRATCH uint8_t space[NAME_MAX_LEN];
    const struct nta_span name = index == 0 ? read_name(r, space) : name_of(index);
    struct nta_span *wanted = wanted_of(request, index == 0 ? index_of(name) : index);
    bool is_packed;
    const struct nta_span value = read_text(r, &is_packed);

    if (!nta_reader_ok(r))
        return;
    if (wanted)
        take_value(request, wanted, value, is_packed);
    else
        take_origin(request, name, value, is_packed);
}

void nta_hpack_read(struct nta_span block, struct nta_hpack_request *ret_request)
{
    struct nta_hpack_request *request = ret_request;
    struct nta_reader r = nta_reader_of(block.ptr, block.len);

    request->method = request->authority = request->path = request->host = (struct nta_span){0};
    request->origin = (struct nta_http_origin){0};
    request->n_used = 0;
    request->is_cut = false;
    while (nta_reader_left(&r) > 0) { /* section 6 */
        const uint8_t byte = nta_read_u8(&r);

        if (byte & 0x80)
            take_indexed(request, read_integer(&r, byte, 7));
        else if (byte & 0x40)
            take_literal(&r, request, read_integer(&r, byte, 6));
        else if (byte & 0x20)
            (void)read_integer(&r, byte, 5); /* the table's size */
        else
            take_literal(&r, request, read_integer(&r, byte, 4));
    }
}
