/* SPDX-License-Identifier: Apache-2.0 */
/* Field names as in Suricata's documentation of "EVE JSON Output" and "EVE JSON Format". */
#include "alert/eve.h"

#include "alert/suppress.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/counted.h"
#include "record/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
    GENERATOR = 1,
    SIGNATURES = 47110000, ///< Beside those that rules have; the kind of the entry is added.
    SIGNATURE_SIZE = 1024, ///< A name and an address with a path; cut.
    STAMP_SIZE = 40
};

/** "2026-11-30T09:48:42.123456+0000" */
static void put_time(struct nta_buf *out, int64_t wall_ns)
{
    int64_t ns = wall_ns % NTA_NS_PER_S;
    time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S);
    char text[STAMP_SIZE];
    struct tm tm;

    if (ns < 0) {
        ns += NTA_NS_PER_S;
        seconds--;
    }
    if (!gmtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        text[0] = '\0';
    nta_buf_printf(out, "{\"timestamp\":\"%s.%06" PRId64 "+0000\"", text, ns / 1000);
}

/** A member of the object at work, if it is known. */
static void put_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    if (text.len == 0)
        return;
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        nta_buf_puts(out, ",");
    nta_buf_printf(out, "\"%s\":", name);
    nta_text_json(out, text);
}

static void put_end(struct nta_buf *out, const char *name, const struct nta_record_side *side)
{
    char addr[NTA_ADDR_TEXT_SIZE];

    nta_buf_printf(out, ",\"%s_ip\":\"%s\"", name, nta_addr_text(&side->addr, addr));
    if (side->port)
        nta_buf_printf(out, ",\"%s_port\":%u", name, (unsigned)side->port);
}

/** Who opened it comes first. */
static void put_ends(struct nta_buf *out, const struct nta_record *record)
{
    const bool is_user = nta_alert_deed(record) != NTA_ALERT_WAS_CONTACTED_BY;

    put_end(out, "src", is_user ? &record->user : &record->peer);
    put_end(out, "dest", is_user ? &record->peer : &record->user);
}

static void put_transport(struct nta_buf *out, uint8_t ip_proto)
{
    char name[NTA_RECORD_NAME_SIZE], upper[NTA_RECORD_NAME_SIZE] = "";
    const char *text = nta_record_transport(ip_proto, name);

    for (size_t i = 0; text[i] && i + 1 < sizeof(upper); i++)
        upper[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    nta_buf_printf(out, ",\"proto\":\"%s\"", upper);
}

static bool speaks(const struct nta_record *record, const char *app)
{
    return strcmp(nta_record_app(record->app), app) == 0;
}

static void put_app(struct nta_buf *out, const struct nta_record *record)
{
    const char *name = nta_record_app(record->app);

    /* all others are called there what they are called here */
    if (name[0])
        nta_buf_printf(out, ",\"app_proto\":\"%s\"", speaks(record, "kerberos") ? "krb5" : name);
}

static void put_vlans(struct nta_buf *out, const struct nta_record *record)
{
    if (record->vlan.n == 0)
        return;
    nta_buf_puts(out, ",\"vlan\":[");
    for (size_t i = 0; i < record->vlan.n; i++)
        nta_buf_printf(out, "%s%u", i ? "," : "", (unsigned)record->vlan.ids[i]);
    nta_buf_puts(out, "]");
}

/** 1 is the highest. */
static unsigned severity_of(const struct nta_record *record)
{
    const char *name = nta_record_severity(record->match.severity);

    if (strcmp(name, "critical") == 0 || strcmp(name, "high") == 0)
        return 1;
    return strcmp(name, "low") == 0 ? 3 : 2;
}

static void put_signature(struct nta_buf *out, const struct nta_record_match *match)
{
    char text[SIGNATURE_SIZE];

    (void)snprintf(text, sizeof(text), "NTA %.*s: %.*s", (int)match->list.len,
                   match->list.len ? (const char *)match->list.ptr : "", (int)match->entry.len,
                   match->entry.len ? (const char *)match->entry.ptr : "");
    nta_buf_puts(out, ",\"signature\":");
    nta_text_json(out, nta_span_of(text));
}

static void put_alert(struct nta_buf *out, const struct nta_record *record)
{
    const struct nta_record_match *match = &record->match;

    nta_buf_printf(out,
                   ",\"alert\":{\"action\":\"allowed\",\"gid\":%d,\"signature_id\":%u,\"rev\":1",
                   GENERATOR, SIGNATURES + (unsigned)match->kind);
    put_signature(out, match);
    nta_buf_puts(out, ",\"category\":");
    nta_text_json(out, match->category.len ? match->category : nta_span_of("blacklist"));
    nta_buf_printf(out, ",\"severity\":%u}", severity_of(record));
}

/** What follows the host in "http://host/path"; all of it if it is none. */
static struct nta_span target_of(struct nta_span url)
{
    const uint8_t *host = memmem(url.ptr, url.len, "://", 3), *path;

    if (!host)
        return url;
    path = memchr(host + 3, '/', url.len - (size_t)(host + 3 - url.ptr));
    if (!path)
        return nta_span_of("/");
    return (struct nta_span){path, url.len - (size_t)(path - url.ptr)};
}

static void put_http(struct nta_buf *out, const struct nta_record *record)
{
    nta_buf_puts(out, ",\"http\":{");
    put_text(out, "hostname", record->site);
    put_text(out, "url", record->url.len ? target_of(record->url) : record->url);
    put_text(out, "http_method", record->method);
    put_text(out, "http_content_type", record->file.said);
    if (record->status)
        nta_buf_printf(out, "%s\"status\":%u", out->ptr[out->len - 1] == '{' ? "" : ",",
                       (unsigned)record->status);
    nta_buf_puts(out, "}");
}

static void put_dns(struct nta_buf *out, const struct nta_record *record)
{
    nta_buf_puts(out, ",\"dns\":{\"query\":[{\"type\":\"query\"");
    put_text(out, "rrname", record->site);
    nta_buf_puts(out, "}]}");
}

static void put_tls(struct nta_buf *out, const struct nta_record *record)
{
    nta_buf_puts(out, ",\"tls\":{");
    put_text(out, "sni", record->site);
    put_text(out, "version", record->tls_version);
    put_text(out, "ja4", record->ja4);
    put_text(out, "issuerdn", record->issuer);
    nta_buf_puts(out, "}");
}

static void put_file(struct nta_buf *out, const struct nta_record_file *file)
{
    if (file->name.len == 0 && file->sha256.len == 0)
        return;
    nta_buf_puts(out, ",\"fileinfo\":{");
    put_text(out, "filename", file->name);
    if (file->sha256.len > 0) {
        nta_buf_printf(out, "%s\"sha256\":\"", out->ptr[out->len - 1] == '{' ? "" : ",");
        for (size_t i = 0; i < file->sha256.len; i++)
            nta_buf_printf(out, "%02x", file->sha256.ptr[i]);
        nta_buf_puts(out, "\"");
    }
    nta_buf_printf(out, ",\"size\":%" PRIu64 ",\"stored\":false}", file->bytes);
}

static void put_parts(struct nta_buf *out, const struct nta_record *record)
{
    if (nta_record_is_lookup(record))
        put_dns(out, record);
    else if (speaks(record, "http") || speaks(record, "http2"))
        put_http(out, record);
    else if (speaks(record, "tls") || speaks(record, "quic"))
        put_tls(out, record);
    put_file(out, &record->file);
}

static void put_own(struct nta_buf *out, struct nta_span own)
{
    nta_buf_puts(out, ",\"nta\":");
    nta_buf_put(out, own.ptr, own.len);
    nta_buf_puts(out, "}");
}

void nta_alert_eve(struct nta_buf *out, const struct nta_record *record, struct nta_span own)
{
    put_time(out, record->time_ns);
    if (record->about)
        nta_buf_printf(out, ",\"flow_id\":%" PRIu64, record->about);
    nta_buf_puts(out, ",\"event_type\":\"alert\"");
    put_vlans(out, record);
    put_ends(out, record);
    put_transport(out, record->ip_proto);
    put_alert(out, record);
    put_app(out, record);
    put_parts(out, record);
    put_own(out, own);
}

void nta_alert_eve_other(struct nta_buf *out, int64_t wall_ns, struct nta_span own)
{
    put_time(out, wall_ns);
    nta_buf_puts(out, ",\"event_type\":\"nta\"");
    put_own(out, own);
}
