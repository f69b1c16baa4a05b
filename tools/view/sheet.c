/* SPDX-License-Identifier: Apache-2.0 */
#include "view/sheet.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "incident/detail.h"
#include "record/grade.h"
#include "record/json.h"
#include "record/names.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>
#include <xlsxwriter.h>

enum
{
    COLUMNS_MAX = 24,
    CELL_MAX = 32767, ///< Bytes; a cell has space for as many characters.
    NAMES_MAX = 2048, ///< Of the names of an incident's files.
    WIDTH_LEAST = 8,
    WIDTH_MOST = 60,
    DATE_WIDTH = 20,
    FIRST_YEAR_S = -1104494400 ///< 1935: dates of a spreadsheet begin in 1900.
};

/** One sheet that is being written, row by row. */
struct sheet
{
    lxw_worksheet *cells;
    lxw_format *bold, *date;
    lxw_row_t row;
    lxw_col_t column, n_columns;
    size_t widths[COLUMNS_MAX];
    bool failed;
};

/* ---- cells ---- */

static void widen(struct sheet *sheet, size_t width)
{
    if (sheet->widths[sheet->column] < width)
        sheet->widths[sheet->column] = width;
    sheet->column++;
}

static void put_shown(struct sheet *sheet, const char *shown, lxw_format *format)
{
    if (shown[0] && worksheet_write_string(sheet->cells, sheet->row, sheet->column, shown,
                                           format) != LXW_NO_ERROR)
        sheet->failed = true;
    widen(sheet, nta_width_of(nta_span_of(shown)));
}

/** Of untrusted text its shown form, cut to what a cell holds. */
static void put_text(struct sheet *sheet, struct nta_span text)
{
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

    nta_text_escape(&shown, text);
    if (shown.len > CELL_MAX)
        shown.len = nta_text_cut(nta_buf_span(&shown), CELL_MAX);
    nta_buf_put_u8(&shown, 0);
    if (shown.failed) {
        sheet->failed = true;
        return;
    }
    put_shown(sheet, (const char *)shown.ptr, NULL);
}

static void put_number(struct sheet *sheet, uint64_t number)
{
    if (worksheet_write_number(sheet->cells, sheet->row, sheet->column, (double)number, NULL) !=
        LXW_NO_ERROR)
        sheet->failed = true;
    widen(sheet, WIDTH_LEAST + 4);
}

/** A date that can be sorted and calculated with, in the local zone. */
static void put_time(struct sheet *sheet, int64_t wall_ns)
{
    const time_t seconds = (time_t)(wall_ns / NTA_NS_PER_S) - (wall_ns % NTA_NS_PER_S < 0);
    char text[NTA_TIME_TEXT_SIZE];
    struct tm tm = {0};

    if (wall_ns && seconds < FIRST_YEAR_S) {
        put_shown(sheet, nta_clock_text_local(wall_ns, text), NULL);
        return;
    }
    if (wall_ns && localtime_r(&seconds, &tm) &&
        worksheet_write_unixtime(sheet->cells, sheet->row, sheet->column, seconds + tm.tm_gmtoff,
                                 sheet->date) != LXW_NO_ERROR)
        sheet->failed = true;
    widen(sheet, DATE_WIDTH);
}

static void end_row(struct sheet *sheet)
{
    sheet->row++;
    sheet->column = 0;
}

/* ---- a sheet ---- */

static struct sheet begin_sheet(lxw_workbook *book, const char *name, const char *const *heads,
                                size_t n_heads)
{
    struct sheet sheet = {.cells = workbook_add_worksheet(book, name),
                          .bold = workbook_add_format(book),
                          .date = workbook_add_format(book),
                          .n_columns = (lxw_col_t)n_heads};

    if (!sheet.cells || !sheet.bold || !sheet.date || n_heads > COLUMNS_MAX) {
        sheet.failed = true;
        return sheet;
    }
    format_set_bold(sheet.bold);
    format_set_num_format(sheet.date, "yyyy-mm-dd hh:mm:ss");
    for (size_t i = 0; i < n_heads; i++)
        put_shown(&sheet, heads[i], sheet.bold);
    end_row(&sheet);
    return sheet;
}

static int end_sheet(struct sheet *sheet)
{
    if (sheet->failed)
        return -ENOMEM;
    for (lxw_col_t i = 0; i < sheet->n_columns; i++) {
        const size_t width = sheet->widths[i] + 3; /* the head's button has space, too */

        (void)worksheet_set_column(sheet->cells, i, i,
                                   (double)(width < WIDTH_MOST ? width : WIDTH_MOST), NULL);
    }
    worksheet_freeze_panes(sheet->cells, 1, 0);
    (void)worksheet_autofilter(sheet->cells, 0, 0, sheet->row > 1 ? sheet->row - 1 : 1,
                               (lxw_col_t)(sheet->n_columns - 1));
    return 0;
}

/* ---- incidents and their files ---- */

static const char *const incident_heads[] = {
    "began",    "ended",    "user",   "person", "department", "site",     "did",
    "evidence", "severity", "list",   "files",  "file names", "received", "sent",
    "server",   "country",  "status", "note",   "chain",      "incident"};

static const char *const file_heads[] = {"time",     "user",    "site",    "did",   "file",
                                         "kind",     "type",    "bytes",   "whole", "evidence",
                                         "severity", "SHA-256", "incident"};

static void put_file_names(struct sheet *sheet, const struct nta_incident_detail *detail)
{
    NTA_AUTO(nta_buf_done) struct nta_buf names = {0};

    for (size_t i = 0; i < detail->n_files && names.len < NAMES_MAX; i++) {
        const struct nta_span name = detail->files[i].file.name;

        nta_buf_puts(&names, i ? "; " : "");
        if (name.len)
            nta_buf_put(&names, name.ptr, name.len);
        else
            nta_buf_puts(&names, "(no name was seen)");
    }
    sheet->failed = sheet->failed || names.failed;
    put_text(sheet, nta_buf_span(&names));
}

static void put_incident(struct sheet *sheet, const struct nta_incident *incident,
                         const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    const bool is_asked = incident->act == NTA_ACT_ASKED;
    char label[NTA_LABEL_SIZE], addr[NTA_ADDR_TEXT_SIZE];

    put_time(sheet, incident->begin_ns);
    put_time(sheet, incident->end_ns);
    put_shown(sheet, nta_view_user_label(sample, label), NULL);
    put_text(sheet, sample->user.person);
    put_text(sheet, sample->user.department);
    put_text(sheet, detail->site);
    put_shown(sheet, nta_act_name(incident->act), NULL);
    put_shown(sheet, nta_grade_name((enum nta_grade)incident->grade), NULL);
    put_shown(sheet, nta_record_severity(incident->severity), NULL);
    put_text(sheet, detail->n_entries ? detail->entries[0].match.list : (struct nta_span){0});
    put_number(sheet, incident->n_files);
    put_file_names(sheet, detail);
    put_number(sheet, incident->down);
    put_number(sheet, incident->up);
    put_shown(sheet, is_asked ? "" : nta_addr_text(&sample->peer.addr, addr), NULL);
    put_shown(sheet, is_asked ? "" : sample->peer.place.country_code, NULL);
    put_shown(sheet, nta_status_name(incident->status), NULL);
    put_text(sheet, incident->note);
    put_shown(sheet, incident->n_unverified ? "broken" : "", NULL);
    put_shown(sheet, incident->id, NULL);
    end_row(sheet);
}

static void put_file(struct sheet *sheet, const struct nta_incident *incident,
                     const struct nta_incident_detail *detail, const struct nta_incident_file *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf hash = {0};
    const bool is_short = nta_record_is_broken_off(&file->file);
    char label[NTA_LABEL_SIZE];

    nta_buf_put_hex(&hash, file->file.sha256.ptr, file->file.sha256.len);
    put_time(sheet, file->time_ns);
    put_shown(sheet, nta_view_user_label(&detail->sample, label), NULL);
    put_text(sheet, file->site);
    put_shown(sheet, nta_act_name(file->act), NULL);
    put_text(sheet, file->file.name);
    put_shown(sheet, nta_file_kind_name(file->file.kind), NULL);
    put_text(sheet, file->file.type);
    put_number(sheet, nta_incident_file_bytes(file));
    put_shown(sheet, file->file.complete ? "yes" : is_short ? "no" : "", NULL);
    put_shown(sheet, file->weak ? "weak" : nta_grade_name((enum nta_grade)incident->grade), NULL);
    put_shown(sheet, nta_record_severity(incident->severity), NULL);
    put_text(sheet, nta_buf_span(&hash));
    put_shown(sheet, incident->id, NULL);
    end_row(sheet);
}

/** The weightiest first, as everywhere; `n_max` of them. */
static int put_incidents(lxw_workbook *book, const struct nta_view *view, uint64_t n_max)
{
    struct sheet incidents =
        begin_sheet(book, "Incidents", incident_heads, NTA_N_ELEMENTS(incident_heads));
    struct sheet files = begin_sheet(book, "Downloads", file_heads, NTA_N_ELEMENTS(file_heads));
    const size_t n_all = view->incidents ? nta_incidents_count(view->incidents) : 0;

    for (size_t i = 0; i < n_all && n_max && !incidents.failed && !files.failed; i++) {
        const struct nta_incident *incident = nta_incidents_get(view->incidents, i);
        NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;

        if (!incident->fits)
            continue;
        if (nta_incident_detail_new(view->incidents, incident, &detail) < 0)
            return -ENOMEM;
        n_max--;
        put_incident(&incidents, incident, detail);
        for (size_t j = 0; j < detail->n_files; j++)
            put_file(&files, incident, detail, &detail->files[j]);
    }
    const int r = end_sheet(&incidents);

    return r < 0 ? r : end_sheet(&files);
}

/* ---- sums ---- */

static void put_sum(struct sheet *sheet, const struct nta_tally_sum *sum)
{
    put_number(sheet, sum->base.n);
    put_number(sheet, sum->n_alerts);
    put_number(sheet, sum->n_downloads);
    put_number(sheet, sum->base.down);
    put_number(sheet, sum->base.up);
    put_time(sheet, sum->base.first_ns);
    put_time(sheet, sum->base.last_ns);
    end_row(sheet);
}

static int put_table(lxw_workbook *book, struct nta_view *view, enum nta_view_table which)
{
    const bool of_users = which == NTA_VIEW_USERS;
    const char *const heads[] = {of_users ? "user" : "site",
                                 "records",
                                 "alerts",
                                 "records of downloads",
                                 "received",
                                 "sent",
                                 "first",
                                 "last"};
    struct sheet sheet =
        begin_sheet(book, of_users ? "Users" : "Sites", heads, NTA_N_ELEMENTS(heads));
    struct nta_tally *tally = view->tables[which];
    struct nta_tally_sum rest = {.n_alerts = 0};

    nta_tally_sort(tally);
    for (size_t i = 0; i < nta_tally_count(tally) && !sheet.failed; i++) {
        const struct nta_tally_entry *entry = nta_tally_get(tally, i);
        struct nta_record sample = {.time_ns = 0};
        char label[NTA_LABEL_SIZE];

        if (of_users && nta_view_sample(view, &entry->sample, &sample))
            put_shown(&sheet, nta_view_user_label(&sample, label), NULL);
        else
            put_text(&sheet, (struct nta_span){entry->key, entry->key_len});
        put_sum(&sheet, &entry->sum);
    }
    if (nta_tally_folded(tally, &rest) && !sheet.failed) {
        put_shown(&sheet, "(all others together)", NULL);
        put_sum(&sheet, &rest);
    }
    return end_sheet(&sheet);
}

/* ---- what was asked ---- */

static void put_line(struct sheet *sheet, const char *name, const char *shown)
{
    put_shown(sheet, name, sheet->bold);
    put_shown(sheet, shown ? shown : "", NULL);
    end_row(sheet);
}

static int put_about(lxw_workbook *book, const struct nta_view *view,
                     const struct nta_view_about *about, uint64_t n_max)
{
    static const char *const heads[] = {"what", "is"};
    const struct nta_view_incidents sum = nta_view_count_incidents(view);
    struct sheet sheet = begin_sheet(book, "About", heads, NTA_N_ELEMENTS(heads));
    char text[160], first[NTA_TIME_TEXT_SIZE] = "", last[NTA_TIME_TEXT_SIZE] = "";

    put_shown(&sheet, "title", sheet.bold);
    put_text(&sheet, nta_span_of(about->title ? about->title : "Network report"));
    end_row(&sheet);
    put_line(&sheet, "asked for", about->question);
    put_line(&sheet, "proof", about->proof_text);
    put_line(&sheet, "sums lack", nta_view_lacks(view));
    if (view->all.base.first_ns) { /* their offsets say which zone the dates are in */
        put_line(&sheet, "first record", nta_clock_text_local(view->all.base.first_ns, first));
        put_line(&sheet, "last record", nta_clock_text_local(view->all.base.last_ns, last));
    }
    if (sum.n_left_out)
        (void)snprintf(text, sizeof(text),
                       "%" PRIu64 " of %" PRIu64 ", the weightiest; at least %" PRIu64
                       " lighter ones found no space",
                       sum.n < n_max ? sum.n : n_max, sum.n, sum.n_left_out);
    else
        (void)snprintf(text, sizeof(text),
                       sum.n > n_max ? "%" PRIu64 " of %" PRIu64 ", the weightiest"
                                     : "%" PRIu64 " of %" PRIu64,
                       sum.n < n_max ? sum.n : n_max, sum.n);
    put_line(&sheet, "incidents", text);
    return end_sheet(&sheet);
}

/* ---- the file ---- */

static int copy(FILE *from, FILE *to)
{
    char part[16384];
    size_t n;

    rewind(from);
    while ((n = fread(part, 1, sizeof(part), from)) > 0)
        if (fwrite(part, 1, n, to) != n)
            return -EIO;
    return ferror(from) ? -EIO : 0;
}

int nta_sheet_write(struct nta_view *view, const struct nta_view_about *about, FILE *out,
                    struct nta_err *err)
{
    NTA_AUTO(nta_own_fclose) FILE *whole = tmpfile(); /* the library seeks, and wants a name */
    const uint64_t n_max = about->n_rows ? about->n_rows : NTA_VIEW_ROWS;
    char path[64];

    if (!whole)
        return nta_err_sys(err, -errno, "spreadsheet");
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fileno(whole));
    lxw_workbook *book = workbook_new(path);

    if (!book)
        return nta_err_sys(err, -ENOMEM, "spreadsheet");
    int r = put_incidents(book, view, n_max);

    if (r == 0)
        r = put_table(book, view, NTA_VIEW_USERS);
    if (r == 0)
        r = put_table(book, view, NTA_VIEW_SITES);
    if (r == 0)
        r = put_about(book, view, about, n_max);
    if (workbook_close(book) != LXW_NO_ERROR && r == 0) /* frees it, too */
        r = -EIO;
    if (r == 0)
        r = copy(whole, out);
    return r < 0 ? nta_err_sys(err, r, "spreadsheet") : 0;
}
