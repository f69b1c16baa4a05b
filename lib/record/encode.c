/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor.h"
#include "record/fields.h"
#include "record/record.h"

#include <math.h>
#include <string.h>

/** A map being written.  Its head is one byte (fewer than 24 pairs) and is filled in at the end. */
struct map
{
    struct nta_buf *out;
    struct map *parent; ///< NULL: the record itself.
    size_t start;       ///< Where the parent's key stands; the head comes behind it.
    size_t head;
    unsigned n;
};

static struct map map_open(struct nta_buf *out, struct map *parent, unsigned key)
{
    struct map map = {.out = out, .parent = parent, .start = out->len};

    if (parent)
        nta_cbor_put_key(out, key);
    map.head = out->len;
    nta_cbor_put_map(out, 0);
    return map;
}

/** An empty map leaves no trace. */
static void map_close(struct map *map)
{
    struct nta_buf *out = map->out;
    size_t end = out->len;

    if (out->failed)
        return;
    if (map->n == 0 && map->parent) {
        out->len = map->start;
        return;
    }
    out->len = map->head;
    nta_cbor_put_map(out, map->n);
    out->len = end;
    if (map->parent)
        map->parent->n++;
}

static inline struct nta_buf *pair(struct map *map, unsigned key)
{
    map->n++;
    nta_cbor_put_key(map->out, key);
    return map->out;
}

static inline void put_uint(struct map *map, unsigned key, uint64_t value)
{
    if (value)
        nta_cbor_put_uint(pair(map, key), value);
}

static inline void put_text(struct map *map, unsigned key, struct nta_span text)
{
    if (text.len)
        nta_cbor_put_text(pair(map, key), text);
}

static inline void put_bytes(struct map *map, unsigned key, struct nta_span bytes)
{
    if (bytes.len)
        nta_cbor_put_bytes(pair(map, key), bytes);
}

/** As 4 or 16 bytes. */
static void put_addr(struct nta_buf *out, const struct nta_addr *addr)
{
    size_t skip = nta_addr_is_v4(addr) ? NTA_ADDR_LEN - 4 : 0;

    nta_cbor_put_bytes(out,
                       (struct nta_span){.ptr = addr->bytes + skip, .len = NTA_ADDR_LEN - skip});
}

static void put_position(struct map *map, const struct nta_place *place)
{
    /* also keeps NaN out, which compares false */
    if (!place->has_position || !(fabs(place->lat) <= 90.0) || !(fabs(place->lon) <= 180.0))
        return;
    struct nta_buf *out = pair(map, PLACE_POSITION);

    nta_cbor_put_array(out, 2);
    nta_cbor_put_int(out, llrint(place->lat * (double)MICRO));
    nta_cbor_put_int(out, llrint(place->lon * (double)MICRO));
}

static void put_place(struct map *parent, const struct nta_place *place)
{
    struct map map = map_open(parent->out, parent, SIDE_PLACE);
    size_t code_len = strnlen(place->country_code, sizeof(place->country_code) - 1);

    put_text(&map, PLACE_CITY, place->city);
    put_text(&map, PLACE_REGION, place->region);
    put_text(&map, PLACE_POSTAL, place->postal);
    put_text(&map, PLACE_COUNTRY, place->country);
    put_text(&map, PLACE_CODE,
             (struct nta_span){.ptr = (const uint8_t *)place->country_code, .len = code_len});
    put_position(&map, place);
    put_uint(&map, PLACE_ACCURACY, place->accuracy_km);
    put_uint(&map, PLACE_ASN, place->asn);
    put_text(&map, PLACE_AS_ORG, place->as_org);
    put_text(&map, PLACE_SITE, place->site);
    map_close(&map);
}

static void put_tags(struct map *map, unsigned key, const struct nta_record_tags *tags)
{
    nta_cbor_put_array(pair(map, key), tags->n);
    for (size_t i = 0; i < tags->n; i++)
        nta_cbor_put_uint(map->out, tags->ids[i]);
}

static void put_side(struct map *parent, unsigned key, const struct nta_record_side *side)
{
    static const struct nta_addr none;
    struct map map = map_open(parent->out, parent, key);

    if (!nta_addr_equal(&side->addr, &none))
        put_addr(pair(&map, SIDE_ADDR), &side->addr);
    put_uint(&map, SIDE_PORT, side->port);
    if (side->has_mac)
        put_bytes(&map, SIDE_MAC, (struct nta_span){.ptr = side->mac, .len = sizeof(side->mac)});
    put_text(&map, SIDE_NAME, side->name);
    put_text(&map, SIDE_LOGIN, side->login);
    put_text(&map, SIDE_SOURCE, side->source);
    put_place(&map, &side->place);
    if (side->vlan.n)
        put_tags(&map, SIDE_VLAN, &side->vlan);
    map_close(&map);
}

static void put_flags(struct map *map, const struct nta_record *record)
{
    put_uint(map, KEY_FLAGS,
             (record->hidden ? FLAG_HIDDEN : 0U) | (record->one_way ? FLAG_ONE_WAY : 0U) |
                 (record->gaps ? FLAG_GAPS : 0U) | (record->mid_stream ? FLAG_MID_STREAM : 0U) |
                 (record->download ? FLAG_DOWNLOAD : 0U) | (record->answered ? FLAG_ANSWERED : 0U) |
                 (record->shared ? FLAG_SHARED : 0U) | (record->carrier ? FLAG_CARRIER : 0U));
}

static void put_file(struct map *parent, const struct nta_record_file *file)
{
    struct map map = map_open(parent->out, parent, KEY_FILE);

    put_text(&map, FILE_NAME, file->name);
    put_text(&map, FILE_TYPE, file->type);
    put_uint(&map, FILE_BYTES, file->bytes);
    put_bytes(&map, FILE_SHA256, file->sha256);
    map_close(&map);
}

static void put_match(struct map *parent, const struct nta_record_match *match)
{
    if (match->list.len == 0)
        return;
    struct map map = map_open(parent->out, parent, KEY_MATCH);

    put_text(&map, MATCH_LIST, match->list);
    put_text(&map, MATCH_CATEGORY, match->category);
    put_text(&map, MATCH_ENTRY, match->entry);
    put_uint(&map, MATCH_LINE, match->line);
    put_uint(&map, MATCH_KIND, match->kind);
    if (match->weak)
        nta_cbor_put_bool(pair(&map, MATCH_WEAK), true);
    put_bytes(&map, MATCH_LIST_SHA256, match->list_sha256);
    put_uint(&map, MATCH_SEVERITY, match->severity);
    put_text(&map, MATCH_SHARED, match->shared);
    map_close(&map);
}

static void put_counts(struct map *map, const struct nta_record *record)
{
    if (!(record->up.bytes | record->up.packets | record->down.bytes | record->down.packets))
        return;
    struct nta_buf *out = pair(map, KEY_COUNTS);

    nta_cbor_put_array(out, 4);
    nta_cbor_put_uint(out, record->up.bytes);
    nta_cbor_put_uint(out, record->up.packets);
    nta_cbor_put_uint(out, record->down.bytes);
    nta_cbor_put_uint(out, record->down.packets);
}

static void put_answers(struct map *map, const struct nta_record *record)
{
    size_t n = record->n_answers < NTA_RECORD_ANSWERS ? record->n_answers : NTA_RECORD_ANSWERS;

    if (record->query_type | record->rcode) {
        struct nta_buf *out = pair(map, KEY_QUERY);

        nta_cbor_put_array(out, 2);
        nta_cbor_put_uint(out, record->query_type);
        nta_cbor_put_uint(out, record->rcode);
    }
    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, KEY_ANSWERS), n);
    for (size_t i = 0; i < n; i++) {
        const struct nta_record_answer *answer = &record->answers[i];

        nta_cbor_put_array(map->out, 3);
        nta_cbor_put_uint(map->out, answer->type);
        nta_cbor_put_uint(map->out, answer->ttl_s);
        if (answer->type == DNS_TYPE_A || answer->type == DNS_TYPE_AAAA)
            put_addr(map->out, &answer->addr);
        else
            nta_cbor_put_text(map->out, answer->target);
    }
}

static void put_tls(struct map *parent, const struct nta_record *record)
{
    struct map map = map_open(parent->out, parent, KEY_TLS);

    put_text(&map, TLS_ALPN, record->alpn);
    put_text(&map, TLS_VERSION, record->tls_version);
    put_text(&map, TLS_JA4, record->ja4);
    put_text(&map, TLS_ISSUER, record->issuer);
    put_uint(&map, TLS_SERVICE, record->service);
    map_close(&map);
}

static void put_losses(struct map *map, const struct nta_record *record)
{
    size_t n = record->n_losses < NTA_RECORD_LOSSES ? record->n_losses : NTA_RECORD_LOSSES;

    if (n == 0)
        return;
    nta_cbor_put_array(pair(map, KEY_LOSSES), n);
    for (size_t i = 0; i < n; i++) {
        nta_cbor_put_array(map->out, 2);
        nta_cbor_put_text(map->out, record->losses[i].reason);
        nta_cbor_put_uint(map->out, record->losses[i].n);
    }
}

static void put_evidence(struct map *map, const struct nta_record *record)
{
    if (!((unsigned)record->basis | record->agrees | record->disagrees))
        return;
    struct nta_buf *out = pair(map, KEY_EVIDENCE);

    nta_cbor_put_array(out, 3);
    nta_cbor_put_uint(out, (uint64_t)record->basis);
    nta_cbor_put_uint(out, record->agrees);
    nta_cbor_put_uint(out, record->disagrees);
}

void nta_record_encode(const struct nta_record *record, struct nta_buf *out)
{
    struct map map = map_open(out, NULL, 0);

    nta_cbor_put_uint(pair(&map, KEY_EVENT), (uint64_t)record->event);
    nta_cbor_put_int(pair(&map, KEY_TIME), record->time_ns);
    if (record->end_ns)
        nta_cbor_put_int(pair(&map, KEY_END), record->end_ns);
    put_side(&map, KEY_USER, &record->user);
    put_side(&map, KEY_PEER, &record->peer);
    put_uint(&map, KEY_IP_PROTO, record->ip_proto);
    put_uint(&map, KEY_APP, (uint64_t)record->app);
    if (record->vlan.n)
        put_tags(&map, KEY_VLAN, &record->vlan);
    put_text(&map, KEY_SITE, record->site);
    put_evidence(&map, record);
    put_flags(&map, record);
    put_text(&map, KEY_URL, record->url);
    put_text(&map, KEY_METHOD, record->method);
    put_uint(&map, KEY_STATUS, record->status);
    put_file(&map, &record->file);
    put_counts(&map, record);
    put_match(&map, &record->match);
    put_answers(&map, record);
    put_tls(&map, record);
    put_bytes(&map, KEY_PACKETS, record->packets);
    put_uint(&map, KEY_ABOUT, record->about);
    put_losses(&map, record);
    map_close(&map);
}
