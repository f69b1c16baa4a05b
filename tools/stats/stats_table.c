/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/stats_table.h"

#include "base/text.h"
#include "export/view/view.h"
#include "output/term.h"
#include "record/names.h"
#include "search/words/calendar.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum column
{
    NAME,
    COUNT,
    USERS,
    BYTES,
    SHARE,
    BEFORE,
    CHANGE,
    ACT,
    SEVERITY,
    FIRST,
    LAST,
    BAR,
    N_COLUMNS
};

enum
{
    DID = 22 ///< Width of act and severity with what is between.
};

static_assert((int)N_COLUMNS == (int)NTA_STATS_COLUMNS, "a width for each column");

static void put_change(struct nta_buf *out, uint64_t now, uint64_t before)
{
    if (before == 0 && now == 0)
        nta_buf_puts(out, "=");
    else if (before == 0)
        nta_buf_puts(out, "new");
    else if (now == 0)
        nta_buf_puts(out, "gone");
    else
        nta_buf_printf(out, "%+.0f %%", 100 * ((double)now / (double)before - 1));
}

/** What a row is called, into `shown`: a country by its name, for people. */
static void put_name(struct nta_stats_rows *rows, const struct nta_stats_row *row)
{
    const struct nta_span name = nta_stats_row_name(rows, row);
    struct nta_country country;
    char code[4];

    nta_buf_clear(&rows->shown);
    if (strcmp(rows->view->by->name, "country") == 0 && name.len < sizeof(code)) {
        nta_text_copy(code, sizeof(code), name);
        if (nta_country_find(code, &country)) {
            nta_text_escape(&rows->shown, country.name);
            nta_buf_printf(&rows->shown, " (%s)", code);
            return;
        }
    }
    nta_text_escape(&rows->shown, name);
}

/** Columns of the widest name that is shown. */
static size_t widest_name(struct nta_stats_rows *rows)
{
    size_t widest = strlen(rows->view->by->title);

    for (size_t i = 0; i < rows->n_shown; i++) {
        put_name(rows, &rows->rows[i]);
        size_t width = nta_width_of(nta_buf_span(&rows->shown));

        widest = width > widest ? width : widest;
    }
    return widest;
}

/** Any row that is shown has what a list forbids. */
static bool forbids(const struct nta_stats_rows *rows)
{
    for (size_t i = 0; i < rows->n_shown; i++) {
        if (rows->rows[i].now.sum.act)
            return true;
    }
    return false;
}

/**
 * What is missed least gives its space, so that names are whole up to half of a terminal: whom a
 * row is about must be told from others whose names begin alike.  The columns that this frees.
 */
static size_t leave_out(const struct nta_stats_rows *rows, struct nta_stats_layout *layout,
                        size_t widest, size_t used)
{
    static const struct
    {
        enum column column;
        enum nta_stats_sort sort; ///< By which it stays.
    } missed[] = {{USERS, NTA_SORT_USERS}, {SHARE, NTA_SORT_BYTES}, {COUNT, NTA_SORT_COUNT}};

    const size_t columns = rows->view->columns;
    const size_t wish = widest < columns / 2 ? widest : columns / 2;
    size_t freed = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(missed); i++) {
        size_t *width = &layout->widths[missed[i].column];

        if (used - 16 - freed + wish <= columns || rows->sort == missed[i].sort || *width == 0)
            continue;
        freed += *width + 2;
        *width = 0;
    }
    return freed;
}

struct nta_stats_layout nta_stats_lay_out(struct nta_stats_rows *rows)
{
    size_t widest = widest_name(rows);
    struct nta_stats_layout layout = {
        .widths = {[NAME] = 16, [COUNT] = 11, [USERS] = 8, [BYTES] = 10, [SHARE] = 6}};
    size_t columns = rows->view->columns, used = 16 + 13 + 10 + 12 + 8;

    if (rows->view->before) {
        layout.widths[BEFORE] = layout.widths[CHANGE] = 10;
        used += 24;
    }
    if (forbids(rows) &&
        (columns == 0 || columns >= used + DID + 48 || rows->sort == NTA_SORT_DID)) {
        layout.widths[ACT] = 10;
        layout.widths[SEVERITY] = 8;
        used += DID;
    }
    if (columns == 0 || columns >= used + 36) {
        layout.widths[FIRST] = layout.widths[LAST] = 16;
        used += 36;
    }
    if (columns && used > columns && used - columns <= 10) {
        layout.widths[USERS] = 0;
        used -= 10;
    }
    used -= leave_out(rows, &layout, widest, used);
    if (columns == 0) {
        layout.widths[NAME] = widest > 16 ? widest : 16;
        return layout;
    }
    size_t rest = columns > used ? columns - used : 0;
    size_t more = widest <= 16 ? 0 : widest - 16 < rest ? widest - 16 : rest;

    layout.widths[NAME] += more;
    rest -= more;
    layout.widths[BAR] = rest > 5 ? rest - 2 : 0;
    return layout;
}

static void put_cell(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                     enum column column)
{
    size_t width = layout->widths[column];

    if (width == 0)
        return;
    if ((rows->view->columns == 0 || column == FIRST || column == LAST) &&
        nta_width_of(nta_buf_span(&rows->shown)) > width)
        width = nta_width_of(nta_buf_span(&rows->shown)); /* no terminal, or a time: not cut */
    nta_buf_puts(&rows->out, column == NAME ? "" : "  ");
    nta_put_cell(&rows->out, nta_buf_span(&rows->shown), width, column != NAME);
}

static void put_text(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                     enum column column, const char *text)
{
    nta_buf_clear(&rows->shown);
    nta_buf_puts(&rows->shown, text);
    put_cell(rows, layout, column);
}

static void put_count(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                      enum column column, uint64_t number, bool is_exact)
{
    nta_buf_clear(&rows->shown);
    nta_buf_puts(&rows->shown, is_exact ? "" : "~");
    nta_text_thousands(&rows->shown, number);
    put_cell(rows, layout, column);
}

static void put_weight(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                       enum column column, uint64_t weight)
{
    nta_buf_clear(&rows->shown);
    if (rows->sort == NTA_SORT_BYTES)
        nta_put_size(&rows->shown, weight);
    else
        nta_text_thousands(&rows->shown, weight);
    put_cell(rows, layout, column);
}

static void put_local(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                      enum column column, int64_t wall_ns)
{
    char offset[NTA_CALENDAR_OFFSET_SIZE];

    nta_buf_clear(&rows->shown);
    if (wall_ns)
        nta_put_local_time(&rows->shown, wall_ns);
    if (rows->shown.len > 16)
        rows->shown.len = 16; /* to the minute */
    if (wall_ns && nta_calendar_is_twice(wall_ns, offset))
        nta_buf_puts(&rows->shown, offset);
    put_cell(rows, layout, column);
}

/** Eighths of a character, as long as the row is heavy. */
static void put_bar(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                    uint64_t weight)
{
    static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    size_t width = layout->widths[BAR];

    if (width == 0 || rows->largest == 0 || weight == 0)
        return;
    size_t eighths = (size_t)((double)weight / (double)rows->largest * (double)width * 8 + 0.5);

    nta_buf_puts(&rows->out, rows->view->coloured ? "  \033[36m" : "  ");
    for (size_t i = 0; i < eighths / 8; i++)
        nta_buf_puts(&rows->out, "█");
    nta_buf_puts(&rows->out, eighths ? parts[eighths % 8] : parts[1]);
    nta_buf_puts(&rows->out, rows->view->coloured ? "\033[0m" : "");
}

void nta_stats_put_row(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                       const struct nta_stats_row *row)
{
    char share[16];

    (void)snprintf(share, sizeof(share), "%.1f %%", 100 * nta_stats_share(rows, row->weight));
    put_name(rows, row);
    put_cell(rows, layout, NAME);
    put_count(rows, layout, COUNT, row->now.sum.n, true);
    put_count(rows, layout, USERS, row->now.n_users, nta_counts_is_exact(rows->view->now));
    nta_buf_clear(&rows->shown);
    nta_put_size(&rows->shown, row->now.sum.up + row->now.sum.down);
    put_cell(rows, layout, BYTES);
    put_text(rows, layout, SHARE, share);
    if (rows->view->before) {
        put_weight(rows, layout, BEFORE, row->weight_before);
        nta_buf_clear(&rows->shown);
        put_change(&rows->shown, row->weight, row->weight_before);
        put_cell(rows, layout, CHANGE);
    }
    put_text(rows, layout, ACT, nta_act_name(row->now.sum.act));
    put_text(rows, layout, SEVERITY, nta_record_severity(row->now.sum.severity));
    put_local(rows, layout, FIRST, row->now.sum.first_ns);
    put_local(rows, layout, LAST, row->now.sum.last_ns);
    put_bar(rows, layout, row->weight);
    if (nta_sum_is_unverified(&row->now.sum) || nta_sum_is_unverified(&row->before.sum)) {
        nta_buf_printf(&rows->out, "  UNVERIFIED: %" PRIu64 ", ",
                       row->now.sum.n_unverified + row->before.sum.n_unverified);
        nta_put_size(&rows->out, row->now.sum.bytes_unverified + row->before.sum.bytes_unverified);
    }
    nta_buf_puts(&rows->out, "\n");
}

void nta_stats_put_head(struct nta_stats_rows *rows, const struct nta_stats_layout *layout)
{
    static const char *const titles[N_COLUMNS] = {NULL,       "COUNT",  "USERS",  "BYTES",
                                                  "SHARE",    "BEFORE", "CHANGE", "ACT",
                                                  "SEVERITY", "FIRST",  "LAST",   NULL};

    nta_buf_puts(&rows->out, rows->view->coloured ? "\033[1m" : "");
    put_text(rows, layout, NAME, rows->view->by->title);
    for (int column = COUNT; column < BAR; column++)
        put_text(rows, layout, (enum column)column, titles[column]);
    nta_buf_puts(&rows->out, rows->view->coloured ? "\033[0m\n" : "\n");
}

void nta_stats_put_foot(struct nta_stats_rows *rows)
{
    const struct nta_counts *now = rows->view->now;
    struct nta_count total = nta_counts_total(now), others = nta_counts_others(now);
    struct nta_buf *out = &rows->out;

    if (rows->n > rows->n_shown) {
        nta_buf_puts(out, "… ");
        nta_put_more(out, (struct nta_more){.n = rows->n - rows->n_shown, .how = "--top 0"});
        nta_buf_puts(out, "\n");
    }
    nta_buf_puts(out, "\n");
    nta_text_thousands(out, total.sum.n);
    nta_buf_puts(out, " counted, of ");
    nta_buf_puts(out, nta_counts_total_is_exact(now) ? "" : "at least ");
    nta_text_thousands(out, total.n_users);
    nta_buf_puts(out, total.n_users == 1 ? " user, " : " users, ");
    nta_put_size(out, total.sum.up + total.sum.down);
    nta_buf_puts(out, "\n");
    if (!nta_counts_is_exact(now))
        nta_buf_puts(out,
                     "Numbers of users are estimates (~), off by a tenth as a rule: there were too "
                     "many to remember each.\n");
    if (others.sum.n) {
        nta_buf_puts(out, "There were too many keys to remember each: the lightest, with ");
        nta_text_thousands(out, others.sum.n);
        nta_buf_puts(out, " records and ");
        nta_put_size(out, others.sum.up + others.sum.down);
        nta_buf_puts(out, ", are in no row, and a row may lack what came before it grew.\n");
    }
}
