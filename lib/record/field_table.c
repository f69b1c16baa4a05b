/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_table.h"

#include "base/hex.h"
#include "base/runtime/clock.h"
#include "record/grade.h"
#include "record/names.h"

#include <inttypes.h>
#include <string.h>

/* ---- values as text ---- */

static void put_number(struct nta_buf *out, uint64_t number)
{
    if (number)
        nta_buf_printf(out, "%" PRIu64, number);
}

static void put_u16(struct nta_buf *out, const void *value)
{
    put_number(out, *(const uint16_t *)value);
}

static void put_u32(struct nta_buf *out, const void *value)
{
    put_number(out, *(const uint32_t *)value);
}

static void put_u64(struct nta_buf *out, const void *value)
{
    put_number(out, *(const uint64_t *)value);
}

static void put_time(struct nta_buf *out, const void *value)
{
    const int64_t *wall_ns = value;
    char text[NTA_TIME_TEXT_SIZE];

    if (*wall_ns)
        nta_buf_puts(out, nta_clock_text(*wall_ns, text));
}

static void put_text(struct nta_buf *out, const void *value)
{
    const struct nta_span *text = value;

    if (text->len)
        nta_buf_put(out, text->ptr, text->len);
}

static void put_flag(struct nta_buf *out, const void *value)
{
    nta_buf_puts(out, *(const bool *)value ? "yes" : "");
}

static void put_event(struct nta_buf *out, const void *value)
{
    nta_buf_puts(out, nta_record_event_name(*(const enum nta_record_event *)value));
}

static void put_transport(struct nta_buf *out, const void *value)
{
    const uint8_t *ip_proto = value;
    char name[NTA_RECORD_NAME_SIZE];

    if (*ip_proto)
        nta_buf_puts(out, nta_record_transport(*ip_proto, name));
}

static void put_app(struct nta_buf *out, const void *value)
{
    nta_buf_puts(out, nta_record_app((unsigned)*(const enum nta_app *)value));
}

static void put_basis(struct nta_buf *out, const void *value)
{
    nta_buf_puts(out, nta_basis_name(*(const enum nta_basis *)value));
}

static void put_dns_type(struct nta_buf *out, const void *value)
{
    const uint16_t *type = value;
    char name[NTA_RECORD_NAME_SIZE];

    if (*type)
        nta_buf_puts(out, nta_record_dns_type(*type, name));
}

static void put_severity(struct nta_buf *out, const void *value)
{
    nta_buf_puts(out, nta_record_severity(*(const uint8_t *)value));
}

static void put_addr(struct nta_buf *out, const void *value)
{
    static const struct nta_addr none;
    char text[NTA_ADDR_TEXT_SIZE];

    if (!nta_addr_equal(value, &none))
        nta_buf_puts(out, nta_addr_text(value, text));
}

static void put_mac(struct nta_buf *out, const void *value)
{
    const struct nta_record_side *side = value;
    const uint8_t *mac = side->mac;

    if (side->has_mac)
        nta_buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
}

static void put_code(struct nta_buf *out, const void *value)
{
    nta_buf_puts(out, value);
}

static void put_yes(struct nta_buf *out, const void *value)
{
    put_flag(out, value);
}

static void put_stamp(struct nta_buf *out, const void *value)
{
    const uint64_t *stamp = value;

    if (*stamp)
        nta_buf_printf(out, "%016" PRIx64, *stamp);
}

static void put_hash(struct nta_buf *out, const void *value)
{
    const struct nta_span *hash = value;
    char hex[2 * 32 + 1];

    if (hash->len == 32)
        nta_buf_puts(out, nta_hex_text(hash->ptr, hash->len, hex));
}

/** Of the record as a whole. */
static void put_grade(struct nta_buf *out, const void *value)
{
    if (nta_record_has_grade(value))
        nta_buf_puts(out, nta_grade_name(nta_record_grade(value)));
}

#define PUT_WORD(type, ...)                                                                        \
    static void put_##type(struct nta_buf *out, const void *value)                                 \
    {                                                                                              \
        nta_buf_puts(out, nta_##type##_name(*(const uint8_t *)value));                             \
    }

NTA_WORD_TYPES(PUT_WORD)

/* ---- types: form, kind, text, and what the journal has if there is none ---- */

#define TYPE(name, ...) static const struct nta_record_field_type type_of_##name = {__VA_ARGS__};

TYPE(event, "event", NTA_FIELD_TEXT, put_event, NULL)
TYPE(begin, "time", NTA_FIELD_TIME, put_time, NULL)
TYPE(time, "time", NTA_FIELD_TIME, put_time, NULL)
TYPE(side, "side", NTA_FIELD_TEXT, NULL, NULL)
TYPE(transport, "1..255", NTA_FIELD_TEXT, put_transport, NULL)
TYPE(app, "1..255", NTA_FIELD_TEXT, put_app, NULL)
TYPE(tags, "[1*2 0..65535]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(text, "str", NTA_FIELD_TEXT, put_text, NULL)
TYPE(basis, "basis", NTA_FIELD_TEXT, put_basis, NULL)
TYPE(agrees, "agrees", NTA_FIELD_TEXT, NULL, NULL)
TYPE(flag, "bool", NTA_FIELD_FLAG, put_flag, "0")
TYPE(u16, "1..65535", NTA_FIELD_NUMBER, put_u16, "0")
TYPE(u32, "uint", NTA_FIELD_NUMBER, put_u32, "0")
TYPE(u64, "uint", NTA_FIELD_NUMBER, put_u64, "0")
TYPE(size, "uint", NTA_FIELD_SIZE, put_u64, "0")
TYPE(line, "uint", NTA_FIELD_NUMBER, put_u32, NULL)
TYPE(file, "file", NTA_FIELD_TEXT, NULL, NULL)
TYPE(match, "match", NTA_FIELD_TEXT, NULL, NULL)
TYPE(evidence, "[basis, agrees, agrees]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(flags, "uint", NTA_FIELD_TEXT, NULL, NULL)
TYPE(counts, "[uint, uint, uint, uint]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(query, "[0..65535, 0..255]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(dns_type, "0..65535", NTA_FIELD_TEXT, put_dns_type, NULL)
TYPE(rcode, "0..255", NTA_FIELD_TEXT, NULL, NULL)
TYPE(answers, "[1*64 answer]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(tls, "tls", NTA_FIELD_TEXT, NULL, NULL)
TYPE(section, "bstr", NTA_FIELD_TEXT, NULL, NULL)
TYPE(losses, "[1* [str, uint]]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(addr, "ip", NTA_FIELD_TEXT, put_addr, "::")
TYPE(mac, "bstr .size 6", NTA_FIELD_TEXT, put_mac, NULL)
TYPE(place, "place", NTA_FIELD_TEXT, NULL, NULL)
TYPE(code, "tstr .size 2", NTA_FIELD_TEXT, put_code, NULL)
TYPE(position, "[-90000000..90000000, -180000000..180000000]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(hash, "bstr .size 32", NTA_FIELD_TEXT, put_hash, NULL)
TYPE(kind, "0..255", NTA_FIELD_TEXT, NULL, NULL)
TYPE(severity, "1..4", NTA_FIELD_TEXT, put_severity, NULL)
TYPE(more, "more", NTA_FIELD_TEXT, NULL, NULL)
TYPE(yes, "true", NTA_FIELD_FLAG, put_yes, NULL)
TYPE(bytes, "bstr", NTA_FIELD_TEXT, NULL, NULL)
TYPE(stamp, "bstr .size 8", NTA_FIELD_TEXT, put_stamp, NULL)
TYPE(grade, "", NTA_FIELD_TEXT, put_grade, NULL)
TYPE(via, "[1*16 str]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(network, "[1..255, uint]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(conflict, "[1*16 [1..255, str]]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(requests, "[1*512 uint]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(marks, "uint", NTA_FIELD_TEXT, NULL, NULL)
TYPE(doubts, "uint", NTA_FIELD_TEXT, NULL, NULL)
TYPE(binding, "binding", NTA_FIELD_TEXT, NULL, NULL)
TYPE(log, "log", NTA_FIELD_TEXT, NULL, NULL)
TYPE(interfaces, "[1*64 interface]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(lists, "[1*128 listed]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(geo, "[1*64 database]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(home, "[1*64 [ip, 0..128]]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(clock, "[bool, uint]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(inputs, "[1*256 input]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(blind, "[1*66 [str, uint]]", NTA_FIELD_TEXT, NULL, NULL)
TYPE(worst, "[1*128 [str, uint, time]]", NTA_FIELD_TEXT, NULL, NULL)
#define WORD(name, ...) TYPE(name, "1..255", NTA_FIELD_TEXT, put_##name, NULL)
NTA_WORD_TYPES(WORD)

/* ---- the table ---- */

#define COLUMN(at, ...)                                                                            \
    {                                                                                              \
        at, false, __VA_ARGS__                                                                     \
    }
#define ASKED(at, ...)                                                                             \
    {                                                                                              \
        at, true, __VA_ARGS__                                                                      \
    }
#define ROW(map_, key_, type_, offset_, at_, json_, ...)                                           \
    {.map = NTA_FIELDS_##map_,                                                                     \
     .key = (key_),                                                                                \
     .type = &type_of_##type_,                                                                     \
     .offset = (offset_),                                                                          \
     .at = (at_),                                                                                  \
     .json = (json_),                                                                              \
     __VA_ARGS__},
#define IN_RECORD(member) offsetof(struct nta_record, member)

const struct nta_record_field nta_record_fields[NTA_N_RECORD_ROWS] = {
#define RECORD_FIELD(key, symbol, type, member, at, json, ...)                                     \
    ROW(RECORD, key, type, IN_RECORD(member), at, json, __VA_ARGS__)
#define RECORD_GROUP(key, symbol, type, at, json, ...)                                             \
    ROW(RECORD, key, type, 0, at, json, __VA_ARGS__)
#define RECORD_LIST(key, symbol, type, at, json, ...)                                              \
    ROW(RECORD, key, type, 0, at, json, __VA_ARGS__)
#define RECORD_PARTS(key, symbol, type) ROW(RECORD, key, type, 0, -1, NULL, .help = NULL)
#define EVIDENCE_FIELD(index, type, member, at, json, ...)                                         \
    ROW(EVIDENCE, index, type, IN_RECORD(member), at, json, __VA_ARGS__)
#define FLAG_FIELD(bit, member, at, json, when, ...)                                               \
    ROW(FLAGS, bit, flag, IN_RECORD(member), at, json, __VA_ARGS__)
#define COUNT_FIELD(index, member, json, ...)                                                      \
    ROW(COUNTS, index, size, IN_RECORD(member), -1, json, __VA_ARGS__)
#define QUERY_FIELD(index, type, member, json, ...)                                                \
    ROW(QUERY, index, type, IN_RECORD(member), -1, json, __VA_ARGS__)
#define TLS_FIELD(key, type, member, at, json, ...)                                                \
    ROW(TLS, key, type, IN_RECORD(member), at, json, __VA_ARGS__)
#define SIDE_FIELD(key, type, member, at, json, ...)                                               \
    ROW(SIDE, key, type, offsetof(struct nta_record_side, member), at, json, __VA_ARGS__)
#define SIDE_GROUP(key, type, at, json, ...) ROW(SIDE, key, type, 0, at, json, __VA_ARGS__)
#define PLACE_FIELD(key, type, member, at, json, ...)                                              \
    ROW(PLACE, key, type, offsetof(struct nta_place, member), at, json, __VA_ARGS__)
#define PLACE_GROUP(key, type, at, json, ...) ROW(PLACE, key, type, 0, at, json, __VA_ARGS__)
#define FILE_FIELD(key, type, member, at, json, ...)                                               \
    ROW(FILE, key, type, offsetof(struct nta_record_file, member), at, json, __VA_ARGS__)
#define MATCH_FIELD(key, type, member, at, json, ...)                                              \
    ROW(MATCH, key, type, offsetof(struct nta_record_match, member), at, json, __VA_ARGS__)
#define RECORD_NEST(key, symbol, type) ROW(RECORD, key, type, 0, -1, NULL, .help = NULL)
#define MORE_FIELD(key, type, member, at, json, ...)                                               \
    ROW(MORE, key, type, IN_RECORD(member), at, json, __VA_ARGS__)
#define MORE_LIST(key, type, at, json, ...) ROW(MORE, key, type, 0, at, json, __VA_ARGS__)
#define MORE_PARTS(key, symbol, type)       ROW(MORE, key, type, 0, -1, NULL, .help = NULL)
#define MARK_FIELD(bit, member, at, json, ...)                                                     \
    ROW(MARKS, bit, flag, IN_RECORD(member), at, json, __VA_ARGS__)
#define SHOWN(type, at, json, ...) ROW(SHOWN, 0, type, 0, at, json, __VA_ARGS__)
#define BINDING_FIELD(key, type, member, at, json, ...)                                            \
    ROW(BINDING, key, type, offsetof(struct nta_record_binding, member), at, json, __VA_ARGS__)
/* of these the table has no values: they are in lists */
#define LOG_FIELD(key, type, member, at, json, ...) ROW(LOG, key, type, 0, at, json, __VA_ARGS__)
#define LOG_LIST(key, type, at, json, ...)          ROW(LOG, key, type, 0, at, json, __VA_ARGS__)
#define INTERFACE_FIELD(key, type, member, at, json, ...)                                          \
    ROW(INTERFACE, key, type, 0, at, json, __VA_ARGS__)
#define LISTED_FIELD(key, type, member, at, json, ...)                                             \
    ROW(LISTED, key, type, 0, at, json, __VA_ARGS__)
#define DATABASE_FIELD(key, type, member, at, json, ...)                                           \
    ROW(DATABASE, key, type, 0, at, json, __VA_ARGS__)
#define INPUT_FIELD(key, type, member, at, json, ...)                                              \
    ROW(INPUT, key, type, 0, at, json, __VA_ARGS__)
#include "record/fields.inc"
};

const void *nta_record_field_value(const struct nta_record_field *field,
                                   const struct nta_record *record, bool peer)
{
    const struct nta_record_side *side = peer ? &record->peer : &record->user;
    const void *start = record;

    switch (field->map) {
    case NTA_FIELDS_SIDE: start = side; break;
    case NTA_FIELDS_PLACE: start = &side->place; break;
    case NTA_FIELDS_FILE: start = &record->file; break;
    case NTA_FIELDS_MATCH: start = &record->match; break;
    case NTA_FIELDS_BINDING: start = &record->binding; break;
    case NTA_FIELDS_RECORD:
    case NTA_FIELDS_EVIDENCE:
    case NTA_FIELDS_FLAGS:
    case NTA_FIELDS_COUNTS:
    case NTA_FIELDS_QUERY:
    case NTA_FIELDS_TLS:
    case NTA_FIELDS_MORE:
    case NTA_FIELDS_MARKS:
    case NTA_FIELDS_SHOWN:
    case NTA_FIELDS_LOG:
    case NTA_FIELDS_INTERFACE:
    case NTA_FIELDS_LISTED:
    case NTA_FIELDS_DATABASE:
    case NTA_FIELDS_INPUT:
    case NTA_N_FIELD_MAPS: break;
    }
    return (const char *)start + field->offset;
}
