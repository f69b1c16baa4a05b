/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "record/encode_put.h"

/* ---- what the sensor says of itself ---- */

static inline void put_clock(struct nta_cbor_map *map, unsigned key,
                             const struct nta_record_clock *clock)
{
    if (!clock->known)
        return;
    nta_cbor_put_array(pair(map, key), 2);
    nta_cbor_put_bool(map->out, clock->synchronised);
    nta_cbor_put_uint(map->out, clock->error_ms);
}

/* Items of lists: a map each, or a pair. */

static void put_interfaces_item(struct nta_buf *out, const struct nta_log_interface *item)
{
    struct nta_cbor_map map = nta_cbor_map_open(out, NULL, 0);

#define INTERFACE_FIELD(number, type, member, ...) put_##type(&map, number, &item->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_lists_item(struct nta_buf *out, const struct nta_log_list *item)
{
    struct nta_cbor_map map = nta_cbor_map_open(out, NULL, 0);

#define LISTED_FIELD(number, type, member, ...) put_##type(&map, number, &item->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_geo_item(struct nta_buf *out, const struct nta_log_database *item)
{
    struct nta_cbor_map map = nta_cbor_map_open(out, NULL, 0);

#define DATABASE_FIELD(number, type, member, ...) put_##type(&map, number, &item->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_inputs_item(struct nta_buf *out, const struct nta_log_input *item)
{
    struct nta_cbor_map map = nta_cbor_map_open(out, NULL, 0);

#define INPUT_FIELD(number, type, member, ...) put_##type(&map, number, &item->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_home_item(struct nta_buf *out, const struct nta_prefix *prefix)
{
    nta_cbor_put_array(out, 2);
    put_addr_item(out, &prefix->addr);
    nta_cbor_put_uint(out, prefix->len);
}

static void put_blind_item(struct nta_buf *out, const struct nta_log_blind *blind)
{
    nta_cbor_put_array(out, 2);
    nta_cbor_put_text(out, blind->interface);
    nta_cbor_put_uint(out, blind->seconds);
}

static void put_worst_item(struct nta_buf *out, const struct nta_log_worst *worst)
{
    nta_cbor_put_array(out, 3);
    nta_cbor_put_text(out, worst->reason);
    nta_cbor_put_uint(out, worst->n);
    nta_cbor_put_int(out, worst->end_ns);
}

/** A list: at most as many items as a reader holds. */
#define PUT_LIST(type, most)                                                                       \
    static void put_##type(struct nta_cbor_map *map, unsigned key,                                 \
                           const struct nta_record_log *log)                                       \
    {                                                                                              \
        const size_t n = log->n_##type < (most) ? log->n_##type : (most);                          \
                                                                                                   \
        if (n == 0)                                                                                \
            return;                                                                                \
        nta_cbor_put_array(pair(map, key), n);                                                     \
        for (size_t i = 0; i < n; i++)                                                             \
            put_##type##_item(map->out, &log->type[i]);                                            \
    }

PUT_LIST(interfaces, NTA_LOG_INTERFACES)
PUT_LIST(lists, NTA_LOG_LISTS)
PUT_LIST(geo, NTA_LOG_DATABASES)
PUT_LIST(home, NTA_LOG_HOMES)
PUT_LIST(inputs, NTA_LOG_INPUTS)
PUT_LIST(blind, NTA_LOG_BLIND)
PUT_LIST(worst, NTA_LOG_WORST)

static void put_log_map(struct nta_cbor_map *parent, unsigned key, const struct nta_record_log *log)
{
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define LOG_FIELD(number, type, member, ...) put_##type(&map, number, &log->member);
#define LOG_LIST(number, type, ...)          put_##type(&map, number, log);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

/* ---- put_TYPE() of the types that only the map `more` has ---- */

static inline void put_stamp(struct nta_cbor_map *map, unsigned key, const uint64_t *stamp)
{
    uint8_t bytes[sizeof(*stamp)];

    if (!*stamp)
        return;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(*stamp >> 8 * (sizeof(bytes) - 1 - i));
    nta_cbor_put_bytes(pair(map, key), (struct nta_span){bytes, sizeof(bytes)});
}

static inline void put_doubts(struct nta_cbor_map *map, unsigned key, const uint16_t *bits)
{
    put_u16(map, key, bits);
}

static inline void put_network(struct nta_cbor_map *map, unsigned key,
                               const struct nta_record_network *network)
{
    if (!network->kind)
        return;
    nta_cbor_put_array(pair(map, key), 2);
    nta_cbor_put_uint(map->out, network->kind);
    nta_cbor_put_uint(map->out, network->id);
}

static void put_binding(struct nta_cbor_map *parent, unsigned key,
                        const struct nta_record_binding *binding)
{
    if (nta_record_binding_is_empty(binding))
        return; /* as of nearly all records */
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define BINDING_FIELD(number, type, member, ...) put_##type(&map, number, &binding->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_via(struct nta_cbor_map *map, unsigned key, const struct nta_record *record)
{
    size_t n = record->n_via < NTA_RECORD_VIA ? record->n_via : NTA_RECORD_VIA;

    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, key), n);
    for (size_t i = 0; i < n; i++)
        nta_cbor_put_text(map->out, record->via[i]);
}

static void put_conflict(struct nta_cbor_map *map, unsigned key, const struct nta_record *record)
{
    size_t n =
        record->n_conflicts < NTA_RECORD_CONFLICTS ? record->n_conflicts : NTA_RECORD_CONFLICTS;

    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, key), n);
    for (size_t i = 0; i < n; i++) {
        nta_cbor_put_array(map->out, 2);
        nta_cbor_put_uint(map->out, record->conflicts[i].kind);
        nta_cbor_put_text(map->out, record->conflicts[i].value);
    }
}

static void put_requests(struct nta_cbor_map *map, unsigned key, const struct nta_record *record)
{
    size_t n = record->n_requests < NTA_RECORD_REQUESTS ? record->n_requests : NTA_RECORD_REQUESTS;

    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, key), n);
    for (size_t i = 0; i < n; i++)
        nta_cbor_put_uint(map->out, record->requests[i]);
}

static inline void put_log(struct nta_cbor_map *map, unsigned key, const struct nta_record *record)
{
    if (record->log)
        put_log_map(map, key, record->log);
}

static inline void put_marks(struct nta_cbor_map *map, unsigned key,
                             const struct nta_record *record)
{
    const uint64_t bits = 0
#define MARK_FIELD(bit, member, ...) | (record->member ? (bit) : 0U)
#include "record/fields.inc"
        ;

    put_u64(map, key, &bits);
}

void nta_record_put_more(struct nta_cbor_map *parent, unsigned key, const struct nta_record *record)
{
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define MORE_FIELD(number, type, member, ...) put_##type(&map, number, &record->member);
#define MORE_LIST(number, type, ...)          put_##type(&map, number, record);
#define MORE_PARTS(number, symbol, type, ...) put_##type(&map, number, record);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}
