/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/message.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "notify/escape.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum
{
    LINE_BYTES = 57, ///< Of base64: 76 letters.
    WORD_BYTES = 39, ///< Of an encoded word: 52 letters and 12 around them.
    DATE_SIZE = 64,
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648, section 4, without line breaks. */
static void put_base64(struct nta_buf *out, struct nta_span bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t n = nta_smaller(3, bytes.len - i);
        const uint32_t word = (uint32_t)bytes.ptr[i] << 16 |
                              (n > 1 ? (uint32_t)bytes.ptr[i + 1] << 8 : 0) |
                              (n > 2 ? (uint32_t)bytes.ptr[i + 2] : 0);

        nta_buf_put_u8(out, (uint8_t)letters[word >> 18]);
        nta_buf_put_u8(out, (uint8_t)letters[word >> 12 & 63]);
        nta_buf_put_u8(out, n > 1 ? (uint8_t)letters[word >> 6 & 63] : '=');
        nta_buf_put_u8(out, n > 2 ? (uint8_t)letters[word & 63] : '=');
    }
}

static void put_lines(struct nta_buf *out, struct nta_span bytes)
{
    for (size_t i = 0; i < bytes.len; i += LINE_BYTES) {
        put_base64(out, nta_span_first(nta_span_from(bytes, i), LINE_BYTES));
        nta_buf_puts(out, "\r\n");
    }
}

static bool is_plain(struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    }
    return nta_span_find(text, "=?") == text.len;
}

/** Bytes of `text`, up to `max`, that end with a character. */
static size_t whole(struct nta_span text, size_t max)
{
    size_t n = nta_smaller(text.len, max);

    while (n > 0 && n < text.len && (text.ptr[n] & 0xc0) == 0x80)
        n--;
    return n ? n : nta_smaller(text.len, max);
}

/** A header's text: as it is, or encoded words (RFC 2047), each on a line of its own. */
static void put_header(struct nta_buf *out, const char *name, struct nta_span text)
{
    nta_buf_printf(out, "%s:", name);
    if (is_plain(text) && text.len <= 900) {
        nta_buf_puts(out, " ");
        nta_buf_put(out, text.ptr, text.len);
        nta_buf_puts(out, "\r\n");
        return;
    }
    while (text.len > 0) {
        const size_t n = whole(text, WORD_BYTES);

        nta_buf_puts(out, " =?UTF-8?B?");
        put_base64(out, nta_span_first(text, n));
        nta_buf_puts(out, "?=\r\n");
        text = nta_span_from(text, n);
    }
}

/** RFC 5322, section 3.3, whatever the locale. */
static void put_date(struct nta_buf *out, int64_t wall_ns)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S);
    struct tm tm = {0};

    (void)gmtime_r(&seconds, &tm);
    nta_buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
                   months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/** All headers but those of the body. */
static void put_head(struct nta_buf *out, const struct nta_notify_letter *letter, const char *id,
                     int64_t wall_ns, struct nta_span subject)
{
    const struct nta_notify_receiver *receiver = letter->receiver;

    put_date(out, wall_ns);
    nta_buf_printf(out, "From: %s\r\nTo: ", receiver->from);
    for (size_t i = 0; i < receiver->to.n; i++)
        nta_buf_printf(out, "%s%s", i ? ",\r\n " : "", receiver->to.item[i]);
    nta_buf_printf(out, "\r\nMessage-ID: <%s@%s>\r\n", id, letter->host);
    put_header(out, "Subject", subject);
    nta_buf_puts(out, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
}

static void put_part(struct nta_buf *out, const char *type, struct nta_span body)
{
    nta_buf_printf(out, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n", type);
    put_lines(out, body);
}

void nta_notify_put_mail(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    NTA_AUTO(nta_buf_done) struct nta_buf subject = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_notify_put_subject(&subject, letter);
    nta_notify_put_text(&text, letter);
    /* the message's own time: the same mail is the same however often it is sent */
    put_head(out, letter, letter->item->id, letter->item->made_ns, nta_buf_span(&subject));
    put_part(out, "text/plain; charset=utf-8", nta_buf_span(&text));
    out->failed = out->failed || subject.failed || text.failed;
}

void nta_notify_put_report(struct nta_buf *out, const struct nta_notify_letter *letter,
                           const struct nta_notify_report *report)
{
    put_head(out, letter, report->id, letter->wall_ns, nta_span_of(report->subject));
    if (report->page.len == 0) {
        put_part(out, "text/plain; charset=utf-8", nta_span_of(report->text));
        return;
    }
    nta_buf_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n",
                   report->id, report->id);
    put_part(out, "text/plain; charset=utf-8", nta_span_of(report->text));
    nta_buf_printf(out, "--%s\r\nContent-Disposition: attachment; filename=\"%s\"\r\n", report->id,
                   report->name);
    put_part(out, "text/html; charset=utf-8", report->page);
    nta_buf_printf(out, "--%s--\r\n", report->id);
}

static void put_json_text(struct nta_buf *out, const char *name, struct nta_span text)
{
    nta_buf_printf(out, "\"%s\":\"", name);
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if (c == '"' || c == '\\')
            nta_buf_printf(out, "\\%c", c);
        else if (c < ' ')
            nta_buf_printf(out, "\\u%04x", c);
        else
            nta_buf_put_u8(out, c);
    }
    nta_buf_puts(out, "\"");
}

/** Slack: no link is made of what looks like one, nobody is called by his name. */
static void put_slack(struct nta_buf *out, struct nta_span text)
{
    nta_buf_puts(out, "{");
    put_json_text(out, "text", text);
    nta_buf_puts(out, ",\"parse\":\"none\",\"link_names\":false,\"unfurl_links\":false,"
                      "\"unfurl_media\":false}");
}

/** Teams: an Adaptive Card of runs of text, in which Markdown means nothing. */
static void put_teams(struct nta_buf *out, struct nta_span text)
{
    bool is_first = true;

    nta_buf_puts(out, "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
                      "\"application/vnd.microsoft.card.adaptive\",\"content\":{\"type\":"
                      "\"AdaptiveCard\",\"version\":\"1.4\",\"body\":[");
    while (text.len > 0) {
        const struct nta_span line = nta_span_before(text, '\n');

        nta_buf_printf(out, "%s{\"type\":\"RichTextBlock\",\"inlines\":[{\"type\":\"TextRun\",",
                       is_first ? "" : ",");
        put_json_text(out, "text", line);
        nta_buf_puts(out, "}]}");
        text = nta_span_from(text, line.len + (line.len < text.len));
        is_first = false;
    }
    nta_buf_puts(out, "]}}]}");
}

/** Matrix: plain, and the same as HTML; nobody is mentioned. */
static void put_matrix(struct nta_buf *out, struct nta_span text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf html = {0};

    nta_buf_puts(&html, "<pre>");
    nta_notify_html(&html, text);
    nta_buf_puts(&html, "</pre>");
    nta_buf_puts(out, "{\"msgtype\":\"m.text\",");
    put_json_text(out, "body", text);
    nta_buf_puts(out, ",\"format\":\"org.matrix.custom.html\",");
    put_json_text(out, "formatted_body", nta_buf_span(&html));
    nta_buf_puts(out, ",\"m.mentions\":{}}");
    out->failed = out->failed || html.failed;
}

/** The words of an event that its receiver may have. */
static void put_words(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    static const struct
    {
        const char *name;
        enum nta_notify_word word;
        bool names;
    } members[] = {
        {"list", NTA_NOTIFY_LIST, false},     {"category", NTA_NOTIFY_CATEGORY, false},
        {"act", NTA_NOTIFY_ACT, false},       {"department", NTA_NOTIFY_DEPARTMENT, false},
        {"record", NTA_NOTIFY_RECORD, false}, {"cause", NTA_NOTIFY_CAUSE, false},
        {"entry", NTA_NOTIFY_ENTRY, true},    {"user", NTA_NOTIFY_USER, true},
        {"login", NTA_NOTIFY_LOGIN, true},    {"person", NTA_NOTIFY_PERSON, true},
        {"device", NTA_NOTIFY_HOST, true},    {"site", NTA_NOTIFY_SITE, true},
        {"file", NTA_NOTIFY_FILE, true},
    };
    const struct nta_notify_event *best = &letter->item->best;

    for (size_t i = 0; i < NTA_N_ELEMENTS(members); i++) {
        if (!best->word[members[i].word][0] ||
            (members[i].names && !nta_notify_tells_names(letter->receiver)))
            continue;
        nta_buf_puts(out, ",");
        put_json_text(out, members[i].name, nta_span_of(best->word[members[i].word]));
    }
}

static void put_json(struct nta_buf *out, const struct nta_notify_letter *letter,
                     struct nta_span text)
{
    static const char *const kinds[] = {
        [NTA_NOTIFY_OTHER] = "other",      [NTA_NOTIFY_ALERT] = "incident",
        [NTA_NOTIFY_REPEATS] = "incident", [NTA_NOTIFY_CAPPED] = "not-logged",
        [NTA_NOTIFY_BAD] = "bad",          [NTA_NOTIFY_WELL] = "well",
    };
    const struct nta_notify_item *item = letter->item;
    char from[NTA_TIME_TEXT_SIZE], until[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, "{\"id\":\"%s\",\"event\":\"%s\",\"severity\":\"%s\",\"weak\":%s", item->id,
                   kinds[item->best.kind], nta_notify_severity_name(item->best.severity),
                   item->best.weak ? "true" : "false");
    nta_buf_printf(out, ",\"alerts\":%" PRIu64 ",\"incidents\":%" PRIu64 ",\"goes_on\":%s", item->n,
                   item->n_incidents ? item->n_incidents : 1, item->told ? "true" : "false");
    nta_buf_printf(out, ",\"from\":\"%s\",\"until\":\"%s\",", nta_clock_text(item->first_ns, from),
                   nta_clock_text(item->last_ns, until));
    put_json_text(out, "sensor", nta_span_of(letter->host));
    nta_buf_puts(out, ",");
    put_json_text(out, "text", text);
    put_words(out, letter);
    nta_buf_puts(out, "}");
}

void nta_notify_put_body(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_notify_put_subject(&text, letter);
    nta_buf_puts(&text, "\n");
    nta_notify_put_text(&text, letter);
    switch (letter->receiver->channel) {
    case NTA_NOTIFY_MAIL: break;
    case NTA_NOTIFY_SLACK: put_slack(out, nta_buf_span(&text)); break;
    case NTA_NOTIFY_TEAMS: put_teams(out, nta_buf_span(&text)); break;
    case NTA_NOTIFY_MATRIX: put_matrix(out, nta_buf_span(&text)); break;
    case NTA_NOTIFY_JSON: put_json(out, letter, nta_buf_span(&text)); break;
    }
    out->failed = out->failed || text.failed;
}

void nta_notify_put_report_body(struct nta_buf *out, const struct nta_notify_letter *letter,
                                const struct nta_notify_report *report)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_printf(&text, "%s\n%s", report->subject, report->text);
    switch (letter->receiver->channel) {
    case NTA_NOTIFY_MAIL: break;
    case NTA_NOTIFY_SLACK: put_slack(out, nta_buf_span(&text)); break;
    case NTA_NOTIFY_TEAMS: put_teams(out, nta_buf_span(&text)); break;
    case NTA_NOTIFY_MATRIX: put_matrix(out, nta_buf_span(&text)); break;
    case NTA_NOTIFY_JSON:
        nta_buf_printf(out, "{\"id\":\"%s\",\"event\":\"report\",", report->id);
        put_json_text(out, "text", nta_buf_span(&text));
        nta_buf_puts(out, "}");
        break;
    }
    out->failed = out->failed || text.failed;
}
