/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/json/json.h"

#include "base/hex.h"

enum state
{
    VALUE,       ///< At the top: a value, or the end.
    FIRST_VALUE, ///< Behind '[': a value, or its end.
    NEXT_VALUE,  ///< Behind ',' in an array, ':' in an object.
    FIRST_KEY,   ///< Behind '{'.
    NEXT_KEY,    ///< Behind ',' in an object.
    COLON,
    AFTER, ///< Behind a value inside of something.
    TEXT,
    ESCAPE,
    HEX,
    WORD,
};

static const uint8_t mark[] = {0xef, 0xbb, 0xbf};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool fail(struct nta_json *json, const char *fault)
{
    json->fault = fault;
    return false;
}

static void give(struct nta_json *json, enum nta_json_token token, size_t n_text)
{
    json->token(json->owner, json, token, (struct nta_span){.ptr = json->text, .len = n_text});
}

static void put(struct nta_json *json, uint8_t c)
{
    if (json->n_text < NTA_JSON_TEXT_MAX)
        json->text[json->n_text++] = c;
    else
        json->cut = true;
}

/** The state behind a value. */
static uint8_t behind(const struct nta_json *json)
{
    return json->depth ? AFTER : VALUE;
}

static bool in_object(const struct nta_json *json)
{
    return json->depth > 0 && (json->in_object >> (json->depth - 1) & 1);
}

static bool open_level(struct nta_json *json, bool is_object)
{
    uint64_t bit = UINT64_C(1) << json->depth % NTA_JSON_DEPTH_MAX;

    if (json->depth == NTA_JSON_DEPTH_MAX)
        return fail(json, "JSON with more than 64 levels");
    json->depth++;
    json->in_object = is_object ? json->in_object | bit : json->in_object & ~bit;
    json->line = json->n_lines + 1;
    json->state = is_object ? FIRST_KEY : FIRST_VALUE;
    give(json, is_object ? NTA_JSON_OBJECT : NTA_JSON_ARRAY, 0);
    return true;
}

static bool close_level(struct nta_json *json, bool is_object)
{
    if (json->depth == 0 || in_object(json) != is_object)
        return fail(json, "JSON with a bracket too many");
    json->depth--;
    json->line = json->n_lines + 1;
    json->state = behind(json);
    give(json, is_object ? NTA_JSON_OBJECT_END : NTA_JSON_ARRAY_END, 0);
    return true;
}

static void begin_text(struct nta_json *json, uint8_t state, bool is_key)
{
    json->state = state;
    json->is_key = is_key;
    json->line = json->n_lines + 1;
    json->n_text = 0;
    json->cut = false;
    json->high = 0;
}

static bool begin_value(struct nta_json *json, uint8_t c)
{
    switch (c) {
    case '{': return open_level(json, true);
    case '[': return open_level(json, false);
    case '"': begin_text(json, TEXT, false); return true;
    default: break;
    }
    if (c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z'))
        return fail(json, "not JSON: a value should stand here");
    begin_text(json, WORD, false);
    put(json, c);
    return true;
}

/** Digits from `*at` on; false: there are none. */
static bool skip_digits(struct nta_span text, size_t *at)
{
    size_t from = *at;

    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9')
        ++*at;
    return *at > from;
}

/** RFC 8259 section 6. */
static bool is_number(struct nta_span text)
{
    size_t at = text.ptr[0] == '-' ? 1 : 0, first = at;

    if (!skip_digits(text, &at) || (text.ptr[first] == '0' && at > first + 1))
        return false;
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        if (!skip_digits(text, &at))
            return false;
    }
    if (at < text.len && (text.ptr[at] | 0x20) == 'e') {
        at++;
        if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
            at++;
        if (!skip_digits(text, &at))
            return false;
    }
    return at == text.len;
}

static bool end_word(struct nta_json *json)
{
    struct nta_span word = {.ptr = json->text, .len = json->n_text};

    if (json->cut || (!nta_span_is(word, "true") && !nta_span_is(word, "false") &&
                      !nta_span_is(word, "null") && !is_number(word)))
        return fail(json, "not JSON: neither a number nor true, false, null");
    json->state = behind(json);
    give(json, NTA_JSON_WORD, json->n_text);
    return true;
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' ||
           c == '-' || c == '.';
}

/** A code point in UTF-8. */
static void put_code(struct nta_json *json, uint32_t code)
{
    if (code < 0x80) {
        put(json, (uint8_t)code);
        return;
    }
    if (code < 0x800) {
        put(json, (uint8_t)(0xc0 | code >> 6));
    } else if (code < 0x10000) {
        put(json, (uint8_t)(0xe0 | code >> 12));
        put(json, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
    } else {
        put(json, (uint8_t)(0xf0 | code >> 18));
        put(json, (uint8_t)(0x80 | (code >> 12 & 0x3f)));
        put(json, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
    }
    put(json, (uint8_t)(0x80 | (code & 0x3f)));
}

/** Four digits of an escape are there: a character, or one half of a pair (section 7). */
static bool end_hex(struct nta_json *json)
{
    bool is_high = json->code >= 0xd800 && json->code < 0xdc00;
    bool is_low = json->code >= 0xdc00 && json->code < 0xe000;

    json->state = TEXT;
    if (is_low != (json->high != 0))
        return fail(json, "JSON with half a pair of an escape");
    if (is_high) {
        json->high = json->code;
        return true;
    }
    put_code(json, is_low ? 0x10000 + ((uint32_t)(json->high - 0xd800) << 10) +
                                (uint32_t)(json->code - 0xdc00)
                          : json->code);
    json->high = 0;
    return true;
}

static bool read_hex(struct nta_json *json, uint8_t c)
{
    int digit = nta_hex_digit(c);

    if (digit < 0)
        return fail(json, "JSON with a broken escape");
    json->code = (uint16_t)(json->code << 4 | digit);
    return ++json->n_digits < 4 || end_hex(json);
}

static bool read_escape(struct nta_json *json, uint8_t c)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *place = c ? strchr(names, c) : NULL;

    if (c == 'u') {
        json->state = HEX;
        json->n_digits = 0;
        json->code = 0;
        return true;
    }
    if (!place || json->high)
        return fail(json, "JSON with a broken escape");
    put(json, (uint8_t)meant[place - names]);
    json->state = TEXT;
    return true;
}

static bool read_text(struct nta_json *json, uint8_t c)
{
    if (c < 0x20 || (json->high && c != '\\'))
        return fail(json, json->high ? "JSON with half a pair of an escape"
                                     : "JSON with a control character in a text");
    if (c == '\\') {
        json->state = ESCAPE;
    } else if (c == '"') {
        json->state = json->is_key ? COLON : behind(json);
        give(json, json->is_key ? NTA_JSON_KEY : NTA_JSON_TEXT, json->n_text);
    } else {
        put(json, c);
    }
    return true;
}

static bool read_after(struct nta_json *json, uint8_t c)
{
    if (c == '}' || c == ']')
        return close_level(json, c == '}');
    if (c != ',')
        return fail(json, "not JSON: a comma or the end of a bracket should stand here");
    json->state = in_object(json) ? NEXT_KEY : NEXT_VALUE;
    return true;
}

static bool read_key(struct nta_json *json, uint8_t c)
{
    if (c == '}' && json->state == FIRST_KEY)
        return close_level(json, true);
    if (c != '"')
        return fail(json, "not JSON: a key should stand here");
    begin_text(json, TEXT, true);
    return true;
}

/** A byte that is no blank between tokens. */
static bool read_byte(struct nta_json *json, uint8_t c)
{
    switch ((enum state)json->state) {
    case FIRST_VALUE:
        if (c == ']')
            return close_level(json, false);
        return begin_value(json, c);
    case VALUE:
    case NEXT_VALUE: return begin_value(json, c);
    case FIRST_KEY:
    case NEXT_KEY: return read_key(json, c);
    case COLON:
        json->state = NEXT_VALUE;
        return c == ':' || fail(json, "not JSON: a colon should stand here");
    case AFTER: return read_after(json, c);
    case TEXT: return read_text(json, c);
    case ESCAPE: return read_escape(json, c);
    case HEX: return read_hex(json, c);
    case WORD: put(json, c); break;
    }
    return true;
}

/** Byte order marks before values, as of files that were put together; true: one goes on. */
static bool is_mark(struct nta_json *json, uint8_t c)
{
    if (json->state != VALUE || c != mark[json->n_mark])
        return false;
    json->n_mark++;
    if (json->n_mark == sizeof(mark))
        json->n_mark = 0;
    return true;
}

bool nta_json_read(struct nta_json *json, struct nta_span bytes)
{
    for (size_t i = 0; i < bytes.len && !json->fault; i++) {
        uint8_t c = bytes.ptr[i];

        if (json->state == WORD && !is_word(c) && !end_word(json))
            return false;
        if (is_mark(json, c))
            continue;
        if (json->n_mark)
            return fail(json, "not JSON: a value should stand here");
        if (json->state >= TEXT || !is_blank(c))
            (void)read_byte(json, c);
        if (c == '\n')
            json->n_lines++;
    }
    return !json->fault;
}

bool nta_json_end(struct nta_json *json)
{
    if (!json->fault && json->state == WORD)
        (void)end_word(json);
    if (!json->fault && (json->state != VALUE || json->n_mark))
        return fail(json, "JSON that is cut off");
    return !json->fault;
}

/** The next byte that is no blank, and its place; 0 at the end. */
static uint8_t next_byte(struct nta_span bytes, size_t *at)
{
    while (*at < bytes.len && is_blank(bytes.ptr[*at]))
        ++*at;
    return *at < bytes.len ? bytes.ptr[(*at)++] : 0;
}

enum nta_parse nta_json_begins(struct nta_span bytes)
{
    size_t at = 0;
    uint8_t first, second;

    if (bytes.len > 0 && bytes.len < sizeof(mark) && memcmp(bytes.ptr, mark, bytes.len) == 0)
        return NTA_PARSE_MORE;
    if (bytes.len >= sizeof(mark) && memcmp(bytes.ptr, mark, sizeof(mark)) == 0)
        at = sizeof(mark);
    first = next_byte(bytes, &at);
    second = next_byte(bytes, &at);
    if (first == 0)
        return NTA_PARSE_MORE;
    if (first != '{' && first != '[')
        return NTA_PARSE_OTHER;
    if (second == 0)
        return NTA_PARSE_MORE;
    /* "[Adblock Plus 2.0]" and "[2001:db8::1]:443" are none */
    return memchr(first == '{' ? "\"}" : "{\"[]", second, first == '{' ? 2 : 4) ? NTA_PARSE_OK
                                                                                : NTA_PARSE_OTHER;
}
