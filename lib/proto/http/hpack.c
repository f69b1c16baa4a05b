/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/hpack.h"

#include "base/own.h"
#include "base/scratch.h"
#include "proto/http/hpack_text.h"

#include <stddef.h>

enum
{
    NAME_MAX_LEN = 48,   /* longer than those that are wanted */
    VALUE_MAX_LEN = 320, /* of a field that says where the request came from */
    ORIGINS_MAX = 128,   /* of them; a reference to one is a byte */
    ENTRY_OVERHEAD = 32, /* section 4.1 */

    /* RFC 7541 appendix A */
    NAME_METHOD = 2,
    METHOD_POST = 3,
    NAME_PATH = 4,
    PATH_INDEX = 5,
    STATUS_200 = 8,
    STATUS_500 = 14,
    N_STATIC = 61,
};

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

#define WORD(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }

/* Fields that are wanted, of requests and of answers. */
static const struct
{
    struct nta_span name;
    size_t at;
    bool of_answer;
} wanted[] = {
    {WORD(":authority"), offsetof(struct nta_hpack_fields, authority), false},
    {WORD(":method"), offsetof(struct nta_hpack_fields, method), false},
    {WORD(":path"), offsetof(struct nta_hpack_fields, path), false},
    {WORD("host"), offsetof(struct nta_hpack_fields, host), false},
    {WORD(":status"), offsetof(struct nta_hpack_fields, status), true},
    {WORD("content-type"), offsetof(struct nta_hpack_fields, type), true},
    {WORD("content-length"), offsetof(struct nta_hpack_fields, length), true},
    {WORD("content-range"), offsetof(struct nta_hpack_fields, range), true},
    {WORD("content-encoding"), offsetof(struct nta_hpack_fields, coding), true},
    {WORD("content-disposition"), offsetof(struct nta_hpack_fields, disposition), true},
    {WORD("etag"), offsetof(struct nta_hpack_fields, etag), true},
    {WORD("server"), offsetof(struct nta_hpack_fields, server), true},
};

#undef WORD

/* What is taken of a field: nothing, where it came from, or it is one of those that are wanted. */
enum
{
    USE_NONE,
    USE_ORIGIN,
    USE_WANTED, /* the first of them */
};

static struct nta_span *text_at(struct nta_hpack_fields *fields, size_t at)
{
    return (void *)((uint8_t *)fields + at);
}

static uint8_t use_of(const struct nta_hpack_fields *fields, struct nta_span name)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(wanted); i++) {
        if (wanted[i].of_answer == fields->is_answer && nta_span_alike(name, wanted[i].name))
            return (uint8_t)(USE_WANTED + i);
    }
    return name.len == 0 || fields->is_answer ? USE_NONE : USE_ORIGIN;
}

/* NULL: it is none of those that are wanted. */
static struct nta_span *wanted_of(struct nta_hpack_fields *fields, uint8_t use)
{
    return use >= USE_WANTED ? text_at(fields, wanted[use - USE_WANTED].at) : NULL;
}

/* The first of its field counts. */
static void set_text(struct nta_span *text, const char *value)
{
    if (text->len == 0)
        *text = nta_span_of(value);
}

/* A field that is all in the static table. */
static void take_static(struct nta_hpack_fields *fields, uint32_t index)
{
    static const char *const statuses[] = {"200", "204", "206", "304", "400", "404", "500"};

    if (index >= STATUS_200 && index <= STATUS_500)
        set_text(&fields->status, statuses[index - STATUS_200]);
    switch (index) {
    case NAME_METHOD: set_text(&fields->method, "GET"); break;
    case METHOD_POST: set_text(&fields->method, "POST"); break;
    case NAME_PATH: set_text(&fields->path, "/"); break;
    case PATH_INDEX: set_text(&fields->path, "/index.html"); break;
    default: break;
    }
}

/* A field that says where the request came from. */
static void take_origin(struct nta_hpack_fields *fields, struct nta_span name,
                        struct nta_hpack_text *value)
{
    NTA_SCRATCH uint8_t space[VALUE_MAX_LEN];

    if (fields->n_origins == ORIGINS_MAX)
        return;
    fields->n_origins++;
    nta_hpack_unpack(value, space, sizeof(space));
    nta_http_origin_take(&fields->origin, name, nta_span_first(value->bytes, VALUE_MAX_LEN));
}

static bool is_site(const struct nta_hpack_fields *fields, const struct nta_span *text)
{
    return text == &fields->authority || text == &fields->host;
}

static size_t room_of(const struct nta_hpack_fields *fields, const struct nta_span *text)
{
    return is_site(fields, text) ? NTA_HPACK_NAME_SIZE : NTA_HPACK_BUF_SIZE - fields->n_used;
}

/* A value that is wanted, unpacked, if it is the first of its field. */
static void take_value(struct nta_hpack_fields *fields, struct nta_span *text,
                       struct nta_hpack_text *value)
{
    uint8_t *space =
        is_site(fields, text) ? fields->names[text == &fields->host] : fields->buf + fields->n_used;

    if (text->len > 0)
        return;
    nta_hpack_unpack(value, space, room_of(fields, text));
    if (value->is_lent) {
        memcpy(space, value->bytes.ptr, value->bytes.len);
        value->bytes.ptr = space;
    }
    fields->is_cut |= !value->is_whole;
    if ((is_site(fields, text) || fields->is_answer) && !value->is_whole)
        return; /* a part of it would be somebody else's */
    fields->n_used += is_site(fields, text) || value->bytes.ptr != space ? 0 : value->bytes.len;
    *text = value->bytes;
}

static void take_field(struct nta_hpack_fields *fields, uint8_t use, struct nta_span name,
                       struct nta_hpack_text *value)
{
    if (use >= USE_WANTED)
        take_value(fields, wanted_of(fields, use), value);
    else if (use == USE_ORIGIN)
        take_origin(fields, name, value);
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
           nta_span_is(name, "proxy-authorization") || nta_span_is(name, "set-cookie");
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

static uint64_t bit_of(size_t at)
{
    return 1ULL << at % 64;
}

/* Section 4.4: one that is larger than the table empties it, and is not in it. */
static void insert(struct nta_hpack_table *table, uint8_t use, struct nta_hpack_text *name,
                   struct nta_hpack_text *value)
{
    NTA_SCRATCH uint8_t space[NTA_HPACK_TABLE_SIZE];
    static const struct nta_span none;

    nta_hpack_unpack(value, space, sizeof(space));
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
    table->entries[at].use = is_named ? use : USE_NONE;
    table->told[at / 64] &= ~bit_of(at);
    put_text(table, is_named ? name->bytes : none);
    put_text(table, is_kept ? value->bytes : none);
    table->used += (uint32_t)size;
    table->n++;
}

/* A text of the ring, in `space`. */
static struct nta_hpack_text get_text(const struct nta_hpack_table *table, size_t at, size_t len,
                                      uint8_t space[NTA_HPACK_TABLE_SIZE])
{
    const size_t from = at % sizeof(table->texts);
    const size_t one = nta_smaller(len, sizeof(table->texts) - from);
    struct nta_hpack_text text = {.wire = {space, len}, .is_lent = true};

    memcpy(space, table->texts + from, one);
    memcpy(space + one, table->texts, len - one);
    nta_hpack_unpack(&text, NULL, 0);
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
    return table->is_lost || (table->is_resized && table->limit > NTA_HPACK_TABLE_SIZE);
}

/*
 * What an entry adds to the fields.  A reference is a byte: nothing is copied twice, and of what
 * says where the request came from no more than is looked at.
 */
static void take_entry(struct nta_hpack_table *table, struct nta_hpack_fields *fields, size_t at)
{
    NTA_SCRATCH uint8_t name_space[NTA_HPACK_TABLE_SIZE], value_space[NTA_HPACK_TABLE_SIZE];
    const uint8_t use = table->entries[at].use;
    const size_t name_len = table->entries[at].name_len, from = table->entries[at].at;
    const size_t value_len = table->entries[at].value_len;
    struct nta_span *text = wanted_of(fields, use);

    if (use == USE_NONE || (table->told[at / 64] & bit_of(at)) || (text && text->len > 0))
        return;
    if (text && value_len > room_of(fields, text)) {
        fields->is_cut = true;
        return;
    }
    table->told[at / 64] |= bit_of(at);
    const size_t len = text ? value_len : nta_smaller(value_len, VALUE_MAX_LEN);
    const struct nta_hpack_text name = get_text(table, from, text ? 0 : name_len, name_space);
    struct nta_hpack_text value = get_text(table, from + name_len, len, value_space);

    take_field(fields, use, name.bytes, &value);
}

/* Section 6.1.  False: there is no such field. */
static bool take_indexed(struct nta_hpack_table *table, struct nta_hpack_fields *fields,
                         uint32_t index)
{
    size_t at;

    if (index <= N_STATIC) {
        take_static(fields, index);
        return index > 0;
    }
    if (!find(table, index, &at)) {
        fields->is_cut = true;
        return is_known_lost(table);
    }
    take_entry(table, fields, at);
    return true;
}

/* The name of a literal: in a table, or in itself.  False: there is none. */
static bool read_name(struct nta_reader *r, const struct nta_hpack_table *table, uint32_t index,
                      uint8_t space[NTA_HPACK_TABLE_SIZE], struct nta_hpack_text *ret_name)
{
    size_t at;

    if (index == 0) {
        *ret_name = nta_hpack_read_text(r);
        nta_hpack_unpack(ret_name, space, NAME_MAX_LEN);
    } else if (index <= N_STATIC) {
        *ret_name = (struct nta_hpack_text){.wire = nta_span_of(names[index])};
        nta_hpack_unpack(ret_name, NULL, 0);
    } else if (find(table, index, &at)) {
        *ret_name = get_text(table, table->entries[at].at, table->entries[at].name_len, space);
        ret_name->len = table->entries[at].full_len;
        ret_name->is_whole = ret_name->len == ret_name->bytes.len;
    } else {
        *ret_name = (struct nta_hpack_text){.is_whole = false};
        return is_known_lost(table);
    }
    return true;
}

/* Section 6.2: a field with its value, and its name, unless a table has it. */
static bool take_literal(struct nta_reader *r, struct nta_hpack_table *table,
                         struct nta_hpack_fields *fields, uint32_t index, bool is_inserted)
{
    NTA_SCRATCH uint8_t space[NTA_HPACK_TABLE_SIZE];
    struct nta_hpack_text name;

    if (!read_name(r, table, index, space, &name))
        return false;
    struct nta_hpack_text value = nta_hpack_read_text(r);

    if (!nta_reader_ok(r))
        return false;
    const uint8_t use = name.is_whole ? use_of(fields, name.bytes) : USE_NONE;

    take_field(fields, use, name.bytes, &value);
    if (is_inserted)
        insert(table, use, &name, &value);
    return true;
}

/* Section 6.3. */
static bool resize(struct nta_reader *r, struct nta_hpack_table *table, uint8_t byte)
{
    const uint32_t limit = nta_hpack_read_integer(r, byte, 5);

    if (!nta_reader_ok(r))
        return false;
    table->is_resized = true;
    table->limit = limit;
    make_space(table, 0);
    return true;
}

void nta_hpack_lose(struct nta_hpack_table *table)
{
    table->is_lost = true;
    table->n = table->first = table->end = 0;
    table->used = 0;
}

/* Each field in turn (section 6). */
static bool read_fields(struct nta_hpack_table *table, struct nta_span block,
                        struct nta_hpack_fields *fields)
{
    struct nta_reader r = nta_reader_of(block.ptr, block.len);
    bool is_good = true;

    while (is_good && nta_reader_left(&r) > 0) {
        const uint8_t byte = nta_read_u8(&r);

        if (byte & 0x80)
            is_good = take_indexed(table, fields, nta_hpack_read_integer(&r, byte, 7));
        else if (byte & 0x40)
            is_good = take_literal(&r, table, fields, nta_hpack_read_integer(&r, byte, 6), true);
        else if (byte & 0x20)
            is_good = resize(&r, table, byte);
        else
            is_good = take_literal(&r, table, fields, nta_hpack_read_integer(&r, byte, 4), false);
    }
    return is_good && nta_reader_ok(&r);
}

bool nta_hpack_read(struct nta_hpack_table *table, struct nta_span block, bool is_answer,
                    struct nta_hpack_fields *ret_fields)
{
    struct nta_hpack_fields *fields = ret_fields;

    for (size_t i = 0; i < NTA_N_ELEMENTS(wanted); i++)
        *text_at(fields, wanted[i].at) = (struct nta_span){0};
    fields->is_answer = is_answer;
    fields->origin = (struct nta_http_origin){0};
    fields->n_used = fields->n_origins = 0;
    fields->is_cut = false;
    memset(table->told, 0, sizeof(table->told));
    return read_fields(table, block, fields);
}
