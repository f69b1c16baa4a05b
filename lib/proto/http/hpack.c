/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/hpack.h"

#include "base/own.h"
#include "base/scratch.h"

enum
{
    CODE_BITS_MAX = 30,
    INTEGER_SHIFT_MAX = 21, /* no length of a text needs more */
    NAME_MAX_LEN = 48,      /* longer than those that are wanted */
    VALUE_MAX_LEN = 320,    /* of a field that says where the request came from */
    ORIGINS_MAX = 128,      /* of them; a reference to one is a byte */
    ENTRY_OVERHEAD = 32,    /* section 4.1 */

    /* RFC 7541 appendix A */
    NAME_AUTHORITY = 1,
    NAME_METHOD = 2,
    METHOD_POST = 3,
    NAME_PATH = 4,
    PATH_INDEX = 5,
    NAME_HOST = 38,
    N_STATIC = 61,
};

/*
 * Characters by the bits of their codes (RFC 7541 appendix B).  Codes of a length follow each
 * other, and the first of a length the last of the one before, with a zero for each bit more.  Long
 * ones are no characters of a URL, and only counted.
 */
#define CODES(literal)                                                                             \
    {                                                                                              \
        .characters = (literal), .n = sizeof(literal) - 1                                          \
    }
#define OTHERS(count)                                                                              \
    {                                                                                              \
        .n = (count)                                                                               \
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
    [19] = OTHERS(3),
    [20] = OTHERS(8),
    [21] = OTHERS(13),
    [22] = OTHERS(26),
    [23] = OTHERS(29),
    [24] = OTHERS(12),
    [25] = OTHERS(4),
    [26] = OTHERS(15),
    [27] = OTHERS(19),
    [28] = OTHERS(29),
    [30] = OTHERS(3), /* behind them: the end, which no text may have */
};

#undef CODES
#undef OTHERS

/* False: there is none more.  `ret_character` 0: it is one that no URL may have. */
static bool next_character(struct nta_span packed, size_t *at_bit, char *ret_character)
{
    uint32_t code = 0, first = 0;

    for (size_t bits = 1; bits <= CODE_BITS_MAX && *at_bit < packed.len * 8; bits++) {
        const uint32_t byte = packed.ptr[*at_bit / 8];

        code = code << 1 | (byte >> (7 - *at_bit % 8) & 1);
        ++*at_bit;
        if (code - first < codes[bits].n) {
            *ret_character = codes[bits].characters ? codes[bits].characters[code - first] : '\0';
            return true;
        }
        first = (first + codes[bits].n) << 1;
    }
    return false;
}

/* A text as it is on the wire, and as it is read. */
struct text
{
    struct nta_span wire;
    bool is_packed, is_lent; ///< Lent: it goes before the request does.
    struct nta_span
        bytes;     ///< Up to the first character that no URL may have, or there is no space.
    size_t len;    ///< Of all of it.
    bool is_whole; ///< All of it is in `bytes`, and it is such a text.
};

/* Section 5.2: it is padded with ones, fewer than a code of a character could have. */
static void unpack(struct text *text, uint8_t *space, size_t size)
{
    size_t at_bit = 0, end_bit = 0;
    char c;

    if (!text->is_packed) {
        text->bytes = text->wire;
        text->len = text->wire.len;
        text->is_whole = true;
        return;
    }
    text->bytes = (struct nta_span){.ptr = space};
    for (text->len = 0; next_character(text->wire, &at_bit, &c); text->len++) {
        end_bit = at_bit;
        if (c != 0 && text->bytes.len == text->len && text->len < size)
            space[text->bytes.len++] = (uint8_t)c;
    }
    text->is_whole = text->bytes.len == text->len && 8 * text->wire.len - end_bit < 8;
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

static struct text read_text(struct nta_reader *r)
{
    const uint8_t head = nta_read_u8(r);

    return (struct text){.is_packed = (head & 0x80) != 0,
                         .wire = nta_read_span(r, read_integer(r, head, 7))};
}

/* RFC 7541 appendix A; the first has no place. */
static const char *const names[N_STATIC + 1] = {"",
                                                ":authority",
                                                ":method",
                                                ":method",
                                                ":path",
                                                ":path",
                                                ":scheme",
                                                ":scheme",
                                                ":status",
                                                ":status",
                                                ":status",
                                                ":status",
                                                ":status",
                                                ":status",
                                                ":status",
                                                "accept-charset",
                                                "accept-encoding",
                                                "accept-language",
                                                "accept-ranges",
                                                "accept",
                                                "access-control-allow-origin",
                                                "age",
                                                "allow",
                                                "authorization",
                                                "cache-control",
                                                "content-disposition",
                                                "content-encoding",
                                                "content-language",
                                                "content-length",
                                                "content-location",
                                                "content-range",
                                                "content-type",
                                                "cookie",
                                                "date",
                                                "etag",
                                                "expect",
                                                "expires",
                                                "from",
                                                "host",
                                                "if-match",
                                                "if-modified-since",
                                                "if-none-match",
                                                "if-range",
                                                "if-unmodified-since",
                                                "last-modified",
                                                "link",
                                                "location",
                                                "max-forwards",
                                                "proxy-authenticate",
                                                "proxy-authorization",
                                                "range",
                                                "referer",
                                                "refresh",
                                                "retry-after",
                                                "server",
                                                "set-cookie",
                                                "strict-transport-security",
                                                "transfer-encoding",
                                                "user-agent",
                                                "vary",
                                                "via",
                                                "www-authenticate"};

static struct nta_span *wanted_of(struct nta_hpack_request *request, struct nta_span name)
{
    const struct
    {
        uint32_t index;
        struct nta_span *text;
    } wanted[] = {{NAME_AUTHORITY, &request->authority},
                  {NAME_METHOD, &request->method},
                  {NAME_PATH, &request->path},
                  {NAME_HOST, &request->host}};

    for (size_t i = 0; i < NTA_N_ELEMENTS(wanted); i++) {
        if (nta_span_is(name, names[wanted[i].index]))
            return wanted[i].text;
    }
    return NULL;
}

/* A field that is all in the static table. */
static void take_static(struct nta_hpack_request *request, uint32_t index)
{
    switch (index) {
    case NAME_METHOD: request->method = nta_span_of("GET"); break;
    case METHOD_POST: request->method = nta_span_of("POST"); break;
    case NAME_PATH: request->path = nta_span_of("/"); break;
    case PATH_INDEX: request->path = nta_span_of("/index.html"); break;
    default: break;
    }
}

/* A field that says where the request came from. */
static void take_origin(struct nta_hpack_request *request, struct nta_span name, struct text *value)
{
    NTA_SCRATCH uint8_t space[VALUE_MAX_LEN];

    if (name.len == 0 || request->n_origins == ORIGINS_MAX)
        return;
    request->n_origins++;
    unpack(value, space, sizeof(space));
    nta_http_origin_take(&request->origin, name, nta_span_first(value->bytes, VALUE_MAX_LEN));
}

static bool is_site(const struct nta_hpack_request *request, const struct nta_span *wanted)
{
    return wanted == &request->authority || wanted == &request->host;
}

static size_t room_of(const struct nta_hpack_request *request, const struct nta_span *wanted)
{
    return is_site(request, wanted) ? NTA_HPACK_NAME_SIZE : NTA_HPACK_BUF_SIZE - request->n_used;
}

/* A value that is wanted, unpacked, if it is the first of its field. */
static void take_value(struct nta_hpack_request *request, struct nta_span *wanted,
                       struct text *value)
{
    uint8_t *space = is_site(request, wanted) ? request->names[wanted == &request->host]
                                              : request->buf + request->n_used;

    if (wanted->len > 0)
        return;
    unpack(value, space, room_of(request, wanted));
    if (value->is_lent) {
        memcpy(space, value->bytes.ptr, value->bytes.len);
        value->bytes.ptr = space;
    }
    request->is_cut |= !value->is_whole;
    if (is_site(request, wanted) && !value->is_whole)
        return; /* a part of it would be somebody else's */
    request->n_used += is_site(request, wanted) || value->bytes.ptr != space ? 0 : value->bytes.len;
    *wanted = value->bytes;
}

static void take_field(struct nta_hpack_request *request, struct nta_span name, struct text *value)
{
    struct nta_span *wanted = wanted_of(request, name);

    if (wanted)
        take_value(request, wanted, value);
    else
        take_origin(request, name, value);
}

/* Section 4.3: the oldest go until there is space for `size` more. */
static void make_space(struct nta_hpack_table *table, uint32_t size)
{
    const uint32_t limit = table->is_resized && table->limit < NTA_HPACK_TABLE_SIZE
                               ? table->limit
                               : NTA_HPACK_TABLE_SIZE;

    while (table->n > 0 && table->used + size > limit) {
        table->used -= table->entries[table->first].size;
        table->first = (uint16_t)((table->first + 1) % NTA_HPACK_ENTRIES_MAX);
        table->n--;
    }
}

static bool is_secret(struct nta_span name)
{
    return nta_span_is(name, "authorization") || nta_span_is(name, "cookie") ||
           nta_span_is(name, "proxy-authorization");
}

/* What is kept of a field: nothing of one that nobody could ask for. */
static void put_text(struct nta_hpack_table *table, struct nta_span text)
{
    const size_t room = sizeof(table->texts) - table->end;
    const struct nta_span one = nta_span_first(text, room), two = nta_span_from(text, one.len);

    if (one.len > 0)
        memcpy(table->texts + table->end, one.ptr, one.len);
    if (two.len > 0)
        memcpy(table->texts, two.ptr, two.len);
    table->end = (uint16_t)((table->end + text.len) % sizeof(table->texts));
}

/* Section 4.4: one that is larger than the table empties it, and is not in it. */
static void insert(struct nta_hpack_table *table, struct text *name, struct text *value)
{
    NTA_SCRATCH uint8_t space[NTA_HPACK_TABLE_SIZE];
    static const struct nta_span none;

    unpack(value, space, sizeof(space));
    const size_t size = name->len + value->len + ENTRY_OVERHEAD;

    make_space(table, size < UINT32_MAX / 2 ? (uint32_t)size : UINT32_MAX / 2);
    if (size > NTA_HPACK_TABLE_SIZE || (table->is_resized && size > table->limit))
        return;
    const bool is_named = name->is_whole && name->bytes.len <= NAME_MAX_LEN;
    const bool is_kept = is_named && value->is_whole && !is_secret(name->bytes);
    const size_t at = (table->first + table->n) % NTA_HPACK_ENTRIES_MAX;

    table->entries[at].size = (uint16_t)size;
    table->entries[at].at = table->end;
    table->entries[at].full_len = (uint16_t)name->len;
    table->entries[at].name_len = (uint16_t)(is_named ? name->bytes.len : 0);
    table->entries[at].value_len = (uint16_t)(is_kept ? value->bytes.len : 0);
    put_text(table, is_named ? name->bytes : none);
    put_text(table, is_kept ? value->bytes : none);
    table->used += (uint32_t)size;
    table->n++;
}

/* A text of the ring, in `space`. */
static struct text get_text(const struct nta_hpack_table *table, size_t at, size_t len,
                            uint8_t space[NTA_HPACK_TABLE_SIZE])
{
    const size_t from = at % sizeof(table->texts);
    const size_t one = nta_smaller(len, sizeof(table->texts) - from);
    struct text text = {.wire = {space, len}, .is_lent = true};

    memcpy(space, table->texts + from, one);
    memcpy(space + one, table->texts, len - one);
    unpack(&text, NULL, 0);
    return text;
}

/* Which entry of the ring an index means; false: none that is there. */
static bool find(const struct nta_hpack_table *table, uint32_t index, size_t *ret_at)
{
    const uint32_t back = index - N_STATIC - 1, newest = table->first + (uint32_t)table->n - 1;

    if (index <= N_STATIC || back >= table->n)
        return false;
    *ret_at = (newest - back) % NTA_HPACK_ENTRIES_MAX;
    return true;
}

/* It may be one of those that are in the client's table alone. */
static bool is_known_lost(const struct nta_hpack_table *table)
{
    return table->is_resized && table->limit > NTA_HPACK_TABLE_SIZE;
}

/* Section 6.1.  False: there is no such field. */
static bool take_indexed(const struct nta_hpack_table *table, struct nta_hpack_request *request,
                         uint32_t index)
{
    NTA_SCRATCH uint8_t name_space[NTA_HPACK_TABLE_SIZE], value_space[NTA_HPACK_TABLE_SIZE];
    size_t at;

    if (index <= N_STATIC) {
        take_static(request, index);
        return index > 0;
    }
    if (!find(table, index, &at)) {
        request->is_cut = true;
        return is_known_lost(table);
    }
    const size_t name_len = table->entries[at].name_len, from = table->entries[at].at;
    const size_t value_len = table->entries[at].value_len;
    const struct text name = get_text(table, from, name_len, name_space);
    const struct nta_span *wanted = wanted_of(request, name.bytes);

    /* a reference is a byte: what it would not add is not copied */
    if (wanted ? wanted->len > 0 : request->n_origins == ORIGINS_MAX)
        return true;
    if (wanted && value_len > room_of(request, wanted)) {
        request->is_cut = true;
        return true;
    }
    struct text value = get_text(table, from + name_len, value_len, value_space);

    take_field(request, name.bytes, &value);
    return true;
}

/* The name of a literal: in a table, or in itself.  False: there is none. */
static bool read_name(struct nta_reader *r, const struct nta_hpack_table *table, uint32_t index,
                      uint8_t space[NTA_HPACK_TABLE_SIZE], struct text *ret_name)
{
    size_t at;

    if (index == 0) {
        *ret_name = read_text(r);
        unpack(ret_name, space, NAME_MAX_LEN);
    } else if (index <= N_STATIC) {
        *ret_name = (struct text){.wire = nta_span_of(names[index])};
        unpack(ret_name, NULL, 0);
    } else if (find(table, index, &at)) {
        *ret_name = get_text(table, table->entries[at].at, table->entries[at].name_len, space);
        ret_name->len = table->entries[at].full_len;
        ret_name->is_whole = ret_name->len == ret_name->bytes.len;
    } else {
        return false;
    }
    return true;
}

/* Section 6.2: a field with its value, and its name, unless a table has it. */
static bool take_literal(struct nta_reader *r, struct nta_hpack_table *table,
                         struct nta_hpack_request *request, uint32_t index, bool is_inserted)
{
    NTA_SCRATCH uint8_t space[NTA_HPACK_TABLE_SIZE];
    struct text name;

    if (!read_name(r, table, index, space, &name))
        return false;
    struct text value = read_text(r);

    if (!nta_reader_ok(r))
        return false;
    take_field(request, name.is_whole ? name.bytes : (struct nta_span){0}, &value);
    if (is_inserted)
        insert(table, &name, &value);
    return true;
}

/* Section 6.3. */
static bool resize(struct nta_reader *r, struct nta_hpack_table *table, uint8_t byte)
{
    const uint32_t limit = read_integer(r, byte, 5);

    if (!nta_reader_ok(r))
        return false;
    table->is_resized = true;
    table->limit = limit;
    make_space(table, 0);
    return true;
}

bool nta_hpack_read(struct nta_hpack_table *table, struct nta_span block,
                    struct nta_hpack_request *ret_request)
{
    struct nta_hpack_request *request = ret_request;
    struct nta_reader r = nta_reader_of(block.ptr, block.len);
    bool is_good = true;

    request->method = request->authority = request->path = request->host = (struct nta_span){0};
    request->origin = (struct nta_http_origin){0};
    request->n_used = request->n_origins = 0;
    request->is_cut = false;
    while (is_good && nta_reader_left(&r) > 0) { /* section 6 */
        const uint8_t byte = nta_read_u8(&r);

        if (byte & 0x80)
            is_good = take_indexed(table, request, read_integer(&r, byte, 7));
        else if (byte & 0x40)
            is_good = take_literal(&r, table, request, read_integer(&r, byte, 6), true);
        else if (byte & 0x20)
            is_good = resize(&r, table, byte);
        else
            is_good = take_literal(&r, table, request, read_integer(&r, byte, 4), false);
    }
    return is_good && nta_reader_ok(&r);
}
