/* SPDX-License-Identifier: Apache-2.0 */
#include "record/decode_get.h"

/* ---- what the sensor says of itself ---- */

static void get_clock(struct nta_reader *r, struct nta_record_clock *clock)
{
    get_tuple(r, 2);
    clock->known = true;
    clock->synchronised = nta_cbor_get_bool(r);
    get_u32(r, &clock->error_ms);
}

/* Items of lists: a map each, or a pair. */

static void get_interfaces_item(struct nta_reader *r, struct nta_log_interface *item)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define INTERFACE_FIELD(number, type, member, ...)                                                 \
    case (number):                                                                                 \
        get_##type(r, &item->member);                                                              \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_lists_item(struct nta_reader *r, struct nta_log_list *item)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define LISTED_FIELD(number, type, member, ...)                                                    \
    case (number):                                                                                 \
        get_##type(r, &item->member);                                                              \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_geo_item(struct nta_reader *r, struct nta_log_database *item)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define DATABASE_FIELD(number, type, member, ...)                                                  \
    case (number):                                                                                 \
        get_##type(r, &item->member);                                                              \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_inputs_item(struct nta_reader *r, struct nta_log_input *item)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define INPUT_FIELD(number, type, member, ...)                                                     \
    case (number):                                                                                 \
        get_##type(r, &item->member);                                                              \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void get_home_item(struct nta_reader *r, struct nta_prefix *prefix)
{
    get_tuple(r, 2);
    get_addr(r, &prefix->addr);
    prefix->len = (uint8_t)get_upto(r, UINT64_C(8) * NTA_ADDR_LEN);
}

static void get_blind_item(struct nta_reader *r, struct nta_log_blind *blind)
{
    get_tuple(r, 2);
    get_text(r, &blind->interface);
    get_u64(r, &blind->seconds);
}

static void get_worst_item(struct nta_reader *r, struct nta_log_worst *worst)
{
    get_tuple(r, 3);
    get_text(r, &worst->reason);
    get_u64(r, &worst->n);
    get_time(r, &worst->end_ns);
}

#define GET_LIST(type)                                                                             \
    static void get_##type(struct nta_reader *r, struct nta_log_buf *buf)                          \
    {                                                                                              \
        const uint64_t n = nta_cbor_get_array(r);                                                  \
                                                                                                   \
        if (n > NTA_N_ELEMENTS(buf->type)) {                                                       \
            nta_reader_fail(r);                                                                    \
            return;                                                                                \
        }                                                                                          \
        for (size_t i = 0; i < n; i++) {                                                           \
            memset(&buf->type[i], 0, sizeof(buf->type[i]));                                        \
            get_##type##_item(r, &buf->type[i]);                                                   \
        }                                                                                          \
        buf->log.type = buf->type;                                                                 \
        buf->log.n_##type = (size_t)n;                                                             \
    }

GET_LIST(interfaces)
GET_LIST(lists)
GET_LIST(geo)
GET_LIST(home)
GET_LIST(inputs)
GET_LIST(blind)
GET_LIST(worst)

static void get_log_map(struct nta_reader *r, struct nta_log_buf *buf)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    memset(&buf->log, 0, sizeof(buf->log));
    while (next_pair(&pairs, &key)) {
        switch (key) {
#define LOG_FIELD(number, type, member, ...)                                                       \
    case (number):                                                                                 \
        get_##type(r, &buf->log.member);                                                           \
        break;
#define LOG_LIST(number, type, ...)                                                                \
    case (number):                                                                                 \
        get_##type(r, buf);                                                                        \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

/* get_TYPE() of the types that only the map `more` has; a list's items are kept in `buf`. */

GET_NUMBER(doubts, uint16_t *, UINT16_MAX)

static void get_stamp(struct nta_reader *r, uint64_t *ret)
{
    const struct nta_span bytes = nta_cbor_get_bytes(r);

    *ret = 0;
    if (bytes.len != sizeof(*ret)) {
        nta_reader_fail(r);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++)
        *ret = *ret << 8 | bytes.ptr[i];
}

static void get_network(struct nta_reader *r, struct nta_record_network *network)
{
    get_tuple(r, 2);
    get_network_kind(r, &network->kind);
    get_u64(r, &network->id);
}

static void get_binding(struct nta_reader *r, struct nta_record_binding *binding)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define BINDING_FIELD(number, type, member, ...)                                                   \
    case (number):                                                                                 \
        get_##type(r, &binding->member);                                                           \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

/** The head of an array of at most `most` items. */
static size_t get_list(struct nta_reader *r, size_t most)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n <= most)
        return (size_t)n;
    nta_reader_fail(r);
    return 0;
}

static void get_via(struct nta_reader *r, struct nta_record_buf *buf, struct nta_record *record)
{
    record->via = buf->via;
    record->n_via = get_list(r, NTA_RECORD_VIA);
    for (size_t i = 0; i < record->n_via; i++)
        get_text(r, &buf->via[i]);
}

static void get_conflict(struct nta_reader *r, struct nta_record_buf *buf,
                         struct nta_record *record)
{
    record->conflicts = buf->conflicts;
    record->n_conflicts = get_list(r, NTA_RECORD_CONFLICTS);
    for (size_t i = 0; i < record->n_conflicts; i++) {
        get_tuple(r, 2);
        get_conflict_kind(r, &buf->conflicts[i].kind);
        get_text(r, &buf->conflicts[i].value);
    }
}

static void get_requests(struct nta_reader *r, struct nta_record_buf *buf,
                         struct nta_record *record)
{
    record->requests = buf->requests;
    record->n_requests = get_list(r, NTA_RECORD_REQUESTS);
    for (size_t i = 0; i < record->n_requests; i++)
        get_u64(r, &buf->requests[i]);
}

static void get_log(struct nta_reader *r, struct nta_record_buf *buf, struct nta_record *record)
{
    get_log_map(r, &buf->log);
    record->log = &buf->log.log;
}

static void set_marks(struct nta_record *record, uint64_t marks)
{
#define MARK_FIELD(bit, member, ...) record->member = marks & (bit);
#include "record/fields.inc"
}

static void get_marks(struct nta_reader *r, struct nta_record *record)
{
    set_marks(record, nta_cbor_get_uint(r));
}

void nta_record_get_more(struct nta_reader *r, struct nta_record_buf *buf,
                         struct nta_record *record)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
#define MORE_FIELD(number, type, member, ...)                                                      \
    case (number):                                                                                 \
        get_##type(r, &record->member);                                                            \
        break;
#define MORE_LIST(number, type, ...)                                                               \
    case (number):                                                                                 \
        get_##type(r, buf, record);                                                                \
        break;
#define MORE_PARTS(number, symbol, type)                                                           \
    case (number):                                                                                 \
        get_##type(r, record);                                                                     \
        break;
#include "record/fields.inc"
        default: nta_cbor_skip(r);
        }
    }
}

static void clear_via(struct nta_record *record)
{
    record->via = NULL;
    record->n_via = 0;
}

static void clear_conflict(struct nta_record *record)
{
    record->conflicts = NULL;
    record->n_conflicts = 0;
}

static void clear_requests(struct nta_record *record)
{
    record->requests = NULL;
    record->n_requests = 0;
}

static void clear_log(struct nta_record *record)
{
    record->log = NULL;
}

static void clear_marks(struct nta_record *record)
{
    set_marks(record, 0);
}

void nta_record_clear_more(struct nta_record *record)
{
#define MORE_FIELD(number, type, member, ...) memset(&record->member, 0, sizeof(record->member));
#define MORE_LIST(number, type, ...)          clear_##type(record);
#define MORE_PARTS(number, symbol, type)      clear_##type(record);
#include "record/fields.inc"
}
