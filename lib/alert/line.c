/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/line.h"

#include "alert/alert.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/names.h"

#include <inttypes.h>

enum
{
    NAME_MAX_SHOWN = 255,
    URL_MAX_SHOWN = 1024
};

#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

void nta_alert_put_text(struct nta_buf *out, struct nta_span text, size_t max)
{
    bool cut = text.len > max;

    if (cut)
        text.len = max;
    nta_text_escape(out, text);
    if (cut)
        nta_buf_puts(out, "...");
}

static void put_name(struct nta_buf *out, struct nta_span text)
{
    nta_alert_put_text(out, text, NAME_MAX_SHOWN);
}

static void put_style(struct nta_buf *out, const char *style, bool colour)
{
    if (colour)
        nta_buf_puts(out, style);
}

static void put_mark(struct nta_buf *out, bool colour)
{
    put_style(out, RED, colour);
    nta_buf_puts(out, "ALERT");
    put_style(out, PLAIN, colour);
    nta_buf_puts(out, " ");
}

void nta_alert_put_user(struct nta_buf *out, const struct nta_record_side *user)
{
    char addr[NTA_ADDR_TEXT_SIZE];

    nta_buf_puts(out, nta_addr_text(&user->addr, addr));
    if (!user->login.len && !user->name.len)
        return;
    nta_buf_puts(out, " (");
    put_name(out, user->login);
    if (user->login.len && user->name.len)
        nta_buf_puts(out, ", ");
    put_name(out, user->name);
    nta_buf_puts(out, ")");
}

static void put_deed(struct nta_buf *out, const struct nta_record *record, bool colour)
{
    if (record->download) {
        nta_buf_puts(out, " downloaded ");
        if (record->file.name.len) {
            put_name(out, record->file.name);
            nta_buf_puts(out, " ");
        }
        nta_buf_puts(out, "from ");
    } else {
        nta_buf_puts(out, record->query_type || record->app == NTA_APP_DNS ? " asked for "
                                                                           : " visited ");
    }
    put_style(out, BOLD, colour);
    if (record->site.len)
        put_name(out, record->site);
    else
        nta_buf_puts(out, "a site without a name");
    put_style(out, PLAIN, colour);
    if (record->url.len) {
        nta_buf_puts(out, " (");
        if (record->method.len) {
            put_name(out, record->method);
            nta_buf_puts(out, " ");
        }
        nta_alert_put_text(out, record->url, URL_MAX_SHOWN);
        nta_buf_puts(out, ")");
    }
}

static const char *severity_name(uint8_t severity)
{
    const char *name = nta_record_severity(severity);

    return name[0] ? name : "unknown";
}

static void put_list(struct nta_buf *out, const struct nta_record_match *match)
{
    if (!match->list.len)
        return;
    nta_buf_puts(out, " [list ");
    put_name(out, match->list);
    nta_buf_printf(out, ":%" PRIu32 " \"", match->line);
    put_name(out, match->entry);
    nta_buf_puts(out, "\"");
    if (match->category.len) {
        nta_buf_puts(out, ", category ");
        put_name(out, match->category);
    }
    if (match->severity)
        nta_buf_printf(out, ", severity %s", severity_name(match->severity));
    nta_buf_puts(out, "]");
}

static void put_place(struct nta_buf *out, const struct nta_place *place)
{
    struct nta_span parts[] = {place->site.len ? place->site : place->city, place->country};
    bool any = false;

    if (!place->country.len)
        parts[1] = nta_span_of(place->country_code);
    for (size_t i = 0; i < 2; i++) {
        if (!parts[i].len)
            continue;
        nta_buf_puts(out, any ? ", " : " ");
        put_name(out, parts[i]);
        any = true;
    }
    if (place->asn) {
        nta_buf_printf(out, " (AS%" PRIu32 "%s", place->asn, place->as_org.len ? " " : "");
        put_name(out, place->as_org);
        nta_buf_puts(out, ")");
    }
}

static void put_peer(struct nta_buf *out, const struct nta_record_side *peer)
{
    char addr[NTA_ADDR_TEXT_SIZE];
    bool bracket = !nta_addr_is_v4(&peer->addr) && peer->port;

    (void)nta_addr_text(&peer->addr, addr);
    nta_buf_printf(out, " at %s%s%s", bracket ? "[" : "", addr, bracket ? "]" : "");
    if (peer->port)
        nta_buf_printf(out, ":%u", (unsigned)peer->port);
    put_place(out, &peer->place);
}

void nta_alert_line(struct nta_buf *out, const struct nta_record *record, bool colour)
{
    put_mark(out, colour);
    nta_alert_put_user(out, &record->user);
    put_deed(out, record, colour);
    put_list(out, &record->match);
    put_peer(out, &record->peer);
    if (record->basis != NTA_BASIS_NONE)
        nta_buf_printf(out, " by %s", nta_basis_name(record->basis));
    if (record->match.weak) {
        put_style(out, YELLOW, colour);
        if (record->match.shared.len) {
            nta_buf_puts(out, " (weak: an address of ");
            put_name(out, record->match.shared);
            nta_buf_puts(out, ", which many sites share)");
        } else {
            nta_buf_puts(out, " (weak: other sites may share this address)");
        }
        put_style(out, PLAIN, colour);
    }
}

void nta_alert_repeat_line(struct nta_buf *out, const struct nta_alert_repeat *repeat, bool colour)
{
    char last[NTA_TIME_TEXT_SIZE];

    put_mark(out, colour);
    nta_buf_printf(out, "%s %s %s%s%s%s%s%s %" PRIu64 " more time%s, last at %s", repeat->who,
                   repeat->is_lookup ? "asked for" : "visited", colour ? BOLD : "", repeat->site,
                   colour ? PLAIN : "", repeat->list[0] ? " [list " : "", repeat->list,
                   repeat->list[0] ? "]" : "", repeat->n, repeat->n == 1 ? "" : "s",
                   nta_clock_text(repeat->last_ns, last));
}

void nta_alert_capped_line(struct nta_buf *out, uint64_t n, unsigned per_minute, bool colour)
{
    put_mark(out, colour);
    nta_buf_printf(out,
                   "%" PRIu64 " more alert%s not logged: over the limit of %u lines a minute; "
                   "all of them are in the records",
                   n, n == 1 ? "" : "s", per_minute);
}

/* For texts that are in shown form already: nta_text_json() would escape them a second time. */
static void put_json_shown(struct nta_buf *out, const char *shown)
{
    nta_buf_puts(out, "\"");
    for (; *shown; shown++) {
        if (*shown == '"' || *shown == '\\')
            nta_buf_puts(out, "\\");
        nta_buf_put_u8(out, (uint8_t)*shown);
    }
    nta_buf_puts(out, "\"");
}

void nta_alert_repeat_json(struct nta_buf *out, const struct nta_alert_repeat *repeat)
{
    char addr[NTA_ADDR_TEXT_SIZE];
    char last[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, "{\"time\":\"%s\",\"event\":\"alert-summary\",\"user\":{\"ip\":\"%s\"}",
                   nta_clock_text(repeat->last_ns, last), nta_addr_text(&repeat->user, addr));
    nta_buf_puts(out, ",\"site\":");
    put_json_shown(out, repeat->site);
    nta_buf_puts(out, ",\"match\":{\"list\":");
    put_json_shown(out, repeat->list);
    nta_buf_printf(out, "},\"repeats\":%" PRIu64 "}", repeat->n);
}

void nta_alert_capped_json(struct nta_buf *out, uint64_t n)
{
    nta_buf_printf(out, "{\"event\":\"alert-summary\",\"not_logged\":%" PRIu64 "}", n);
}
