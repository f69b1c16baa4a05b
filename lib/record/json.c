/* SPDX-License-Identifier: Apache-2.0 */
#include "record/json.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/names.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum
{
    NUMBER_SIZE = 20 ///< Digits of the largest 64-bit number.
};

/** `"name":`, with a comma unless it is the first of its object.  Inline: the names are constants of known length. */
static inline void put_name(struct nta_buf *out, const char *name)
{
    const struct nta_span text = nta_span_of(name);
    uint8_t *buf = nta_buf_reserve(out, text.len + 4);
    size_t at = 0;

    if (!buf)
        return;
    if (out->len && buf[-1] != '{')
        buf[at++] = ',';
    buf[at++] = '"';
    memcpy(buf + at, text.ptr, text.len);
    at += text.len;
    buf[at++] = '"';
    buf[at++] = ':';
    out->len += at;
}

static void put_number(struct nta_buf *out, uint64_t value)
{
    char digits[NUMBER_SIZE];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    nta_buf_put(out, digits + at, sizeof(digits) - at);
}

static void put_uint(struct nta_buf *out, const char *name, uint64_t value)
{
    put_name(out, name);
    put_number(out, value);
}

static void put_known(struct nta_buf *out, const char *name, uint64_t value)
{
    if (value)
        put_uint(out, name, value);
}

static void put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    if (text.len == 0)
        return;
    put_name(out, name);
    nta_text_json(out, text);
}

/** A word of ours, which needs no escapes, in quotes. */
static void put_quoted(struct nta_buf *out, const char *word)
{
    const struct nta_span text = nta_span_of(word);
    uint8_t *buf = nta_buf_reserve(out, text.len + 2);

    if (!buf)
        return;
    buf[0] = '"';
    memcpy(buf + 1, text.ptr, text.len);
    buf[text.len + 1] = '"';
    out->len += text.len + 2;
}

static inline void put_word(struct nta_buf *out, const char *name, const char *word)
{
    if (!*word)
        return;
    put_name(out, name);
    put_quoted(out, word);
}

static void put_bool(struct nta_buf *out, const char *name, bool value)
{
    put_name(out, name);
    nta_buf_puts(out, value ? "true" : "false");
}

static void put_hex(struct nta_buf *out, const char *name, struct nta_span bytes)
{
    if (bytes.len == 0)
        return;
    put_name(out, name);
    nta_buf_put_u8(out, '"');
    nta_buf_put_hex(out, bytes.ptr, bytes.len);
    nta_buf_put_u8(out, '"');
}

static void put_mac(struct nta_buf *out, const char *name, const uint8_t mac[6])
{
    char text[3 * 6], *pos = text;

    for (size_t i = 0; i < 6; i++) {
        pos = nta_hex_put(mac + i, 1, pos);
        *pos++ = i < 5 ? ':' : '\0';
    }
    put_word(out, name, text);
}

static void put_time(struct nta_buf *out, const char *name, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    put_word(out, name, nta_clock_text(wall_ns, text));
}

static void put_addr(struct nta_buf *out, const char *name, const struct nta_addr *addr)
{
    static const struct nta_addr none;
    char text[NTA_ADDR_TEXT_SIZE];

    if (!nta_addr_equal(addr, &none))
        put_word(out, name, nta_addr_text(addr, text));
}

/** Degrees with one to six decimals, whatever the locale. */
static void put_degrees(struct nta_buf *out, const char *name, double degrees)
{
    long long micro = llrint(degrees * 1e6);
    unsigned long long size = (unsigned long long)llabs(micro);
    char decimals[6];
    size_t n = sizeof(decimals);
    unsigned long long rest = size % 1000000;

    for (size_t i = sizeof(decimals); i > 0; i--, rest /= 10)
        decimals[i - 1] = (char)('0' + rest % 10);
    while (n > 1 && decimals[n - 1] == '0')
        n--;
    put_name(out, name);
    if (micro < 0)
        nta_buf_put_u8(out, '-');
    put_number(out, size / 1000000);
    nta_buf_put_u8(out, '.');
    nta_buf_put(out, decimals, n);
}

/** Begin an object; gives where it began, for close_object(). */
static size_t open_object(struct nta_buf *out, const char *name)
{
    size_t start = out->len;

    put_name(out, name);
    nta_buf_put_u8(out, '{');
    return start;
}

/** End an object; one without content leaves no trace. */
static void close_object(struct nta_buf *out, size_t start)
{
    if (out->failed)
        return;
    if (out->ptr[out->len - 1] == '{')
        out->len = start;
    else
        nta_buf_put_u8(out, '}');
}

static void put_geo(struct nta_buf *out, const struct nta_place *place)
{
    size_t start = open_object(out, "geo");

    put_text(out, "city", place->city);
    put_text(out, "region", place->region);
    put_text(out, "postal", place->postal);
    put_text(out, "country", place->country);
    put_text(out, "country_code", nta_span_of(place->country_code));
    if (place->has_position && fabs(place->lat) <= 90.0 && fabs(place->lon) <= 180.0) {
        put_degrees(out, "lat", place->lat);
        put_degrees(out, "lon", place->lon);
    }
    put_known(out, "accuracy_km", place->accuracy_km);
    put_known(out, "asn", place->asn);
    put_text(out, "as_org", place->as_org);
    close_object(out, start);
}

static void put_tags(struct nta_buf *out, const struct nta_record_tags *tags)
{
    put_name(out, "vlan");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < tags->n; i++) {
        if (i)
            nta_buf_put_u8(out, ',');
        put_number(out, tags->ids[i]);
    }
    nta_buf_put_u8(out, ']');
}

static void put_side(struct nta_buf *out, const char *name, const struct nta_record_side *side)
{
    size_t start = open_object(out, name);

    put_addr(out, "ip", &side->addr);
    put_known(out, "port", side->port);
    if (side->has_mac)
        put_mac(out, "mac", side->mac);
    if (side->vlan.n)
        put_tags(out, &side->vlan);
    put_text(out, "name", side->name);
    put_text(out, "login", side->login);
    put_text(out, "source", side->source);
    put_text(out, "place", side->place.site);
    put_geo(out, &side->place);
    put_text(out, "software", side->software);
    close_object(out, start);
}

static void put_agrees(struct nta_buf *out, const char *name, unsigned bits)
{
    static const char *const words[] = {"\"dns\"", "\"cert\"", "\"sni\"", "\"host\""};

    static_assert(NTA_AGREES_HOST == 1 << (NTA_N_ELEMENTS(words) - 1), "a word for each bit");
    char before = '[';

    if (!(bits & (NTA_AGREES_DNS | NTA_AGREES_CERT | NTA_AGREES_SNI | NTA_AGREES_HOST)))
        return;
    put_name(out, name);
    for (size_t i = 0; i < NTA_N_ELEMENTS(words); i++) {
        if (!(bits & 1U << i))
            continue;
        nta_buf_put_u8(out, (uint8_t)before);
        nta_buf_puts(out, words[i]);
        before = ',';
    }
    nta_buf_put_u8(out, ']');
}

static void put_site(struct nta_buf *out, const struct nta_record *record)
{
    bool is_traffic = record->event == NTA_RECORD_FLOW || record->event == NTA_RECORD_REQUEST ||
                      record->event == NTA_RECORD_ALERT;

    put_text(out, "site", record->site);
    put_word(out, "basis", nta_basis_name(record->basis));
    put_agrees(out, "agrees", record->agrees);
    put_agrees(out, "disagrees", record->disagrees);
    if (is_traffic || record->hidden)
        put_bool(out, "hidden", record->hidden);
    if (record->one_way)
        put_bool(out, "one_way", true);
    if (record->gaps)
        put_bool(out, "gaps", true);
    if (record->mid_stream)
        put_bool(out, "mid_stream", true);
    if (record->carrier)
        put_bool(out, "carrier", true);
    if (record->shared)
        put_bool(out, "shared", true);
}

static void put_file(struct nta_buf *out, const struct nta_record_file *file)
{
    size_t start = open_object(out, "file");

    put_text(out, "name", file->name);
    put_text(out, "type", file->type);
    put_known(out, "bytes", file->bytes);
    put_hex(out, "sha256", file->sha256);
    close_object(out, start);
}

static void put_counts(struct nta_buf *out, const char *name, uint64_t bytes, uint64_t packets)
{
    size_t start = open_object(out, name);

    put_uint(out, "bytes", bytes);
    put_uint(out, "packets", packets);
    close_object(out, start);
}

static void put_match(struct nta_buf *out, const struct nta_record *record)
{
    const struct nta_record_match *match = &record->match;

    if (match->list.len) {
        size_t start = open_object(out, "match");

        put_text(out, "list", match->list);
        put_text(out, "category", match->category);
        put_text(out, "entry", match->entry);
        put_known(out, "line", match->line);
        put_word(out, "kind", nta_record_match_kind(match->kind));
        put_word(out, "severity", nta_record_severity(match->severity));
        put_bool(out, "weak", match->weak);
        put_text(out, "shared", match->shared);
        put_hex(out, "list_sha256", match->list_sha256);
        close_object(out, start);
    }
    if (match->list.len || record->download)
        put_bool(out, "download", record->download);
}

static void put_lookup(struct nta_buf *out, const struct nta_record *record)
{
    char buf[NTA_RECORD_NAME_SIZE];
    size_t start = open_object(out, "query");

    put_word(out, "type", nta_record_dns_type(record->query_type, buf));
    if (record->answered)
        put_word(out, "rcode", nta_record_rcode(record->rcode, buf));
    put_bool(out, "answered", record->answered);
    close_object(out, start);
    if (record->n_answers == 0)
        return;
    put_name(out, "answers");
    nta_buf_put_u8(out, '[');
    for (size_t i = 0; i < record->n_answers; i++) {
        const struct nta_record_answer *answer = &record->answers[i];

        nta_buf_puts(out, i ? ",{" : "{");
        put_word(out, "type", nta_record_dns_type(answer->type, buf));
        put_uint(out, "ttl", answer->ttl_s);
        put_addr(out, "addr", &answer->addr);
        put_text(out, "target", answer->target);
        nta_buf_put_u8(out, '}');
    }
    nta_buf_put_u8(out, ']');
}

static void put_losses(struct nta_buf *out, const struct nta_record *record)
{
    size_t start = open_object(out, "losses");

    for (size_t i = 0; i < record->n_losses; i++) {
        if (out->len && out->ptr[out->len - 1] != '{')
            nta_buf_put_u8(out, ',');
        nta_text_json(out, record->losses[i].reason);
        nta_buf_put_u8(out, ':');
        put_number(out, record->losses[i].n);
    }
    close_object(out, start);
}

static void put_connection(struct nta_buf *out, const struct nta_record *record)
{
    char buf[NTA_RECORD_NAME_SIZE];

    put_side(out, "user", &record->user);
    put_side(out, "peer", &record->peer);
    if (record->ip_proto)
        put_word(out, "transport", nta_record_transport(record->ip_proto, buf));
    put_word(out, "app", nta_record_app((unsigned)record->app));
    if (record->vlan.n)
        put_tags(out, &record->vlan);
    put_site(out, record);
    put_text(out, "url", record->url);
    put_text(out, "method", record->method);
    put_known(out, "status", record->status);
    put_file(out, &record->file);
    if (record->event == NTA_RECORD_FLOW ||
        record->up.packets | record->down.packets | record->up.bytes | record->down.bytes) {
        put_counts(out, "up", record->up.bytes, record->up.packets);
        put_counts(out, "down", record->down.bytes, record->down.packets);
    }
    put_match(out, record);
}

void nta_record_json(struct nta_buf *out, const struct nta_record *record, const char *id)
{
    nta_buf_put_u8(out, '{');
    put_text(out, "id", nta_span_of(id));
    put_time(out, "time", record->time_ns);
    if (record->end_ns)
        put_time(out, "end", record->end_ns);
    put_word(out, "event", nta_record_event_name(record->event));
    put_connection(out, record);
    if (record->event == NTA_RECORD_LOOKUP)
        put_lookup(out, record);
    put_text(out, "alpn", record->alpn);
    put_text(out, "service", nta_span_of(nta_app_name(record->service)));
    put_text(out, "tls_version", record->tls_version);
    put_text(out, "ja4", record->ja4);
    put_text(out, "issuer", record->issuer);
    put_known(out, "about", record->about);
    put_known(out, "packets_bytes", record->packets.len);
    put_losses(out, record);
    nta_buf_put_u8(out, '}');
}
