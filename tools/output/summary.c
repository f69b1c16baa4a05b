/* SPDX-License-Identifier: Apache-2.0 */
#include "output/summary.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum
{
    ROWS_MAX = 1000,
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
    char cells[N_CELLS][CELL_SIZE]; ///< Shown forms; BYTES is made when printed.
    uint64_t bytes, sent;           ///< What came, and what went out.
    uint64_t n_records;
    bool download, weak;
    bool is_carrier; ///< A flow whose app has requests; shown only if no request tells of it.
};

struct nta_summary
{
    struct row *rows;
    size_t n_rows, size, n_more; ///< `n_more`: records that found no space.
};

struct nta_summary *nta_summary_new(void)
{
    return calloc(1, sizeof(struct nta_summary));
}

void nta_summary_free(struct nta_summary **summary)
{
    if (!*summary)
        return;
    free((*summary)->rows);
    free(*summary);
    *summary = NULL;
}

size_t nta_summary_n_rows(const struct nta_summary *summary)
{
    return summary->n_rows;
}

static void set(struct row *row, enum cell cell, struct nta_span text)
{
    (void)nta_text_escape_to(row->cells[cell], CELL_SIZE, text);
}

static void fill(const struct nta_record *record, struct row *row)
{
    char addr[NTA_ADDR_TEXT_SIZE];
    const struct nta_record_side *user = &record->user;

    *row = (struct row){.bytes = record->down.bytes, .sent = record->up.bytes, .n_records = 1};
    if (user->login.len)
        set(row, USER, user->login);
    else if (user->name.len)
        set(row, USER, user->name);
    else
        set(row, USER, nta_span_of(nta_addr_text(&user->addr, addr)));
    set(row, SITE, record->site);
    set(row, LIST, record->match.list);
    row->is_carrier = record->event == NTA_RECORD_FLOW && !record->download &&
                      nta_app_has(record->app, NTA_TRAIT_REQUESTS);
    if (!row->is_carrier)
        set(row, NAME, record->file.name);
    set(row, CITY, record->peer.place.city);
    set(row, COUNTRY,
        record->peer.place.country.len ? record->peer.place.country
                                       : nta_span_of(record->peer.place.country_code));
    row->download = record->download;
    row->weak = record->match.weak;
}

/** The same user, site and list. */
static bool is_same_visit(const struct row *a, const struct row *b)
{
    return strcmp(a->cells[USER], b->cells[USER]) == 0 &&
           strcmp(a->cells[SITE], b->cells[SITE]) == 0 &&
           strcmp(a->cells[LIST], b->cells[LIST]) == 0;
}

static struct row *find(struct nta_summary *summary, const struct row *like)
{
    for (size_t i = 0; i < summary->n_rows; i++) {
        struct row *row = &summary->rows[i];

        if (row->is_carrier == like->is_carrier && is_same_visit(row, like) &&
            row->download == like->download && row->weak == like->weak &&
            strcmp(row->cells[NAME], like->cells[NAME]) == 0)
            return row;
    }
    return NULL;
}

static struct row *append(struct nta_summary *summary)
{
    if (summary->n_rows == ROWS_MAX)
        return NULL;
    if (summary->n_rows == summary->size) {
        size_t size = summary->size ? summary->size * 2 : 16;
        struct row *rows = realloc(summary->rows, size * sizeof(*rows));

        if (!rows)
            return NULL;
        summary->rows = rows;
        summary->size = size;
    }
    return &summary->rows[summary->n_rows++];
}

static bool is_row(const struct nta_record *record)
{
    return record->match.list.len > 0 &&
           (record->event == NTA_RECORD_REQUEST || record->event == NTA_RECORD_FLOW);
}

void nta_summary_add(struct nta_summary *summary, const struct nta_record *record)
{
    struct row fresh;

    if (!is_row(record))
        return;
    fill(record, &fresh);
    struct row *row = find(summary, &fresh);

    if (!row) {
        row = append(summary);
        if (row)
            *row = fresh;
        else
            summary->n_more++;
        return;
    }
    row->bytes += fresh.bytes;
    row->sent += fresh.sent;
    row->n_records++;
}

/**
 * A flow that carried requests has their bytes, too, and says nothing that they do not say better.
 */
static void drop_carriers(struct nta_summary *summary)
{
    size_t n = 0;

    for (size_t i = 0; i < summary->n_rows; i++) {
        const struct row *row = &summary->rows[i];
        bool is_reported = false;

        for (size_t k = 0; k < summary->n_rows && row->is_carrier && !is_reported; k++)
            is_reported = !summary->rows[k].is_carrier && is_same_visit(row, &summary->rows[k]);
        if (is_reported)
            continue;
        if (n < i)
            summary->rows[n] = *row;
        n++;
    }
    summary->n_rows = n;
}

static int by_bytes(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->download != y->download)
        return x->download ? -1 : 1;
    return x->bytes < y->bytes ? 1 : x->bytes > y->bytes ? -1 : 0;
}

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

static void print_row(const struct row *row, FILE *out, const size_t widths[N_CELLS], bool colour)
{
    const char *mark = row->download ? "\033[31m" : row->weak ? "\033[2m" : "";
    char sent[CELL_SIZE];

    (void)fputs(colour ? mark : "", out);
    for (int c = 0; c < N_CELLS; c++)
        print_cell(out, row->cells[c], widths[c], c == BYTES);
    (void)fputs(row->download ? "download" : row->weak ? "weak" : "contact", out);
    if (row->sent > row->bytes) { /* it may be what was taken from here */
        bytes_text(row->sent, sent);
        (void)fprintf(out, ", sent %s", sent);
    }
    (void)fputs(colour ? "\033[0m\n" : "\n", out);
}

void nta_summary_print(struct nta_summary *summary, FILE *out, bool colour)
{
    size_t widths[N_CELLS];

    drop_carriers(summary);
    qsort(summary->rows, summary->n_rows, sizeof(*summary->rows), by_bytes);
    for (size_t i = 0; i < summary->n_rows; i++)
        bytes_text(summary->rows[i].bytes, summary->rows[i].cells[BYTES]);
    measure(summary, widths);
    (void)fputs(colour ? "\033[1m" : "", out);
    for (int c = 0; c < N_CELLS; c++)
        print_cell(out, titles[c], widths[c], c == BYTES);
    (void)fputs(colour ? "\033[0m\n" : "\n", out);
    for (size_t i = 0; i < summary->n_rows; i++)
        print_row(&summary->rows[i], out, widths, colour);
    if (summary->n_more)
        (void)fprintf(out, "… and %zu records more\n", summary->n_more);
}
