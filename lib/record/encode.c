/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "record/encode_put.h"

#include <math.h>
#include <string.h>

/** Always there. */
static inline void put_event(struct nta_cbor_map *map, unsigned key,
                             const enum nta_record_event *event)
{
    nta_cbor_put_uint(pair(map, key), (uint64_t)*event);
}

/** Always there. */
static inline void put_begin(struct nta_cbor_map *map, unsigned key, const int64_t *wall_ns)
{
    nta_cbor_put_int(pair(map, key), *wall_ns);
}

static inline void put_section(struct nta_cbor_map *map, unsigned key, const struct nta_span *bytes)
{
    put_hash(map, key, bytes);
}

static void put_position(struct nta_cbor_map *map, unsigned key, const struct nta_place *place)
{
    /* also keeps NaN out, which compares false */
    if (!place->has_position || !(fabs(place->lat) <= 90.0) || !(fabs(place->lon) <= 180.0))
        return;
    struct nta_buf *out = pair(map, key);

    nta_cbor_put_array(out, 2);
    nta_cbor_put_int(out, llrint(place->lat * (double)NTA_RECORD_MICRO));
    nta_cbor_put_int(out, llrint(place->lon * (double)NTA_RECORD_MICRO));
}

static inline void put_code(struct nta_cbor_map *map, unsigned key, const char (*code)[4])
{
    struct nta_span text = {.ptr = (const uint8_t *)*code,
                            .len = strnlen(*code, sizeof(*code) - 1)};

    put_text(map, key, &text);
}

static void put_place(struct nta_cbor_map *parent, unsigned key, const struct nta_place *place)
{
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define PLACE_FIELD(number, type, member, ...) put_##type(&map, number, &place->member);
#define PLACE_GROUP(number, type, ...)         put_##type(&map, number, place);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_tags(struct nta_cbor_map *map, unsigned key, const struct nta_record_tags *tags)
{
    if (tags->n == 0)
        return;
    nta_cbor_put_array(pair(map, key), tags->n);
    for (size_t i = 0; i < tags->n; i++)
        nta_cbor_put_uint(map->out, tags->ids[i]);
}

static inline void put_mac(struct nta_cbor_map *map, unsigned key,
                           const struct nta_record_side *side)
{
    struct nta_span bytes = {.ptr = side->mac, .len = side->has_mac ? sizeof(side->mac) : 0};

    put_hash(map, key, &bytes);
}

static void put_side(struct nta_cbor_map *parent, unsigned key, const struct nta_record_side *side)
{
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define SIDE_FIELD(number, type, member, ...) put_##type(&map, number, &side->member);
#define SIDE_GROUP(number, type, ...)         put_##type(&map, number, side);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static inline void put_evidence(struct nta_cbor_map *map, unsigned key,
                                const struct nta_record *record)
{
    const uint64_t items[] = {
#define EVIDENCE_FIELD(index, type, member, ...) [index] = (uint64_t)record->member,
#include "record/fields.inc"
    };

    put_items(map, key, items, NTA_N_ELEMENTS(items), false);
}

static inline void put_flags(struct nta_cbor_map *map, unsigned key,
                             const struct nta_record *record)
{
    const uint64_t bits = 0
#define FLAG_FIELD(bit, member, ...) | (record->member ? (bit) : 0U)
#include "record/fields.inc"
        ;

    put_u64(map, key, &bits);
}

static void put_file(struct nta_cbor_map *parent, unsigned key, const struct nta_record_file *file)
{
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define FILE_FIELD(number, type, member, ...) put_##type(&map, number, &file->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static inline void put_counts(struct nta_cbor_map *map, unsigned key,
                              const struct nta_record *record)
{
    const uint64_t items[] = {
#define COUNT_FIELD(index, member, ...) [index] = record->member,
#include "record/fields.inc"
    };

    put_items(map, key, items, NTA_N_ELEMENTS(items), false);
}

static void put_match(struct nta_cbor_map *parent, unsigned key,
                      const struct nta_record_match *match)
{
    if (match->list.len == 0)
        return;
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define MATCH_FIELD(number, type, member, ...) put_##type(&map, number, &match->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static inline void put_query(struct nta_cbor_map *map, unsigned key,
                             const struct nta_record *record)
{
    const uint64_t items[] = {
#define QUERY_FIELD(index, type, member, ...) [index] = record->member,
#include "record/fields.inc"
    };

    put_items(map, key, items, NTA_N_ELEMENTS(items), record->asked);
}

static void put_answers(struct nta_cbor_map *map, unsigned key, const struct nta_record *record)
{
    size_t n = record->n_answers < NTA_RECORD_ANSWERS ? record->n_answers : NTA_RECORD_ANSWERS;

    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, key), n);
    for (size_t i = 0; i < n; i++) {
        const struct nta_record_answer *answer = &record->answers[i];

        nta_cbor_put_array(map->out, 3);
        nta_cbor_put_uint(map->out, answer->type);
        nta_cbor_put_uint(map->out, answer->ttl_s);
        if (nta_record_answer_is_addr(answer))
            put_addr_item(map->out, &answer->addr);
        else
            nta_cbor_put_text(map->out, answer->target);
    }
}

static void put_tls(struct nta_cbor_map *parent, unsigned key, const struct nta_record *record)
{
    struct nta_cbor_map map = nta_cbor_map_open(parent->out, parent, key);

#define TLS_FIELD(number, type, member, ...) put_##type(&map, number, &record->member);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}

static void put_losses(struct nta_cbor_map *map, unsigned key, const struct nta_record *record)
{
    size_t n = record->n_losses < NTA_RECORD_LOSSES ? record->n_losses : NTA_RECORD_LOSSES;

    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, key), n);
    for (size_t i = 0; i < n; i++) {
        nta_cbor_put_array(map->out, 2);
        nta_cbor_put_text(map->out, record->losses[i].reason);
        nta_cbor_put_uint(map->out, record->losses[i].n);
    }
}

void nta_record_encode(const struct nta_record *record, struct nta_buf *out)
{
    struct nta_cbor_map map = nta_cbor_map_open(out, NULL, 0);

#define RECORD_FIELD(number, symbol, type, member, ...) put_##type(&map, number, &record->member);
#define RECORD_GROUP(number, symbol, type, ...)         put_##type(&map, number, record);
#define RECORD_LIST(number, symbol, type, ...)          put_##type(&map, number, record);
#define RECORD_PARTS(number, symbol, type, ...)         put_##type(&map, number, record);
#define RECORD_NEST(number, symbol, type)               nta_record_put_##type(&map, number, record);
#include "record/fields.inc"
    nta_cbor_map_close(&map);
}
