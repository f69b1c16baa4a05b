/* SPDX-License-Identifier: Apache-2.0 */
#include "record/decode_get.h"

GET_NUMBER(basis, enum nta_basis *, NTA_BASIS_URL)
GET_NUMBER(event, enum nta_record_event *, NTA_RECORD_PSEUDONYM)

static inline void get_begin(struct nta_reader *r, int64_t *ret)
{
    *ret = nta_cbor_get_int(r);
}

static inline void get_section(struct nta_reader *r, struct nta_span *ret)
{
    *ret = nta_cbor_get_bytes(r);
}

static void get_code(struct nta_reader *r, char (*ret)[4])
{
    struct nta_span text = nta_cbor_get_text(r);

    if (text.len >= sizeof(*ret)) {
        nta_reader_fail(r);
        return;
    }
    if (text.len)
        memcpy(*ret, text.ptr, text.len);
}

static void get_position(struct nta_reader *r, struct nta_place *place)
{
    get_tuple(r, 2);
    int64_t lat = nta_cbor_get_int(r);
    int64_t lon = nta_cbor_get_int(r);

    if (lat < -NTA_RECORD_LAT_MAX || lat > NTA_RECORD_LAT_MAX || lon < -NTA_RECORD_LON_MAX ||
        lon > NTA_RECORD_LON_MAX) {
        nta_reader_fail(r);
        return;
    }
    place->has_position = true;
    place->lat = (double)lat / (double)NTA_RECORD_MICRO;
    place->lon = (double)lon / (double)NTA_RECORD_MICRO;
}

static void get_place(struct nta_reader *r, struct nta_place *place)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define PLACE_FIELD(number, type, member, ...)                                                     \
    case (number):                                                                                 \
        get_##type(r, &place->member);                                                             \
        break;
#define PLACE_GROUP(number, type, ...)                                                             \
    case (number):                                                                                 \
        get_##type(r, place);                                                                      \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_mac(struct nta_reader *r, struct nta_record_side *side)
{
    struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len != sizeof(side->mac)) {
        nta_reader_fail(r);
        return;
    }
    side->has_mac = true;
    memcpy(side->mac, bytes.ptr, sizeof(side->mac));
}

static void get_tags(struct nta_reader *r, struct nta_record_tags *tags)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n > NTA_N_ELEMENTS(tags->ids)) {
        nta_reader_fail(r);
        return;
    }
    for (uint64_t i = 0; i < n; i++)
        get_u16(r, &tags->ids[i]);
    tags->n = (uint8_t)n;
}

static void get_side(struct nta_reader *r, struct nta_record_side *side)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define SIDE_FIELD(number, type, member, ...)                                                      \
    case (number):                                                                                 \
        get_##type(r, &side->member);                                                              \
        break;
#define SIDE_GROUP(number, type, ...)                                                              \
    case (number):                                                                                 \
        get_##type(r, side);                                                                       \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_file(struct nta_reader *r, struct nta_record_file *file)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define FILE_FIELD(number, type, member, ...)                                                      \
    case (number):                                                                                 \
        get_##type(r, &file->member);                                                              \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_match(struct nta_reader *r, struct nta_record_match *match)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define MATCH_FIELD(number, type, member, ...)                                                     \
    case (number):                                                                                 \
        get_##type(r, &match->member);                                                             \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_tls(struct nta_reader *r, struct nta_record *record)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define TLS_FIELD(number, type, member, ...)                                                       \
    case (number):                                                                                 \
        get_##type(r, &record->member);                                                            \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_evidence(struct nta_reader *r, struct nta_record *record)
{
    get_tuple(r, NTA_N_EVIDENCE_FIELDS);
#define EVIDENCE_FIELD(index, type, member, ...) get_##type(r, &record->member);
#include "record/fields.inc"
}

static void set_flags(struct nta_record *record, uint64_t flags)
{
#define FLAG_FIELD(bit, member, ...) record->member = flags & (bit);
#include "record/fields.inc"
}

static void get_flags(struct nta_reader *r, struct nta_record *record)
{
    set_flags(record, nta_cbor_get_uint(r));
}

static void get_counts(struct nta_reader *r, struct nta_record *record)
{
    get_tuple(r, NTA_N_COUNT_FIELDS);
#define COUNT_FIELD(index, member, ...) get_u64(r, &record->member);
#include "record/fields.inc"
}

static void get_query(struct nta_reader *r, struct nta_record *record)
{
    get_tuple(r, NTA_N_QUERY_FIELDS);
    record->asked = true;
#define QUERY_FIELD(index, type, member, ...) get_##type(r, &record->member);
#include "record/fields.inc"
}

static void get_answers(struct nta_reader *r, struct nta_record_buf *buf, struct nta_record *record)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n > NTA_RECORD_ANSWERS) {
        nta_reader_fail(r);
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        struct nta_record_answer *answer = &buf->answers[i];

        *answer = (struct nta_record_answer){0};
        get_tuple(r, 3);
        get_u16(r, &answer->type);
        get_u32(r, &answer->ttl_s);
        if (nta_record_answer_is_addr(answer))
            get_addr(r, &answer->addr);
        else
            answer->target = nta_cbor_get_text(r);
    }
    record->answers = buf->answers;
    record->n_answers = (size_t)n;
}

static void get_losses(struct nta_reader *r, struct nta_record_buf *buf, struct nta_record *record)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n > NTA_RECORD_LOSSES) {
        nta_reader_fail(r);
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        get_tuple(r, 2);
        buf->losses[i].reason = nta_cbor_get_text(r);
        buf->losses[i].n = nta_cbor_get_uint(r);
    }
    record->losses = buf->losses;
    record->n_losses = (size_t)n;
}

static void get_value(struct nta_reader *r, uint64_t key, struct nta_record_buf *buf,
                      struct nta_record *record)
{
    switch (key) {
#define RECORD_FIELD(number, symbol, type, member, ...)                                            \
    case (number):                                                                                 \
        get_##type(r, &record->member);                                                            \
        break;
#define RECORD_GROUP(number, symbol, type, ...)                                                    \
    case (number):                                                                                 \
        get_##type(r, record);                                                                     \
        break;
#define RECORD_PARTS(number, symbol, type, ...)                                                    \
    case (number):                                                                                 \
        get_##type(r, record);                                                                     \
        break;
#define RECORD_LIST(number, symbol, type, ...)                                                     \
    case (number):                                                                                 \
        get_##type(r, buf, record);                                                                \
        break;
#define RECORD_NEST(number, symbol, type)                                                          \
    case (number):                                                                                 \
        nta_record_get_##type(r, buf, record);                                                     \
        break;
#include "record/fields.inc"
    default: nta_cbor_skip(r);
    }
}

/* clear_TYPE() of what is no single member. */

static void clear_evidence(struct nta_record *record)
{
#define EVIDENCE_FIELD(index, type, member, ...) record->member = 0;
#include "record/fields.inc"
}

static void clear_flags(struct nta_record *record)
{
    set_flags(record, 0);
}

static void clear_counts(struct nta_record *record)
{
#define COUNT_FIELD(index, member, ...) record->member = 0;
#include "record/fields.inc"
}

static void clear_query(struct nta_record *record)
{
    record->asked = false;
#define QUERY_FIELD(index, type, member, ...) record->member = 0;
#include "record/fields.inc"
}

static void clear_tls(struct nta_record *record)
{
#define TLS_FIELD(key, type, member, ...) memset(&record->member, 0, sizeof(record->member));
#include "record/fields.inc"
}

static void clear_answers(struct nta_record *record)
{
    record->answers = NULL;
    record->n_answers = 0;
}

static void clear_losses(struct nta_record *record)
{
    record->losses = NULL;
    record->n_losses = 0;
}

static void clear_part(struct nta_record *record, unsigned key)
{
    switch (key) {
#define RECORD_FIELD(number, symbol, type, member, ...)                                            \
    case (number):                                                                                 \
        memset(&record->member, 0, sizeof(record->member));                                        \
        break;
#define RECORD_GROUP(number, symbol, type, ...)                                                    \
    case (number):                                                                                 \
        clear_##type(record);                                                                      \
        break;
#define RECORD_PARTS(number, symbol, type, ...)                                                    \
    case (number):                                                                                 \
        clear_##type(record);                                                                      \
        break;
#define RECORD_LIST(number, symbol, type, ...)                                                     \
    case (number):                                                                                 \
        clear_##type(record);                                                                      \
        break;
#define RECORD_NEST(number, symbol, type)                                                          \
    case (number):                                                                                 \
        nta_record_clear_##type(record);                                                           \
        break;
#include "record/fields.inc"
    default: break;
    }
}

enum
{
    ALWAYS = NTA_PART_EVENT | NTA_PART_TIME | NTA_PART_END
};

/** Empty what is asked for: zeroing all of a record takes as long as reading half of one. */
static void clear(struct nta_record *record, uint32_t parts)
{
    if (parts == NTA_PARTS_ALL) {
        *record = (struct nta_record){.time_ns = 0};
        return;
    }
    record->event = (enum nta_record_event)0;
    record->time_ns = record->end_ns = 0;
    for (uint32_t left = parts & ~(uint32_t)ALWAYS; left; left &= left - 1)
        clear_part(record, (unsigned)__builtin_ctz(left));
}

bool nta_record_decode_some(struct nta_span cbor, uint32_t parts, struct nta_record_buf *buf,
                            struct nta_record *record)
{
    struct nta_reader r = nta_reader_of(cbor.ptr, cbor.len);
    struct pairs pairs = get_pairs(&r);
    uint32_t wanted = parts | ALWAYS;
    uint64_t key;

    clear(record, parts);
    while (next_pair(&pairs, &key)) {
        if (key < 32 && wanted >> key == 0)
            break; /* keys grow: nothing of it comes any more */
        if (key < 32 && wanted >> key & 1)
            get_value(&r, key, buf, record);
        else
            nta_cbor_skip(&r);
    }
    return nta_reader_ok(&r) && (int)record->event != 0;
}

bool nta_record_decode_over(struct nta_span cbor, struct nta_record_buf *buf,
                            struct nta_record *record)
{
    struct nta_reader r = nta_reader_of(cbor.ptr, cbor.len);
    struct pairs pairs = get_pairs(&r);
    uint64_t key;

    *record = (struct nta_record){.time_ns = 0};
    while (next_pair(&pairs, &key))
        get_value(&r, key, buf, record);
    return nta_reader_done(&r) && (int)record->event != 0;
}

bool nta_record_decode(struct nta_span cbor, struct nta_record_buf *buf,
                       struct nta_record *ret_record)
{
    struct nta_record record;

    if (!nta_record_decode_over(cbor, buf, &record))
        return false;
    *ret_record = record;
    return true;
}
