/* SPDX-License-Identifier: Apache-2.0 */
#include "record/json.h"

#include "base/own.h"
#include "record/codec.h"
#include "record/grade.h"
#include "record/json_names.h"
#include "record/json_type.h"
#include "record/names.h"

#include <assert.h>

/*
 * nta_json_TYPE() of each type of record/fields.inc: name and value, or nothing if it is not
 * known.  A group's gets the struct whose members it holds.
 */

/** How long it is. */
static inline void nta_json_section(struct nta_buf *out, const char *name,
                                    const struct nta_span *bytes)
{
    put_known(out, name, bytes->len);
}

static inline void nta_json_event(struct nta_buf *out, const char *name,
                                  const enum nta_record_event *event)
{
    put_word(out, name, nta_record_event_name(*event));
}

static inline void nta_json_transport(struct nta_buf *out, const char *name,
                                      const uint8_t *ip_proto)
{
    char buf[NTA_RECORD_NAME_SIZE];

    if (*ip_proto)
        put_word(out, name, nta_record_transport(*ip_proto, buf));
}

static inline void nta_json_app(struct nta_buf *out, const char *name, const enum nta_app *app)
{
    put_word(out, name, nta_record_app((unsigned)*app));
}

static inline void nta_json_basis(struct nta_buf *out, const char *name,
                                  const enum nta_basis *basis)
{
    put_word(out, name, nta_basis_name(*basis));
}

static void nta_json_agrees(struct nta_buf *out, const char *name, const uint8_t *bits)
{
    static const char *const words[] = {"\"dns\"", "\"cert\"", "\"sni\"", "\"host\"",
                                        "\"overlap\""};

    static_assert(NTA_AGREES_OVERLAP == 1 << (NTA_N_ELEMENTS(words) - 1), "a word for each bit");
    char before = '[';

    if (!(*bits & (2U * NTA_AGREES_OVERLAP - 1)))
        return;
    put_name(out, name);
    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        if (!(*bits & 1U << i))
            continue;
        nta_buf_put_u8(out, (uint8_t)before);
        nta_buf_puts(out, words[i]);
        before = ',';
    }
    nta_buf_put_u8(out, ']');
}

static inline void nta_json_kind(struct nta_buf *out, const char *name, const uint8_t *kind)
{
    put_word(out, name, nta_record_match_kind(*kind));
}

static inline void nta_json_severity(struct nta_buf *out, const char *name, const uint8_t *severity)
{
    put_word(out, name, nta_record_severity(*severity));
}

static void nta_json_tags(struct nta_buf *out, const char *name, const struct nta_record_tags *tags)
{
    if (tags->n == 0)
        return;
    put_name(out, name);
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < tags->n; i++) {
        if (i)
            nta_buf_put_u8(out, ',');
        put_number(out, tags->ids[i]);
    }
    nta_buf_put_u8(out, ']');
}

static void nta_json_mac(struct nta_buf *out, const char *name, const struct nta_record_side *side)
{
    char text[3 * 6], *pos = text;

    if (!side->has_mac)
        return;
    for (size_t i = 0; i < 6; i++) {
        pos = nta_hex_put(side->mac + i, 1, pos);
        *pos++ = i < 5 ? ':' : '\0';
    }
    put_word(out, name, text);
}

static inline void nta_json_code(struct nta_buf *out, const char *name, const char (*code)[4])
{
    put_text(out, name, nta_span_of(*code));
}

/** Two of them; the row's name is for the page. */
static void nta_json_position(struct nta_buf *out, const char *name, const struct nta_place *place)
{
    (void)name;
    if (!place->has_position || !(fabs(place->lat) <= 90.0) || !(fabs(place->lon) <= 180.0))
        return;
    put_degrees(out, NTA_JSON_LAT, place->lat);
    put_degrees(out, NTA_JSON_LON, place->lon);
}

/*
 * Members of an object in the order of their places, which is not that of the keys: a loop over
 * places, in which the compiler, since the number of rounds is known and small, leaves nothing but
 * the members' code in a row.
 */

static inline __attribute__((always_inline)) void
put_place_at(struct nta_buf *out, const struct nta_place *place, int at)
{
    switch (at) {
#define PLACE_FIELD(number, type, member, place_at, name, ...)                                     \
    case (place_at):                                                                               \
        nta_json_##type(out, name, &place->member);                                                \
        break;
#define PLACE_GROUP(number, type, place_at, name, ...)                                             \
    case (place_at):                                                                               \
        nta_json_##type(out, name, place);                                                         \
        break;
#include "record/fields.inc"
    default: break;
    }
}

/** The place's name in the site table stands beside what the databases say. */
static void nta_json_place(struct nta_buf *out, const char *name, const struct nta_place *place)
{
    put_text(out, NTA_JSON_PLACE, place->site);
    size_t start = open_object(out, name);

    UNROLLED
    for (int at = 0; at < NTA_N_PLACE_FIELDS; at++)
        put_place_at(out, place, at);
    close_object(out, start);
}

static inline __attribute__((always_inline)) void
put_side_at(struct nta_buf *out, const struct nta_record_side *side, int at)
{
    switch (at) {
#define SIDE_FIELD(number, type, member, side_at, name, ...)                                       \
    case (side_at):                                                                                \
        nta_json_##type(out, name, &side->member);                                                 \
        break;
#define SIDE_GROUP(number, type, side_at, name, ...)                                               \
    case (side_at):                                                                                \
        nta_json_##type(out, name, side);                                                          \
        break;
#include "record/fields.inc"
    default: break;
    }
}

static void nta_json_side(struct nta_buf *out, const char *name, const struct nta_record_side *side)
{
    size_t start = open_object(out, name);

    UNROLLED
    for (int at = 0; at < NTA_N_SIDE_FIELDS; at++)
        put_side_at(out, side, at);
    close_object(out, start);
}

void nta_record_json_side(struct nta_buf *out, const char *name, const struct nta_record_side *side)
{
    nta_json_side(out, name, side);
}

/* Where in its object each member of a file stands. */
enum
{
#define FILE_FIELD(number, type, member, file_at, name, ...) FILE_AT_##member = (file_at),
#include "record/fields.inc"
};

bool nta_record_is_broken_off(const struct nta_record_file *file)
{
    return file->parts > 0 && file->expected > 0 && !file->complete;
}

static inline __attribute__((always_inline)) void
put_file_at(struct nta_buf *out, const struct nta_record_file *file, int at)
{
    switch (at) {
#define FILE_FIELD(number, type, member, file_at, name, ...)                                       \
    case (file_at):                                                                                \
        nta_json_##type(out, name, &file->member);                                                 \
        break;
#include "record/fields.inc"
    default: break;
    }
}

void nta_record_json_file(struct nta_buf *out, const struct nta_record_file *file)
{
    UNROLLED
    for (int at = 0; at < NTA_N_FILE_FIELDS; at++) {
        if (at == FILE_AT_complete && nta_record_is_broken_off(file))
            nta_json_no(out, "complete");
        else
            put_file_at(out, file, at);
    }
}

static void nta_json_file(struct nta_buf *out, const char *name, const struct nta_record_file *file)
{
    size_t start = open_object(out, name);

    nta_record_json_file(out, file);
    close_object(out, start);
}

static inline __attribute__((always_inline)) void
put_match_at(struct nta_buf *out, const struct nta_record_match *match, int at)
{
    switch (at) {
#define MATCH_FIELD(number, type, member, match_at, name, ...)                                     \
    case (match_at):                                                                               \
        nta_json_##type(out, name, &match->member);                                                \
        break;
#include "record/fields.inc"
    default: break;
    }
}

static void nta_json_match(struct nta_buf *out, const char *name,
                           const struct nta_record_match *match)
{
    if (match->list.len == 0)
        return;
    size_t start = open_object(out, name);

    UNROLLED
    for (int at = 0; at < NTA_N_MATCH_FIELDS; at++)
        put_match_at(out, match, at);
    close_object(out, start);
}

static void put_counts(struct nta_buf *out, const char *name,
                       const struct nta_record_counts *counts)
{
    size_t start = open_object(out, name);

    put_uint(out, NTA_JSON_BYTES, counts->bytes);
    put_uint(out, NTA_JSON_PACKETS, counts->packets);
    close_object(out, start);
}

/** Two objects; the row's name is for the page. */
static void nta_json_counts(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    (void)name;
    if (record->event != NTA_RECORD_FLOW &&
        !(record->up.packets | record->down.packets | record->up.bytes | record->down.bytes))
        return;
    put_counts(out, NTA_JSON_UP, &record->up);
    put_counts(out, NTA_JSON_DOWN, &record->down);
}

static void nta_json_query(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    char buf[NTA_RECORD_NAME_SIZE];

    if (record->event != NTA_RECORD_LOOKUP)
        return;
    size_t start = open_object(out, name);

    put_word(out, NTA_JSON_TYPE, nta_record_dns_type(record->query_type, buf));
    if (record->answered)
        put_word(out, NTA_JSON_RCODE, nta_record_rcode(record->rcode, buf));
    put_bool(out, NTA_JSON_ANSWERED, record->answered);
    close_object(out, start);
}

static void nta_json_answers(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    char buf[NTA_RECORD_NAME_SIZE];

    if (record->event != NTA_RECORD_LOOKUP || record->n_answers == 0)
        return;
    put_name(out, name);
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < record->n_answers; i++) {
        const struct nta_record_answer *answer = &record->answers[i];

        nta_buf_puts(out, i ? ",{" : "{");
        put_word(out, NTA_JSON_TYPE, nta_record_dns_type(answer->type, buf));
        put_uint(out, NTA_JSON_TTL, answer->ttl_s);
        nta_json_addr(out, NTA_JSON_ADDR, &answer->addr);
        put_text(out, NTA_JSON_TARGET, answer->target);
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
}

static void nta_json_losses(struct nta_buf *out, const char *name, const struct nta_record *record)
{
    size_t start = open_object(out, name);

    for (size_t i = 0; i < record->n_losses; i++) {
        if (out->len && out->ptr[out->len - 1] != '{')
            nta_buf_put_u8(out, ',');
        nta_text_json(out, record->losses[i].reason);
        nta_buf_put_u8(out, ':');
        put_number(out, record->losses[i].n);
    }
    close_object(out, start);
}

static inline void nta_json_grade(struct nta_buf *out, const char *name,
                                  const struct nta_record *record)
{
    if (nta_record_has_grade(record))
        put_word(out, name, nta_grade_name(nta_record_grade(record)));
}

/* when a flag is there though it is not set: the words of the rows */
#define NEVER   false
#define MATCHED (record->match.list.len > 0)
#define TRAFFIC                                                                                    \
    (record->event == NTA_RECORD_FLOW || record->event == NTA_RECORD_REQUEST ||                    \
     record->event == NTA_RECORD_ALERT)

// NOLINTBEGIN(readability-function-size,readability-function-cognitive-complexity): rows
static inline __attribute__((always_inline)) void
put_record_at(struct nta_buf *out, const struct nta_record *record, int at)
{
    switch (at) {
#define RECORD_FIELD(number, symbol, type, member, record_at, name, ...)                           \
    case (record_at):                                                                              \
        nta_json_##type(out, name, &record->member);                                               \
        break;
#define RECORD_GROUP(number, symbol, type, record_at, name, ...)                                   \
    case (record_at):                                                                              \
        nta_json_##type(out, name, record);                                                        \
        break;
#define RECORD_LIST(number, symbol, type, record_at, name, ...)                                    \
    case (record_at):                                                                              \
        nta_json_##type(out, name, record);                                                        \
        break;
#define EVIDENCE_FIELD(number, type, member, record_at, name, ...)                                 \
    case (record_at):                                                                              \
        nta_json_##type(out, name, &record->member);                                               \
        break;
#define TLS_FIELD(number, type, member, record_at, name, ...)                                      \
    case (record_at):                                                                              \
        nta_json_##type(out, name, &record->member);                                               \
        break;
#define MORE_FIELD(number, type, member, record_at, name, ...)                                     \
    case (record_at):                                                                              \
        nta_json_##type(out, name, &record->member);                                               \
        break;
#define MORE_LIST(number, type, record_at, name, ...)                                              \
    case (record_at):                                                                              \
        nta_json_##type(out, name, record);                                                        \
        break;
#define MARK_FIELD(bit, member, record_at, name, ...)                                              \
    case (record_at):                                                                              \
        nta_json_yes(out, name, &record->member);                                                  \
        break;
#define SHOWN(type, record_at, name, ...)                                                          \
    case (record_at):                                                                              \
        nta_json_##type(out, name, record);                                                        \
        break;
#define FLAG_FIELD(bit, member, record_at, name, when, ...)                                        \
    case (record_at):                                                                              \
        if (record->member || when)                                                                \
            put_bool(out, name, record->member);                                                   \
        break;
#include "record/fields.inc"
    default: break;
    }
}

// NOLINTEND(readability-function-size,readability-function-cognitive-complexity)

void nta_record_json(struct nta_buf *out, const struct nta_record *record, const char *id)
{
    nta_buf_put_u8(out, '{');
    put_text(out, NTA_JSON_ID, nta_span_of(id));
    UNROLLED
    for (int at = 0; at < NTA_N_RECORD_FIELDS; at++)
        put_record_at(out, record, at);
    nta_buf_put_u8(out, '}');
}
