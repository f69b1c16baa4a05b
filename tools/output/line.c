/* SPDX-License-Identifier: Apache-2.0 */
#include "output/line.h"

#include "alert/alert.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "search/words/calendar.h"

#include <inttypes.h>
#include <time.h>

/** Stored in UTC, shown in the reader's zone. */
static void local_time(struct nta_buf *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S);
    char text[40], offset[NTA_CALENDAR_OFFSET_SIZE];
    struct tm tm;

    if (!localtime_r(&seconds, &tm) || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
        return;
    nta_buf_printf(out, "%s.%03d ", text, (int)(wall_ns % NTA_NS_PER_S / NTA_NS_PER_MS));
    if (nta_calendar_is_twice(wall_ns, offset))
        nta_buf_printf(out, "%s ", offset);
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
