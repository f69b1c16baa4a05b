/* SPDX-License-Identifier: Apache-2.0 */
#include "output/summary.h"

#include "base/own.h"
#include "base/text.h"
#include "incident/detail.h"
#include "output/term.h"
#include "record/grade.h"
#include "record/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum
{
    ROWS_MAX = 1000,
    FILES_MAX = 100, ///< Rows of one incident.
    CELL_SIZE = 96,
    N_CELLS = 7
};

enum cell
{
    USER,
    SITE,
    LIST,
    BYTES,
    NAME,
    CITY,
    COUNTRY
};

struct row
{
    char cells[N_CELLS][CELL_SIZE]; ///< Shown forms.
    uint64_t bytes, sent;           ///< What came, and what went out.
    uint8_t act;
    bool weak;
};

struct nta_summary
{
    struct nta_incidents *incidents;
    struct row *rows;
    size_t n_rows;
    uint64_t n_more_files, n_more_incidents; ///< That found no space.
};

struct nta_summary *nta_summary_new(void)
{
    NTA_AUTO(nta_summary_free) struct nta_summary *summary = calloc(1, sizeof(*summary));
    struct nta_err ignored;

    if (!summary || nta_incidents_new(&summary->incidents, &ignored) < 0)
        return NULL;
    summary->rows = calloc(ROWS_MAX, sizeof(*summary->rows));
    return summary->rows ? NTA_TAKE(summary) : NULL;
}

void nta_summary_free(struct nta_summary **summary_ptr)
{
    struct nta_summary *summary = NTA_TAKE(*summary_ptr);

    if (!summary)
        return;
    nta_incidents_free(&summary->incidents);
    free(summary->rows);
    free(summary);
}

int nta_summary_add(struct nta_summary *summary, const struct nta_record *record,
                    struct nta_span cbor, const char *id, struct nta_err *err)
{
    return nta_incidents_add(summary->incidents, record, cbor, id, NTA_INCIDENT_FITS, err);
}

/* ---- rows of an incident ---- */

static void set(struct row *row, enum cell cell, struct nta_span text)
{
    (void)nta_text_escape_to(row->cells[cell], CELL_SIZE, text);
}

/** What all rows of an incident have. */
static struct row row_of(const struct nta_incident *incident,
                         const struct nta_incident_detail *detail)
{
    const struct nta_record *sample = &detail->sample;
    const struct nta_place *place = &sample->peer.place;
    struct row row = {.act = incident->act, .weak = incident->grade == NTA_GRADE_WEAK};
    char addr[NTA_ADDR_TEXT_SIZE];

    if (nta_record_called(&sample->user).len)
        set(&row, USER, nta_record_called(&sample->user));
    else
        set(&row, USER, nta_span_of(nta_addr_text(&sample->user.addr, addr)));
    set(&row, SITE, detail->n_names == 1 ? detail->names[0] : detail->site);
    set(&row, LIST, sample->match.list);
    if (incident->act == NTA_ACT_ASKED) /* the peer is who was asked */
        return row;
    set(&row, CITY, place->city);
    set(&row, COUNTRY, place->country.len ? place->country : nta_span_of(place->country_code));
    return row;
}

static void append(struct nta_summary *summary, const struct row *row)
{
    if (summary->n_rows < ROWS_MAX)
        summary->rows[summary->n_rows++] = *row;
}

/** What files do not account for. */
struct rest
{
    uint64_t up, down, up_weak, down_weak;
};

static void take(uint64_t *rest, uint64_t part)
{
    *rest -= part < *rest ? part : *rest;
}

static void add_files(struct nta_summary *summary, const struct nta_incident_detail *detail,
                      const struct row *like, struct rest *rest)
{
    for (size_t i = 0; i < detail->n_files; i++) {
        const struct nta_incident_file *file = &detail->files[i];
        struct row row = *like;

        take(&rest->up, file->up);
        take(&rest->down, file->down);
        take(&rest->up_weak, file->weak ? file->up : 0);
        take(&rest->down_weak, file->weak ? file->down : 0);
        row.bytes = file->act == NTA_ACT_UPLOADED ? file->down : nta_incident_file_bytes(file);
        row.sent = file->act == NTA_ACT_UPLOADED ? nta_incident_file_bytes(file) : file->up;
        row.act = file->act;
        row.weak = file->weak;
        set(&row, SITE, file->site);
        set(&row, NAME, file->file.name);
        if (i < FILES_MAX && summary->n_rows < ROWS_MAX)
            append(summary, &row);
        else
            summary->n_more_files++;
    }
    summary->n_more_files += detail->n_more_files;
}

/** What is weak is not summed with what is not. */
static void add_rest(struct nta_summary *summary, const struct row *like, const struct rest *rest,
                     bool has_files)
{
    struct row weak = *like, known = *like;

    weak.weak = true;
    weak.bytes = rest->down_weak;
    weak.sent = rest->up_weak;
    known.bytes = rest->down - (rest->down_weak < rest->down ? rest->down_weak : rest->down);
    known.sent = rest->up - (rest->up_weak < rest->up ? rest->up_weak : rest->up);
    if (has_files)
        weak.act = known.act = NTA_ACT_CONTACTED;
    if (!has_files ? !like->weak : known.bytes || known.sent)
        append(summary, &known);
    if (!has_files ? like->weak || weak.bytes || weak.sent : weak.bytes || weak.sent)
        append(summary, &weak);
}

static int add_incident(struct nta_summary *summary, const struct nta_incident *incident)
{
    NTA_AUTO(nta_incident_detail_free) struct nta_incident_detail *detail = NULL;
    struct rest rest = {incident->up, incident->down, incident->up_weak, incident->down_weak};

    if (summary->n_rows == ROWS_MAX) {
        summary->n_more_incidents++;
        return 0;
    }
    int r = nta_incident_detail_new(summary->incidents, incident, &detail);

    if (r < 0)
        return r;
    const struct row like = row_of(incident, detail);

    add_files(summary, detail, &like, &rest);
    add_rest(summary, &like, &rest, detail->n_files > 0);
    return 0;
}

size_t nta_summary_settle(struct nta_summary *summary)
{
    struct nta_err ignored;
    const size_t n = nta_incidents_settle(summary->incidents, &ignored) < 0
                         ? 0
                         : nta_incidents_count(summary->incidents);

    for (size_t i = 0; i < n; i++)
        if (add_incident(summary, nta_incidents_get(summary->incidents, i)) < 0)
            return 0;
    summary->n_more_incidents += nta_incidents_left_out(summary->incidents);
    return n;
}

const struct nta_incidents *nta_summary_incidents(const struct nta_summary *summary)
{
    return summary->incidents;
}

/* ---- printing ---- */

static void bytes_text(uint64_t bytes, char buf[CELL_SIZE])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t i = 0;

    for (; value >= 1024 && i + 1 < sizeof(units) / sizeof(units[0]); i++)
        value /= 1024;
    (void)snprintf(buf, CELL_SIZE, i ? "%.1f %s" : "%.0f %s", value, units[i]);
}

/** Characters a shown form takes on a screen, near enough: its code points. */
static size_t width_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void print_cell(FILE *out, const char *text, size_t width, bool right)
{
    size_t n = width_of(text);
    int pad = n < width ? (int)(width - n) : 0;

    if (right)
        (void)fprintf(out, "%*s%s  ", pad, "", text);
    else
        (void)fprintf(out, "%s%*s  ", text, pad, "");
}

static const char *const titles[N_CELLS] = {"USER", "SITE", "LIST",   "BYTES",
                                            "FILE", "CITY", "COUNTRY"};

static void measure(const struct nta_summary *summary, size_t widths[N_CELLS])
{
    for (int c = 0; c < N_CELLS; c++) {
        widths[c] = width_of(titles[c]);
        for (size_t i = 0; i < summary->n_rows; i++) {
            size_t width = width_of(summary->rows[i].cells[c]);

            if (width > widths[c])
                widths[c] = width;
        }
    }
}

static const char *word_of(const struct row *row)
{
    switch ((enum nta_act)row->act) {
    case NTA_ACT_DOWNLOADED: return "download";
    case NTA_ACT_UPLOADED: return "upload";
    case NTA_ACT_ASKED: return "lookup";
    case NTA_ACT_CONTACTED:
    case NTA_ACT_NONE:
    case NTA_ACT_END: return "contact";
    }
    return "";
}

static void print_row(const struct row *row, FILE *out, const size_t widths[N_CELLS], bool colour)
{
    const bool moved = row->act == NTA_ACT_DOWNLOADED || row->act == NTA_ACT_UPLOADED;
    const char *mark = row->weak ? "\033[2m" : moved ? "\033[31m" : "";
    char sent[CELL_SIZE];

    (void)fputs(colour ? mark : "", out);
    for (int c = 0; c < N_CELLS; c++)
        print_cell(out, row->cells[c], widths[c], c == BYTES);
    (void)fputs(row->weak ? "weak" : word_of(row), out);
    if (row->sent > row->bytes) { /* it may be what was taken from here */
        bytes_text(row->sent, sent);
        (void)fprintf(out, ", sent %s", sent);
    }
    (void)fputs(colour ? "\033[0m\n" : "\n", out);
}

static void print_one_more(FILE *out, uint64_t n, const char *what, const char *behind)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_put_more(&text, (struct nta_more){.n = n, .what = what, .behind = behind, .how = "--json"});
    (void)fprintf(out, "… %.*s\n", (int)text.len, (const char *)text.ptr);
}

/** Nothing is left out in silence. */
static void print_more(const struct nta_summary *summary, FILE *out)
{
    if (summary->n_more_files)
        print_one_more(out, summary->n_more_files, "files", "smaller than those of their incident");
    if (summary->n_more_incidents)
        print_one_more(out, summary->n_more_incidents, "incidents", "lighter than these");
}

void nta_summary_print(struct nta_summary *summary, FILE *out, bool colour)
{
    size_t widths[N_CELLS];

    for (size_t i = 0; i < summary->n_rows; i++)
        bytes_text(summary->rows[i].bytes, summary->rows[i].cells[BYTES]);
    measure(summary, widths);
    (void)fputs(colour ? "\033[1m" : "", out);
    for (int c = 0; c < N_CELLS; c++)
        print_cell(out, titles[c], widths[c], c == BYTES);
    (void)fputs(colour ? "\033[0m\n" : "\n", out);
    for (size_t i = 0; i < summary->n_rows; i++)
        print_row(&summary->rows[i], out, widths, colour);
    print_more(summary, out);
}
