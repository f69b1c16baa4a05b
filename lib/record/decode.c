/* SPDX-License-Identifier: Apache-2.0 */
#include "record/cbor.h"
#include "record/fields.h"
#include "record/record.h"

#include <assert.h>
#include <string.h>

static void fail(struct nta_reader *r)
{
    r->overrun = true;
    r->pos = r->end;
}

static uint64_t get_upto(struct nta_reader *r, uint64_t most)
{
    uint64_t value = nta_cbor_get_uint(r);

    if (value > most) {
        fail(r);
        return 0;
    }
    return value;
}

static uint8_t get_u8(struct nta_reader *r)
{
    return (uint8_t)get_upto(r, UINT8_MAX);
}

static uint16_t get_u16(struct nta_reader *r)
{
    return (uint16_t)get_upto(r, UINT16_MAX);
}

static uint32_t get_u32(struct nta_reader *r)
{
    return (uint32_t)get_upto(r, UINT32_MAX);
}

/** An array of exactly `n` items. */
static void get_tuple(struct nta_reader *r, uint64_t n)
{
    if (nta_cbor_get_array(r) != n)
        fail(r);
}

static struct nta_addr get_addr(struct nta_reader *r)
{
    struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len == 4)
        return nta_addr_v4(bytes.ptr);
    if (bytes.len == NTA_ADDR_LEN)
        return nta_addr_v6(bytes.ptr);
    fail(r);
    return (struct nta_addr){0};
}

static struct nta_span get_hash(struct nta_reader *r)
{
    struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len != 32)
        fail(r);
    return bytes;
}

/** The pairs of a map, one after the other, its keys in growing order (RFC 8949 section 4.2.1). */
struct pairs
{
    struct nta_reader *r;
    uint64_t left, next_key;
};

static struct pairs get_pairs(struct nta_reader *r)
{
    uint64_t n = nta_cbor_get_map(r);

    return (struct pairs){.r = r, .left = n};
}

/** True: `ret_key` is there and its value is next.  False: no more, or the reader has failed. */
static bool next_pair(struct pairs *pairs, uint64_t *ret_key)
{
    if (pairs->left == 0 || !nta_reader_ok(pairs->r))
        return false;
    pairs->left--;
    *ret_key = nta_cbor_get_uint(pairs->r);
    if (*ret_key < pairs->next_key || *ret_key == UINT64_MAX)
        fail(pairs->r);
    pairs->next_key = *ret_key + 1;
    return nta_reader_ok(pairs->r);
}

static void get_code(struct nta_reader *r, struct nta_place *place)
{
    struct nta_span text = nta_cbor_get_text(r);

    if (text.len >= sizeof(place->country_code)) {
        fail(r);
        return;
    }
    if (text.len)
        memcpy(place->country_code, text.ptr, text.len);
}

static void get_position(struct nta_reader *r, struct nta_place *place)
{
    get_tuple(r, 2);
    int64_t lat = nta_cbor_get_int(r);
    int64_t lon = nta_cbor_get_int(r);

    if (lat < -LAT_MAX || lat > LAT_MAX || lon < -LON_MAX || lon > LON_MAX) {
        fail(r);
        return;
    }
    place->has_position = true;
    place->lat = (double)lat / (double)MICRO;
    place->lon = (double)lon / (double)MICRO;
}

static void get_place(struct nta_reader *r, struct nta_place *place)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
        case PLACE_CITY: place->city = nta_cbor_get_text(r); break;
        case PLACE_REGION: place->region = nta_cbor_get_text(r); break;
        case PLACE_POSTAL: place->postal = nta_cbor_get_text(r); break;
        case PLACE_COUNTRY: place->country = nta_cbor_get_text(r); break;
        case PLACE_CODE: get_code(r, place); break;
        case PLACE_POSITION: get_position(r, place); break;
        case PLACE_ACCURACY: place->accuracy_km = get_u32(r); break;
        case PLACE_ASN: place->asn = get_u32(r); break;
        case PLACE_AS_ORG: place->as_org = nta_cbor_get_text(r); break;
        case PLACE_SITE: place->site = nta_cbor_get_text(r); break;
        default: nta_cbor_skip(r);
        }
    }
}

static void get_mac(struct nta_reader *r, struct nta_record_side *side)
{
    struct nta_span bytes = nta_cbor_get_bytes(r);

    if (bytes.len != sizeof(side->mac)) {
        fail(r);
        return;
    }
    side->has_mac = true;
    memcpy(side->mac, bytes.ptr, sizeof(side->mac));
}

static void get_tags(struct nta_reader *r, struct nta_record_tags *tags)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n > sizeof(tags->ids) / sizeof(tags->ids[0])) {
        fail(r);
        return;
    }
    for (uint64_t i = 0; i < n; i++)
        tags->ids[i] = get_u16(r);
    tags->n = (uint8_t)n;
}

static void get_side(struct nta_reader *r, struct nta_record_side *side)
{
    struct pairs pairs = get_pairs(r);
    uint64_t key;

    while (next_pair(&pairs, &key)) {
        switch (key) {
        case SIDE_ADDR: side->addr = get_addr(r); break;
        case SIDE_PORT: side->port = get_u16(r); break;
        case SIDE_MAC: get_mac(r, side); break;
        case SIDE_NAME: side->name = nta_cbor_get_text(r); break;
        case SIDE_LOGIN: side->login = nta_cbor_get_text(r); break;
        case SIDE_SOURCE: side->source = nta_cbor_get_text(r); break;
        case SIDE_PLACE: get_place(r, &side->place); break;
        case SIDE_VLAN: get_tags(r, &side->vlan); break;
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
        case FILE_NAME: file->name = nta_cbor_get_text(r); break;
        case FILE_TYPE: file->type = nta_cbor_get_text(r); break;
        case FILE_BYTES: file->bytes = nta_cbor_get_uint(r); break;
        case FILE_SHA256: file->sha256 = get_hash(r); break;
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
        case MATCH_LIST: match->list = nta_cbor_get_text(r); break;
        case MATCH_CATEGORY: match->category = nta_cbor_get_text(r); break;
        case MATCH_ENTRY: match->entry = nta_cbor_get_text(r); break;
        case MATCH_LINE: match->line = get_u32(r); break;
        case MATCH_KIND: match->kind = get_u8(r); break;
        case MATCH_WEAK: match->weak = nta_cbor_get_bool(r); break;
        case MATCH_LIST_SHA256: match->list_sha256 = get_hash(r); break;
        case MATCH_SEVERITY: match->severity = get_u8(r); break;
        case MATCH_SHARED: match->shared = nta_cbor_get_text(r); break;
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
        case TLS_ALPN: record->alpn = nta_cbor_get_text(r); break;
        case TLS_VERSION: record->tls_version = nta_cbor_get_text(r); break;
        case TLS_JA4: record->ja4 = nta_cbor_get_text(r); break;
        case TLS_ISSUER: record->issuer = nta_cbor_get_text(r); break;
        case TLS_SERVICE: record->service = (enum nta_app)get_u8(r); break;
        default: nta_cbor_skip(r);
        }
    }
}

static void get_evidence(struct nta_reader *r, struct nta_record *record)
{
    get_tuple(r, 3);
    record->basis = (enum nta_basis)get_upto(r, NTA_BASIS_URL);
    record->agrees = get_u8(r);
    record->disagrees = get_u8(r);
}

static void set_flags(struct nta_record *record, uint64_t flags)
{
    record->hidden = flags & FLAG_HIDDEN;
    record->one_way = flags & FLAG_ONE_WAY;
    record->gaps = flags & FLAG_GAPS;
    record->mid_stream = flags & FLAG_MID_STREAM;
    record->download = flags & FLAG_DOWNLOAD;
    record->answered = flags & FLAG_ANSWERED;
    record->shared = flags & FLAG_SHARED;
    record->carrier = flags & FLAG_CARRIER;
}

static void get_counts(struct nta_reader *r, struct nta_record *record)
{
    get_tuple(r, 4);
    record->up.bytes = nta_cbor_get_uint(r);
    record->up.packets = nta_cbor_get_uint(r);
    record->down.bytes = nta_cbor_get_uint(r);
    record->down.packets = nta_cbor_get_uint(r);
}

static void get_query(struct nta_reader *r, struct nta_record *record)
{
    get_tuple(r, 2);
    record->query_type = get_u16(r);
    record->rcode = get_u8(r);
}

static void get_answers(struct nta_reader *r, struct nta_record_buf *buf, struct nta_record *record)
{
    uint64_t n = nta_cbor_get_array(r);

    if (n > NTA_RECORD_ANSWERS) {
        fail(r);
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        struct nta_record_answer *answer = &buf->answers[i];

        *answer = (struct nta_record_answer){0};
        get_tuple(r, 3);
        answer->type = get_u16(r);
        answer->ttl_s = get_u32(r);
        if (answer->type == DNS_TYPE_A || answer->type == DNS_TYPE_AAAA)
            answer->addr = get_addr(r);
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
        fail(r);
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
    case KEY_EVENT: record->event = (enum nta_record_event)get_upto(r, NTA_RECORD_CANARY); break;
    case KEY_TIME: record->time_ns = nta_cbor_get_int(r); break;
    case KEY_END: record->end_ns = nta_cbor_get_int(r); break;
    case KEY_USER: get_side(r, &record->user); break;
    case KEY_PEER: get_side(r, &record->peer); break;
    case KEY_IP_PROTO: record->ip_proto = get_u8(r); break;
    case KEY_APP: record->app = (enum nta_app)get_u8(r); break;
    case KEY_VLAN: get_tags(r, &record->vlan); break;
    case KEY_SITE: record->site = nta_cbor_get_text(r); break;
    case KEY_EVIDENCE: get_evidence(r, record); break;
    case KEY_FLAGS: set_flags(record, nta_cbor_get_uint(r)); break;
    case KEY_URL: record->url = nta_cbor_get_text(r); break;
    case KEY_METHOD: record->method = nta_cbor_get_text(r); break;
    case KEY_STATUS: record->status = get_u16(r); break;
    case KEY_FILE: get_file(r, &record->file); break;
    case KEY_COUNTS: get_counts(r, record); break;
    case KEY_MATCH: get_match(r, &record->match); break;
    case KEY_QUERY: get_query(r, record); break;
    case KEY_ANSWERS: get_answers(r, buf, record); break;
    case KEY_TLS: get_tls(r, record); break;
    case KEY_PACKETS: record->packets = nta_cbor_get_bytes(r); break;
    case KEY_ABOUT: record->about = nta_cbor_get_uint(r); break;
    case KEY_LOSSES: get_losses(r, buf, record); break;
    default: nta_cbor_skip(r);
    }
}

enum
{
    ALWAYS = 1 << KEY_EVENT | 1 << KEY_TIME | 1 << KEY_END
};

static_assert(NTA_PART_USER == 1 << KEY_USER && NTA_PART_PEER == 1 << KEY_PEER &&
                  NTA_PART_APP == 1 << KEY_APP && NTA_PART_SITE == 1 << KEY_SITE &&
                  NTA_PART_EVIDENCE == 1 << KEY_EVIDENCE && NTA_PART_FLAGS == 1 << KEY_FLAGS &&
                  NTA_PART_FILE == 1 << KEY_FILE && NTA_PART_COUNTS == 1 << KEY_COUNTS &&
                  NTA_PART_MATCH == 1 << KEY_MATCH,
              "a part's bit is its key");

/** Empty what is asked for: zeroing all of a record takes as long as reading half of one. */
static void clear(struct nta_record *record, uint32_t parts)
{
    if (parts & ~(uint32_t)NTA_PARTS_NAMED) {
        *record = (struct nta_record){.time_ns = 0};
        return;
    }
    record->event = (enum nta_record_event)0;
    record->time_ns = record->end_ns = 0;
    if (parts & NTA_PART_USER)
        record->user = (struct nta_record_side){.port = 0};
    if (parts & NTA_PART_PEER)
        record->peer = (struct nta_record_side){.port = 0};
    if (parts & NTA_PART_APP)
        record->app = (enum nta_app)0;
    if (parts & NTA_PART_SITE)
        record->site = (struct nta_span){0};
    if (parts & NTA_PART_EVIDENCE) {
        record->basis = NTA_BASIS_NONE;
        record->agrees = record->disagrees = 0;
    }
    if (parts & NTA_PART_FLAGS)
        set_flags(record, 0);
    if (parts & NTA_PART_FILE)
        record->file = (struct nta_record_file){.bytes = 0};
    if (parts & NTA_PART_COUNTS)
        record->up.bytes = record->up.packets = record->down.bytes = record->down.packets = 0;
    if (parts & NTA_PART_MATCH)
        record->match = (struct nta_record_match){.line = 0};
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

bool nta_record_decode(struct nta_span cbor, struct nta_record_buf *buf,
                       struct nta_record *ret_record)
{
    struct nta_record record = {.time_ns = 0};
    struct nta_reader r = nta_reader_of(cbor.ptr, cbor.len);
    struct pairs pairs = get_pairs(&r);
    uint64_t key;

    while (next_pair(&pairs, &key))
        get_value(&r, key, buf, &record);
    if (!nta_reader_done(&r) || (int)record.event == 0)
        return false;
    *ret_record = record;
    return true;
}
