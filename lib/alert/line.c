/* SPDX-License-Identifier: Apache-2.0 */
#include "alert/line.h"

#include "alert/alert.h"
#include "alert/text.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "record/counted.h"
#include "record/names.h"

#include <inttypes.h>

enum
{
    NAME_MAX_SHOWN = 255,
    URL_MAX_SHOWN = 1024,
    PART_MIN_SHOWN = 16, ///< All parts of this length, and what is between them, fit in a line.
};

/**
 * A line that is being made: no part of it that is from outside is shown longer than `part_max`.
 */
struct line
{
    struct nta_buf *out;
    bool colour;
    size_t part_max;
};

#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

static void put_part(const struct line *line, struct nta_span text, size_t max)
{
    nta_alert_put_text(line->out, text, max < line->part_max ? max : line->part_max);
}

static void put_name(const struct line *line, struct nta_span text)
{
    put_part(line, text, NAME_MAX_SHOWN);
}

static void puts_line(const struct line *line, const char *text)
{
    nta_buf_puts(line->out, text);
}

static void put_style(const struct line *line, const char *style)
{
    if (line->colour)
        nta_buf_puts(line->out, style);
}

static void put_mark(const struct line *line)
{
    put_style(line, RED);
    puts_line(line, "ALERT");
    put_style(line, PLAIN);
    puts_line(line, " ");
}

static void put_user(const struct line *line, const struct nta_record_side *user)
{
    char addr[NTA_ADDR_TEXT_SIZE];

    puts_line(line, nta_addr_text(&user->addr, addr));
    if (!user->login.len && !user->name.len)
        return;
    puts_line(line, " (");
    put_name(line, user->login);
    if (user->login.len && user->name.len)
        puts_line(line, ", ");
    put_name(line, user->name);
    puts_line(line, ")");
}

static const char *deed_name(enum nta_alert_deed deed)
{
    switch (deed) {
    case NTA_ALERT_VISITED: return "visited";
    case NTA_ALERT_ASKED_FOR: return "asked for";
    case NTA_ALERT_WAS_CONTACTED_BY: return "was contacted by";
    }
    return "";
}

static void put_deed(const struct line *line, const struct nta_record *record)
{
    if (record->download) {
        puts_line(line, " downloaded ");
        if (record->file.name.len) {
            put_name(line, record->file.name);
            puts_line(line, " ");
        }
        puts_line(line, "from ");
    } else {
        puts_line(line, " ");
        puts_line(line, deed_name(nta_alert_deed(record)));
        puts_line(line, " ");
    }
    put_style(line, BOLD);
    if (record->site.len)
        put_name(line, record->site);
    else
        puts_line(line, "a site without a name");
    put_style(line, PLAIN);
    if (record->url.len) {
        puts_line(line, " (");
        if (record->method.len) {
            put_name(line, record->method);
            puts_line(line, " ");
        }
        put_part(line, record->url, URL_MAX_SHOWN);
        puts_line(line, ")");
    }
    if (record->initiator == NTA_INITIATOR_PREFETCH)
        puts_line(line, " (fetched ahead by the browser)");
}

static const char *severity_name(uint8_t severity)
{
    const char *name = nta_record_severity(severity);

    return name[0] ? name : "unknown";
}

static void put_list(const struct line *line, const struct nta_record_match *match)
{
    if (!match->list.len)
        return;
    puts_line(line, " [list ");
    put_name(line, match->list);
    nta_buf_printf(line->out, ":%" PRIu32 " \"", match->line);
    put_name(line, match->entry);
    puts_line(line, "\"");
    if (match->category.len) {
        puts_line(line, ", category ");
        put_name(line, match->category);
    }
    if (match->severity)
        nta_buf_printf(line->out, ", severity %s", severity_name(match->severity));
    puts_line(line, "]");
}

static void put_place(const struct line *line, const struct nta_place *place)
{
    struct nta_span parts[] = {place->site.len ? place->site : place->city, place->country};
    bool any = false;

    if (!place->country.len)
        parts[1] = nta_span_of(place->country_code);
    for (size_t i = 0; i < 2; i++) {
        if (!parts[i].len)
            continue;
        puts_line(line, any ? ", " : " ");
        put_name(line, parts[i]);
        any = true;
    }
    if (place->asn) {
        nta_buf_printf(line->out, " (AS%" PRIu32 "%s", place->asn, place->as_org.len ? " " : "");
        put_name(line, place->as_org);
        puts_line(line, ")");
    }
}

/** Who was asked for a name is elsewhere than the site: his place would be taken for the site's. */
static void put_peer(const struct line *line, const struct nta_record *record)
{
    const struct nta_record_side *peer = &record->peer;
    const bool is_resolver = nta_record_is_lookup(record);
    char addr[NTA_ADDR_TEXT_SIZE];
    bool bracket = !nta_addr_is_v4(&peer->addr) && peer->port;

    (void)nta_addr_text(&peer->addr, addr);
    nta_buf_printf(line->out, " %s %s%s%s", is_resolver ? "of the resolver" : "at",
                   bracket ? "[" : "", addr, bracket ? "]" : "");
    if (peer->port)
        nta_buf_printf(line->out, ":%u", (unsigned)peer->port);
    if (!is_resolver)
        put_place(line, &peer->place);
}

static void put_line(const struct line *line, const struct nta_record *record)
{
    put_mark(line);
    put_user(line, &record->user);
    put_deed(line, record);
    put_list(line, &record->match);
    put_peer(line, record);
    if (record->basis != NTA_BASIS_NONE)
        nta_buf_printf(line->out, " by %s", nta_basis_name(record->basis));
    if (record->match.weak) {
        put_style(line, YELLOW);
        if (record->match.shared.len) {
            puts_line(line, " (weak: an address of ");
            put_name(line, record->match.shared);
            puts_line(line, ", which many sites share)");
        } else {
            puts_line(line, " (weak: other sites may share this address)");
        }
        put_style(line, PLAIN);
    }
}

/**
 * How long a part may be for the whole to fit: the longest ones are shortened, the others stay as
 * they are.
 */
static size_t find_part_max(const struct nta_record *record)
{
    NTA_AUTO(nta_buf_done) struct nta_buf draft = {0};
    size_t fits = PART_MIN_SHOWN, too_long = URL_MAX_SHOWN + 1;

    for (size_t max = URL_MAX_SHOWN; too_long - fits > 1; max = (fits + too_long) / 2) {
        nta_buf_clear(&draft);
        put_line(&(struct line){.out = &draft, .part_max = max}, record);
        if (draft.len <= NTA_ALERT_LINE_MAX)
            fits = max;
        else
            too_long = max;
    }
    return fits;
}

void nta_alert_line(struct nta_buf *out, const struct nta_record *record, bool colour)
{
    put_line(&(struct line){.out = out, .colour = colour, .part_max = find_part_max(record)},
             record);
}

void nta_alert_repeat_line(struct nta_buf *out, const struct nta_alert_repeat *repeat, bool colour)
{
    const struct line line = {.out = out, .colour = colour};
    char last[NTA_TIME_TEXT_SIZE];

    put_mark(&line);
    nta_buf_printf(out, "%s %s ", repeat->who, deed_name(repeat->deed));
    put_style(&line, BOLD);
    nta_buf_puts(out, repeat->site);
    put_style(&line, PLAIN);
    if (repeat->has_others)
        nta_buf_printf(out, " and others of \"%s\"", repeat->entry);
    if (repeat->list[0])
        nta_buf_printf(out, " [list %s]", repeat->list);
    nta_buf_printf(out, " %" PRIu64 " more time%s, last at %s", repeat->n,
                   repeat->n == 1 ? "" : "s", nta_clock_text(repeat->last_ns, last));
}

void nta_alert_capped_line(struct nta_buf *out, uint64_t n, unsigned per_minute, bool colour)
{
    put_mark(&(struct line){.out = out, .colour = colour});
    nta_buf_printf(out, "%" PRIu64 " more alert%s not logged", n, n == 1 ? "" : "s");
    if (per_minute)
        nta_buf_printf(out, ": over the limit of %u lines a minute, or a user's or list's share",
                       per_minute);
    nta_buf_puts(out, "; all of them are in the records");
}

void nta_alert_repeat_json(struct nta_buf *out, const struct nta_alert_repeat *repeat)
{
    char addr[NTA_ADDR_TEXT_SIZE];
    char last[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, "{\"time\":\"%s\",\"event\":\"alert-summary\",\"user\":{\"ip\":\"%s\"}",
                   nta_clock_text(repeat->last_ns, last), nta_addr_text(&repeat->user, addr));
    nta_buf_puts(out, ",\"site\":");
    nta_text_json_shown(out, nta_span_of(repeat->site));
    nta_buf_puts(out, ",\"match\":{\"list\":");
    nta_text_json_shown(out, nta_span_of(repeat->list));
    nta_buf_puts(out, ",\"entry\":");
    nta_text_json_shown(out, nta_span_of(repeat->entry));
    nta_buf_printf(out, "},\"repeats\":%" PRIu64 "}", repeat->n);
}

void nta_alert_capped_json(struct nta_buf *out, uint64_t n)
{
    nta_buf_printf(out, "{\"event\":\"alert-summary\",\"not_logged\":%" PRIu64 "}", n);
}
