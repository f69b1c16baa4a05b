/* SPDX-License-Identifier: Apache-2.0 */
#include "csv.h"

#include "alert/alert.h"
#include "base/clock.h"
#include "base/text.h"

#include <inttypes.h>
#include <time.h>

void nta_csv_head(FILE *out)
{
    (void)fputs("id,time,end,event,user,user_port,mac,name,login,peer,peer_port,transport,app,site,"
                "basis,url,method,status,file,file_type,up_bytes,down_bytes,list,category,entry,"
                "line,weak,download,country,city,asn,as_org\n",
                out);
}

static void cell(struct nta_buf *out, struct nta_span text)
{
    nta_text_csv(out, text);
    nta_buf_put_u8(out, ',');
}

static void number(struct nta_buf *out, uint64_t value)
{
    if (value)
        nta_buf_printf(out, "%" PRIu64, value);
    nta_buf_put_u8(out, ',');
}

static void stamp(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, wall_ns ? nta_clock_text(wall_ns, text) : "");
    nta_buf_put_u8(out, ',');
}

static void side(struct nta_buf *out, const struct nta_record_side *side)
{
    char text[NTA_ADDR_TEXT_SIZE];

    nta_buf_puts(out, nta_addr_text(&side->addr, text));
    nta_buf_put_u8(out, ',');
    number(out, side->port);
}

static const char *transport_name(uint8_t ip_proto)
{
    return ip_proto == 6 ? "tcp" : ip_proto == 17 ? "udp" : ip_proto == 132 ? "sctp" : "";
}

void nta_csv_row(struct nta_buf *out, const struct nta_record *record, const char *id)
{
    const uint8_t *mac = record->user.mac;
    const struct nta_place *place = &record->peer.place;

    cell(out, nta_span_of(id));
    stamp(out, record->time_ns);
    stamp(out, record->end_ns);
    cell(out, nta_span_of(nta_record_event_name(record->event)));
    side(out, &record->user);
    if (record->user.has_mac)
        nta_buf_printf(out, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
    nta_buf_put_u8(out, ',');
    cell(out, record->user.name);
    cell(out, record->user.login);
    side(out, &record->peer);
    cell(out, nta_span_of(transport_name(record->ip_proto)));
    cell(out, nta_span_of(nta_app_name(record->app)));
    cell(out, record->site);
    cell(out, nta_span_of(nta_basis_name(record->basis)));
    cell(out, record->url);
    cell(out, record->method);
    number(out, record->status);
    cell(out, record->file.name);
    cell(out, record->file.type);
    number(out, record->up.bytes);
    number(out, record->down.bytes);
    cell(out, record->match.list);
    cell(out, record->match.category);
    cell(out, record->match.entry);
    number(out, record->match.line);
    cell(out, nta_span_of(record->match.weak ? "yes" : ""));
    cell(out, nta_span_of(record->download ? "yes" : ""));
    cell(out, nta_span_of(place->country_code));
    cell(out, place->city);
    number(out, place->asn);
    nta_text_csv(out, place->as_org);
}

/** Stored in UTC, shown in the reader's zone. */
static void local_time(struct nta_buf *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S);
    char text[40];
    struct tm tm;

    if (!localtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return;
    nta_buf_printf(out, "%s.%03d ", text, (int)(wall_ns % NTA_NS_PER_S / NTA_NS_PER_MS));
}

static void losses(struct nta_buf *out, const struct nta_record *record)
{
    nta_buf_puts(out, record->n_losses ? "loss   " : "loss   none");
    for (size_t i = 0; i < record->n_losses; i++) {
        nta_buf_puts(out, i ? ", " : "");
        nta_text_escape(out, record->losses[i].reason);
        nta_buf_printf(out, " %" PRIu64, record->losses[i].n);
    }
}

static void bytes(struct nta_buf *out, const struct nta_record *record)
{
    if (record->up.bytes || record->down.bytes)
        nta_buf_printf(out, "  up %" PRIu64 " down %" PRIu64, record->up.bytes, record->down.bytes);
}

void nta_record_line(struct nta_buf *out, const struct nta_record *record, bool colour)
{
    char text[NTA_ADDR_TEXT_SIZE];

    local_time(out, record->time_ns);
    if (record->event == NTA_RECORD_ALERT) {
        nta_alert_line(out, record, colour);
        return;
    }
    if (record->event == NTA_RECORD_LOSS) {
        losses(out, record);
        return;
    }
    nta_buf_printf(out, "%-7s %-15s ", nta_record_event_name(record->event),
                   nta_addr_text(&record->user.addr, text));
    if (record->method.len) {
        nta_text_escape(out, record->method);
        nta_buf_put_u8(out, ' ');
    }
    nta_text_escape(out, record->url.len ? record->url : record->site);
    if (record->event != NTA_RECORD_LOOKUP)
        nta_buf_printf(out, "  %s:%u", nta_addr_text(&record->peer.addr, text), record->peer.port);
    if (record->app)
        nta_buf_printf(out, " %s", nta_app_name(record->app));
    if (record->status)
        nta_buf_printf(out, " %u", record->status);
    bytes(out, record);
    if (record->peer.place.country_code[0])
        nta_buf_printf(out, "  %s", record->peer.place.country_code);
    if (record->match.list.len) {
        nta_buf_puts(out, colour ? "  \033[31m[" : "  [");
        nta_text_escape(out, record->match.list);
        nta_buf_puts(out, record->download ? ", download]" : record->match.weak ? ", weak]" : "]");
        nta_buf_puts(out, colour ? "\033[0m" : "");
    }
}
