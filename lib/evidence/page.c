/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/page.h"

#include "base/hex.h"
#include "base/own.h"
#include "evidence/files.h"
#include "evidence/page_noted.h"
#include "evidence/page_parts.h"
#include "evidence/proof/each.h"
#include "evidence/proof/named.h"

#include <inttypes.h>

static const struct
{
    const char *code, *name, *file;
} languages[] = {
    [NTA_LANGUAGE_EN] = {"en", "English", "index.html"},
    [NTA_LANGUAGE_DE] = {"de", "Deutsch", "index.de.html"},
    [NTA_LANGUAGE_FR] = {"fr", "français", "index.fr.html"},
    [NTA_LANGUAGE_NL] = {"nl", "Nederlands", "index.nl.html"},
};

/* ---- the incident ---- */

/** Empty: none is known. */
static struct nta_span address_of(const struct nta_record_side *side, char buf[NTA_ADDR_TEXT_SIZE])
{
    static const struct nta_addr none = {0};

    return nta_addr_equal(&side->addr, &none) ? (struct nta_span){0}
                                              : nta_span_of(nta_addr_text(&side->addr, buf));
}

static void put_who(struct nta_paging *page, const struct nta_record_side *user)
{
    char address[NTA_ADDR_TEXT_SIZE];

    nta_page_heading(page, NTA_WORD_WHO);
    nta_page_puts(page, "<table>\n");
    nta_page_text_row(page, NTA_WORD_ADDRESS, address_of(user, address));
    nta_page_text_row(page, NTA_WORD_PERSON, user->person);
    nta_page_text_row(page, NTA_WORD_DEPARTMENT, user->department);
    nta_page_text_row(page, NTA_WORD_LOGIN, user->login);
    nta_page_text_row(page, NTA_WORD_NAME, user->name);
    nta_page_text_row(page, NTA_WORD_DEVICE, user->device);
    nta_page_row(page, NTA_WORD_KNOWN_BY);
    nta_page_puts(page, nta_case_word_of(page->language, NTA_WORD_STRENGTH_UNKNOWN,
                                         NTA_WORD_STRENGTH_LOGIN, user->strength));
    nta_page_end_row(page);
    nta_page_puts(page, "</table>\n");
}

static void put_number_row(struct nta_paging *page, enum nta_case_word word, uint64_t number)
{
    nta_page_row(page, word);
    nta_page_number(page, number);
    nta_page_end_row(page);
}

static void put_time_row(struct nta_paging *page, enum nta_case_word word, int64_t wall_ns)
{
    nta_page_row(page, word);
    nta_page_time(page, wall_ns);
    nta_page_end_row(page);
}

static void put_names(struct nta_paging *page, const struct nta_incident_detail *detail)
{
    if (detail->n_names == 0)
        return;
    nta_page_row(page, NTA_WORD_NAMES);
    for (size_t i = 0; i < detail->n_names; i++) {
        nta_page_puts(page, i ? ", " : "");
        nta_page_text(page, detail->names[i]);
    }
    nta_page_puts(page, detail->has_more_names ? ", …" : "");
    nta_page_end_row(page);
}

static void put_entries(struct nta_paging *page, const struct nta_incident_detail *detail)
{
    nta_page_row(page, NTA_WORD_FORBIDDEN_BY);
    for (size_t i = 0; i < detail->n_entries; i++) {
        const struct nta_record_match *match = &detail->entries[i].match;

        nta_page_puts(page, i ? "<br>" : "");
        nta_page_text(page, match->entry);
        nta_page_puts(page, " (");
        nta_page_word(page, NTA_WORD_LIST);
        nta_page_puts(page, " ");
        nta_page_text(page, match->list);
        nta_page_puts(page, ", ");
        nta_page_word(page, NTA_WORD_LINE);
        nta_buf_printf(page->out, " %" PRIu32 ")", match->line);
    }
    nta_page_puts(page, detail->has_more_entries ? "<br>…" : "");
    nta_page_end_row(page);
}

static void put_what(struct nta_paging *page)
{
    const struct nta_incident *incident = page->view->incident;
    const struct nta_incident_detail *detail = page->view->detail;

    nta_page_heading(page, NTA_WORD_WHAT);
    nta_page_puts(page, "<table>\n");
    nta_page_text_row(page, NTA_WORD_SITE, detail->site);
    put_names(page, detail);
    nta_page_row(page, NTA_WORD_DID);
    nta_page_puts(page, nta_case_word_of(page->language, NTA_WORD_ACT_UNKNOWN,
                                         NTA_WORD_ACT_UPLOADED, incident->act));
    nta_page_end_row(page);
    nta_page_row(page, NTA_WORD_ANSWERED);
    nta_page_puts(page, nta_case_word_of(page->language, NTA_WORD_SEEN_UNKNOWN,
                                         NTA_WORD_SEEN_DELIVERED, incident->seen));
    nta_page_end_row(page);
    put_time_row(page, NTA_WORD_BEGAN, incident->begin_ns);
    put_time_row(page, NTA_WORD_ENDED, incident->end_ns);
    put_number_row(page, NTA_WORD_DOWN, incident->down);
    put_number_row(page, NTA_WORD_UP, incident->up);
    put_entries(page, detail);
    nta_page_puts(page, "</table>\n");
}

static void put_sure(struct nta_paging *page)
{
    const struct nta_record *sample = &page->view->detail->sample;
    size_t n = 0;

    nta_page_heading(page, NTA_WORD_HOW_SURE);
    nta_page_puts(page, "<p>");
    nta_page_puts(page, nta_case_word_of(page->language, NTA_WORD_GRADE_WEAK, NTA_WORD_GRADE_STRONG,
                                         page->view->incident->grade));
    nta_page_puts(page, "</p>\n<p>");
    nta_page_word(page, NTA_WORD_DOUBTS);
    nta_page_colon(page);
    nta_page_puts(page, "</p>\n<ul>\n");
    for (unsigned doubt = 1; doubt < NTA_DOUBT_END; doubt++)
        if (sample->doubts >> doubt & 1) {
            n++;
            nta_buf_printf(page->out, "<li>%s</li>\n",
                           nta_case_word_of(page->language, NTA_WORD_DOUBT_FORGED,
                                            NTA_WORD_DOUBT_LIMITED, doubt - 1));
        }
    if (n == 0) {
        nta_page_puts(page, "<li>");
        nta_page_word(page, sample->doubts ? NTA_WORD_DOUBTS_NONE : NTA_WORD_DOUBTS_UNKNOWN);
        nta_page_puts(page, "</li>\n");
    }
    nta_page_puts(page, "</ul>\n");
}

static void put_file(struct nta_paging *page, const struct nta_incident_file *file)
{
    nta_page_puts(page, "<tr><td>");
    nta_page_text(page, file->file.name);
    nta_page_puts(page, "</td><td>");
    nta_page_text(page, file->file.type);
    nta_page_puts(page, "</td><td class=\"w\">");
    nta_page_number(page, nta_incident_file_bytes(file));
    nta_page_puts(page, "</td><td class=\"w\">");
    nta_page_word(page, file->file.complete ? NTA_WORD_YES : NTA_WORD_NO);
    nta_page_puts(page, "</td><td>");
    nta_page_time(page, file->time_ns);
    if (file->file.sha256.len) {
        nta_page_puts(page, "<br>SHA-256 ");
        nta_page_hex(page, file->file.sha256);
    }
    nta_page_puts(page, "</td></tr>\n");
}

static void put_files(struct nta_paging *page)
{
    static const enum nta_case_word columns[] = {NTA_WORD_NAME, NTA_WORD_FILE_TYPE, NTA_WORD_BYTES,
                                                 NTA_WORD_COMPLETE, NTA_WORD_TIME};
    const struct nta_incident_detail *detail = page->view->detail;

    if (detail->n_files == 0)
        return;
    nta_page_heading(page, NTA_WORD_FILES);
    nta_page_table(page, columns, NTA_N_ELEMENTS(columns));
    for (size_t i = 0; i < detail->n_files; i++)
        put_file(page, &detail->files[i]);
    nta_page_puts(page, "</table>\n");
    if (detail->n_more_files == 0)
        return;
    nta_page_puts(page, "<p>");
    nta_page_word(page, NTA_WORD_MORE_FILES);
    nta_page_puts(page, "</p>\n");
}

/* ---- the records ---- */

/** What the sensor did not see; nothing: nothing was lost. */
static void put_losses(struct nta_paging *page, const struct nta_record *record)
{
    for (size_t i = 0; i < record->n_losses; i++) {
        nta_page_puts(page, i ? ", " : "");
        nta_page_text(page, record->losses[i].reason);
        nta_buf_printf(page->out, " %" PRIu64, record->losses[i].n);
    }
    if (record->n_losses == 0)
        nta_page_puts(page, "0");
}

/** From when to when; why; of which interface; which files. */
static void put_told(struct nta_paging *page, const struct nta_record_log *log)
{
    if (log->from_ns && log->to_ns) {
        nta_page_time(page, log->from_ns);
        nta_page_puts(page, " – ");
        nta_page_time(page, log->to_ns);
        nta_page_puts(page, " ");
    }
    nta_page_text(page, nta_span_of(nta_gap_reason_name(log->reason)));
    nta_page_puts(page, log->interface.len ? " " : "");
    nta_page_text(page, log->interface);
    for (size_t i = 0; i < log->n_inputs; i++) {
        nta_page_puts(page, i ? ", " : "");
        nta_page_text(page, log->inputs[i].name);
    }
}

/** What is known of who had an address: some of them say a name of a device alone. */
static void put_holder(struct nta_paging *page, const struct nta_record_side *side)
{
    char address[NTA_ADDR_TEXT_SIZE], mac[3 * sizeof(side->mac) + 1], *pos = mac;
    const struct nta_span known[] = {
        address_of(side, address),
        {.ptr = (const uint8_t *)mac, .len = side->has_mac ? sizeof(mac) - 2 : 0},
        side->name,
        side->login,
        side->person,
    };
    const char *before = "";

    for (size_t i = 0; i < sizeof(side->mac); i++) {
        pos = nta_hex_put(side->mac + i, 1, pos);
        *pos++ = ':';
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(known); i++) {
        if (known[i].len == 0)
            continue;
        nta_page_puts(page, before);
        nta_page_text(page, known[i]);
        before = ", ";
    }
}

static void put_about(struct nta_paging *page, const struct nta_record *record)
{
    if (record->event == NTA_RECORD_LOSS)
        put_losses(page, record);
    else if (record->event == NTA_RECORD_LEASE)
        put_holder(page, &record->user);
    else if (record->log)
        put_told(page, record->log);
    else
        nta_page_text(page, record->url.len ? record->url : record->site);
}

static int put_record(void *owner, const struct nta_case_at *at)
{
    struct nta_paging *page = owner;

    if (!at->record)
        return 0;
    nta_page_puts(page, "<tr><td>");
    nta_page_time(page, at->record->time_ns);
    nta_page_puts(page, "</td><td class=\"w\">");
    nta_page_puts(page, nta_case_word_of(page->language, NTA_WORD_EVENT_UNKNOWN,
                                         NTA_WORD_EVENT_NOTE, at->record->event));
    nta_page_puts(page, "</td><td>");
    put_about(page, at->record);
    nta_buf_printf(page->out, "</td><td><code>%s</code></td></tr>\n", at->id);
    return nta_case_may_grow(page->out);
}

static int put_records(struct nta_paging *page)
{
    static const enum nta_case_word columns[] = {NTA_WORD_TIME, NTA_WORD_EVENT, NTA_WORD_WHAT,
                                                 NTA_WORD_RECORD};

    nta_page_heading(page, NTA_WORD_RECORDS);
    nta_page_table(page, columns, NTA_N_ELEMENTS(columns));
    const int r = nta_case_each(page->view->kase, put_record, page);

    nta_page_puts(page, "</table>\n");
    return r;
}

static void put_batch(struct nta_paging *page, const struct nta_header *header, bool is_newest)
{
    nta_buf_printf(page->out, "<tr><td>%" PRIu64, header->number);
    if (is_newest) {
        nta_page_puts(page, "<br>");
        nta_page_word(page, NTA_WORD_NEWEST);
    }
    nta_page_puts(page, "</td><td>");
    nta_page_time(page, header->sealed_ns);
    nta_page_puts(page, "</td><td>");
    if (header->clock) {
        nta_page_word(page, NTA_WORD_CLOCK_BELOW);
        nta_buf_printf(page->out, " %" PRIu64 " ms", header->clock);
    } else {
        nta_page_word(page, NTA_WORD_CLOCK_UNKNOWN);
    }
    nta_page_puts(page, "</td></tr>\n");
}

static void put_batches(struct nta_paging *page)
{
    static const enum nta_case_word columns[] = {NTA_WORD_BATCH, NTA_WORD_SEALED, NTA_WORD_CLOCK};
    const struct nta_case *kase = page->view->kase;

    nta_page_heading(page, NTA_WORD_BATCHES);
    nta_page_table(page, columns, NTA_N_ELEMENTS(columns));
    for (size_t i = 0; i < kase->n_sensors; i++)
        for (size_t j = 0; j < kase->sensors[i].n_heads; j++) {
            const struct nta_case_head *head = &kase->sensors[i].heads[j];
            const bool is_newest = j + 1 == kase->sensors[i].n_heads;

            if (head->n_records || is_newest)
                put_batch(page, &head->header, is_newest);
        }
    nta_page_puts(page, "</table>\n");
}

/* ---- what was in force ---- */

static void put_policy(struct nta_paging *page, const struct nta_record_log *log)
{
    nta_page_puts(page, "<table>\n");
    nta_page_text_row(page, NTA_WORD_PROGRAM, log->version);
    for (size_t i = 0; i < log->n_lists; i++) {
        nta_page_row(page, NTA_WORD_LIST);
        nta_page_text(page, log->lists[i].name);
        nta_page_puts(page, " (");
        nta_page_word(page, NTA_WORD_ENTRIES);
        nta_page_colon(page);
        nta_buf_printf(page->out, " %" PRIu64 ")<br>SHA-256 ", log->lists[i].entries);
        nta_page_hex(page, log->lists[i].sha256);
        nta_page_end_row(page);
    }
    for (size_t i = 0; i < log->n_geo; i++) {
        nta_page_row(page, NTA_WORD_DATABASE);
        nta_page_text(page, log->geo[i].type);
        nta_page_puts(page, ", ");
        nta_page_time(page, log->geo[i].built_ns);
        nta_page_puts(page, "<br>SHA-256 ");
        nta_page_hex(page, log->geo[i].sha256);
        nta_page_end_row(page);
    }
    nta_page_puts(page, "</table>\n");
}

static int put_if_policy(void *owner, const struct nta_case_at *at)
{
    struct nta_paging *page = owner;

    if (at->record && at->record->event == NTA_RECORD_POLICY && at->record->log)
        put_policy(page, at->record->log);
    return nta_case_may_grow(page->out);
}

static void put_line(struct nta_paging *page, const struct nta_named_lines *lines,
                     const struct nta_case_line *line)
{
    const struct nta_named_line *named = nta_named_lines_find(lines, line);

    if (!named)
        return; /* which the proof says */
    nta_page_row(page, NTA_WORD_LINE_PROVED);
    nta_page_text(page, named->list);
    nta_buf_printf(page->out, ", %" PRIu64, line->number);
    nta_page_colon(page);
    nta_page_puts(page, " <code>");
    nta_page_text(page, line->text);
    nta_page_puts(page, "</code>");
    nta_page_end_row(page);
}

static int put_in_force(struct nta_paging *page)
{
    NTA_AUTO(nta_named_lines_done) struct nta_named_lines lines = {.n = 0};
    const struct nta_case *kase = page->view->kase;

    nta_page_heading(page, NTA_WORD_IN_FORCE);
    int r = nta_case_each(kase, put_if_policy, page);

    if (r == 0 && kase->n_lines)
        r = nta_named_lines_init(&lines, kase);
    nta_page_puts(page, kase->n_lines ? "<table>\n" : "");
    for (size_t i = 0; i < kase->n_lines; i++)
        put_line(page, &lines, &kase->lines[i]);
    nta_page_puts(page, kase->n_lines ? "</table>\n" : "");
    return r;
}

/* ---- the proof ---- */

static void put_paragraph(struct nta_paging *page, enum nta_case_word word)
{
    nta_page_puts(page, "<p>");
    nta_page_word(page, word);
    nta_page_puts(page, "</p>\n");
}

static void put_proof(struct nta_paging *page)
{
    static const enum nta_case_word proven[] = {NTA_WORD_PROVEN_1, NTA_WORD_PROVEN_2,
                                                NTA_WORD_PROVEN_3};

    static const enum nta_case_word unproven[] = {NTA_WORD_UNPROVEN_1, NTA_WORD_UNPROVEN_2,
                                                  NTA_WORD_UNPROVEN_3, NTA_WORD_UNPROVEN_4,
                                                  NTA_WORD_UNPROVEN_5};

    nta_page_heading(page, NTA_WORD_PROVEN);
    nta_page_list(page, proven, NTA_N_ELEMENTS(proven));
    nta_page_heading(page, NTA_WORD_UNPROVEN);
    nta_page_list(page, unproven, NTA_N_ELEMENTS(unproven));
}

static void put_check(struct nta_paging *page)
{
    const struct nta_case *kase = page->view->kase;

    nta_page_heading(page, NTA_WORD_CHECK);
    put_paragraph(page, NTA_WORD_CHECK_KEY);
    for (size_t i = 0; i < kase->n_sensors; i++) {
        char hex[NTA_HEX_SIZE(NTA_KEY_LEN)];

        nta_buf_printf(page->out, "<pre>nta-sensor-%s</pre>\n",
                       nta_hex_text(kase->sensors[i].identity, NTA_KEY_LEN, hex));
    }
    put_paragraph(page, NTA_WORD_CHECK_RUN);
    nta_page_puts(page, "<pre>nta verify CASE.zip --key nta-sensor-…\n"
                        "python3 check.py CASE.zip nta-sensor-…</pre>\n");
    put_paragraph(page, NTA_WORD_CHECK_PAGE);
}

/* ---- the whole ---- */

static const char style[] =
    "body{font:16px/1.45 Georgia,serif;max-width:56em;margin:2em auto;padding:0 1em;color:#111}"
    "h1{font-size:1.6em}h2{font-size:1.2em;margin:1.6em 0 .4em;break-after:avoid}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "border-bottom:1px solid #bbb;padding:.25em .8em .25em 0}td{overflow-wrap:anywhere}"
    "th{font-weight:600}tr{break-inside:avoid}code,pre{font-size:.78em;overflow-wrap:anywhere;"
    "white-space:pre-wrap}.w{overflow-wrap:normal}nav{font-size:.9em}@page{size:A4;margin:16mm}"
    "@media print{nav{display:none}body{margin:0;padding:0;max-width:none;font-size:11pt}}";

static void put_head(struct nta_paging *page)
{
    nta_buf_printf(page->out,
                   "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'\">\n<meta name=\"viewport\" "
                   "content=\"width=device-width\">\n<title>",
                   languages[page->language].code);
    nta_page_word(page, NTA_WORD_TITLE);
    nta_buf_printf(page->out, "</title>\n<style>%s</style>\n</head>\n<body>\n<nav>", style);
    for (size_t i = 0; i < NTA_N_ELEMENTS(languages); i++)
        nta_buf_printf(page->out, "%s<a href=\"%s\" lang=\"%s\">%s</a>", i ? " · " : "",
                       languages[i].file, languages[i].code, languages[i].name);
    nta_page_puts(page, "</nav>\n<h1>");
    nta_page_word(page, NTA_WORD_TITLE);
    nta_page_puts(page, "</h1>\n");
}

int nta_case_put_page(const struct nta_case_view *view, enum nta_language language,
                      struct nta_buf *out)
{
    struct nta_paging page = {.view = view, .language = language, .out = out};

    put_head(&page);
    put_paragraph(&page, !view->incident           ? NTA_WORD_NO_INCIDENT
                         : view->origin.n_unproved ? NTA_WORD_ABOUT_UNPROVED
                         : view->origin.n_read     ? NTA_WORD_ABOUT_READ
                                                   : NTA_WORD_ABOUT);
    put_paragraph(&page, NTA_WORD_TIMES);
    if (view->incident) {
        nta_buf_printf(out, "<p><code>%s</code></p>\n", view->incident->id);
        put_who(&page, &view->detail->sample.user);
        put_what(&page);
        put_sure(&page);
        put_files(&page);
    }
    int r = put_records(&page);

    put_batches(&page);
    nta_page_put_noted(&page);
    if (r == 0)
        r = put_in_force(&page);
    put_proof(&page);
    put_check(&page);
    nta_page_puts(&page, "</body>\n</html>\n");
    return r;
}
