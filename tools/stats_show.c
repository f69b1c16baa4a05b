/* SPDX-License-Identifier: Apache-2.0 */
#include "stats_show.h"

#include "base/clock.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** One key, now and before. */
struct row
{
    struct nta_span key;
    struct nta_count now, before;
    uint64_t weight, weight_before; ///< What rows are sorted, shared and compared by.
};

struct rows
{
    const struct nta_stats_view *view;
    enum nta_stats_sort sort; ///< Decided.
    struct row *rows;         ///< Owned.
    size_t n, n_shown;
    uint64_t total, largest;
    struct nta_buf out, shown, raw;
};

static void rows_done(struct rows *rows)
{
    free(rows->rows);
    nta_buf_done(&rows->out);
    nta_buf_done(&rows->shown);
    nta_buf_done(&rows->raw);
}

static uint64_t weigh(enum nta_stats_sort sort, const struct nta_count *count)
{
    switch (sort) {
    case NTA_SORT_COUNT: return count->n;
    case NTA_SORT_USERS: return count->n_users;
    case NTA_SORT_BYTES:
    case NTA_SORT_AUTO: return count->up + count->down;
    }
    return 0;
}

/* ---- gathering rows ---- */

static void add_row(struct rows *rows, struct nta_span key, const struct nta_count *now,
                    const struct nta_count *before)
{
    rows->rows[rows->n++] = (struct row){
        .key = key,
        .now = *now,
        .before = *before,
        .weight = weigh(rows->sort, now),
        .weight_before = weigh(rows->sort, before),
    };
}

static int compare_weights(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    uint64_t heavy_x = x->weight > x->weight_before ? x->weight : x->weight_before;
    uint64_t heavy_y = y->weight > y->weight_before ? y->weight : y->weight_before;

    if (heavy_x != heavy_y)
        return heavy_x < heavy_y ? 1 : -1;
    if (x->now.n != y->now.n)
        return x->now.n < y->now.n ? 1 : -1;
    size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = len ? memcmp(x->key.ptr, y->key.ptr, len) : 0;

    return order ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

static int compare_keys(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
    int order = len ? memcmp(x->key.ptr, y->key.ptr, len) : 0;

    return order ? order : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

static int gather(struct rows *rows)
{
    const struct nta_counts *now = rows->view->now, *before = rows->view->before;
    size_t n_now = nta_counts_n(now), n_before = before ? nta_counts_n(before) : 0;
    struct nta_count count, other;

    rows->rows = calloc(n_now + n_before + 1, sizeof(*rows->rows));
    if (!rows->rows)
        return -ENOMEM;
    for (size_t i = 0; i < n_now; i++) {
        struct nta_span key = nta_counts_get(now, i, &count);

        other = (struct nta_count){0};
        if (before)
            (void)nta_counts_find(before, key, &other);
        add_row(rows, key, &count, &other);
    }
    for (size_t i = 0; i < n_before; i++) {
        struct nta_span key = nta_counts_get(before, i, &count);

        if (!nta_counts_find(now, key, &other))
            add_row(rows, key, &(struct nta_count){0}, &count);
    }
    qsort(rows->rows, rows->n, sizeof(*rows->rows),
          rows->view->by->in_order ? compare_keys : compare_weights);
    rows->n_shown = rows->view->top && rows->n > rows->view->top ? rows->view->top : rows->n;
    for (size_t i = 0; i < rows->n_shown; i++) {
        if (rows->rows[i].weight > rows->largest)
            rows->largest = rows->rows[i].weight;
    }
    return 0;
}

/* ---- single values ---- */

/** The key's raw text into `raw`; gives it. */
static struct nta_span name_of(struct rows *rows, const struct row *row)
{
    nta_buf_clear(&rows->raw);
    if (row->key.len == 0)
        nta_buf_puts(&rows->raw, "(unknown)");
    else if (rows->view->by->show)
        rows->view->by->show(&rows->raw, row->key);
    else
        nta_buf_put(&rows->raw, row->key.ptr, row->key.len);
    return nta_buf_span(&rows->raw);
}

static double share_of(const struct rows *rows, uint64_t weight)
{
    return rows->total ? (double)weight / (double)rows->total : 0;
}

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

/* ---- JSON and CSV ---- */

static void put_time(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_puts(out, wall_ns ? nta_clock_text(wall_ns, text) : "");
}

static void put_json_count(struct nta_buf *out, const struct nta_count *count)
{
    nta_buf_printf(out,
                   "\"count\":%" PRIu64 ",\"users\":%" PRIu64 ",\"up\":%" PRIu64
                   ",\"down\":%" PRIu64 ",\"bytes\":%" PRIu64,
                   count->n, count->n_users, count->up, count->down, count->up + count->down);
    if (count->first_ns) {
        nta_buf_puts(out, ",\"first\":\"");
        put_time(out, count->first_ns);
        nta_buf_puts(out, "\",\"last\":\"");
        put_time(out, count->last_ns);
        nta_buf_puts(out, "\"");
    }
}

static void put_json(struct rows *rows, const struct row *row)
{
    struct nta_buf *out = &rows->out;

    nta_buf_printf(out, "{\"by\":\"%s\",\"key\":", rows->view->by->name);
    nta_text_json(out, name_of(rows, row));
    nta_buf_puts(out, ",");
    put_json_count(out, &row->now);
    nta_buf_printf(out, ",\"users_exact\":%s,\"share\":%.6f",
                   nta_counts_is_exact(rows->view->now) ? "true" : "false",
                   share_of(rows, row->weight));
    if (rows->view->before) {
        nta_buf_puts(out, ",\"before\":{");
        put_json_count(out, &row->before);
        nta_buf_puts(out, "}");
        if (row->weight_before)
            nta_buf_printf(out, ",\"change\":%.6f",
                           (double)row->weight / (double)row->weight_before - 1);
    }
    nta_buf_puts(out, "}\n");
}

static void put_csv_head(struct rows *rows)
{
    nta_buf_printf(&rows->out, "%s,count,users,up_bytes,down_bytes,bytes,share,first,last%s\n",
                   rows->view->by->name,
                   rows->view->before ? ",count_before,users_before,bytes_before,change" : "");
}

static void put_csv(struct rows *rows, const struct row *row)
{
    struct nta_buf *out = &rows->out;
    const struct nta_count *now = &row->now, *before = &row->before;

    nta_text_csv(out, name_of(rows, row));
    nta_buf_printf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.6f,",
                   now->n, now->n_users, now->up, now->down, now->up + now->down,
                   share_of(rows, row->weight));
    put_time(out, now->first_ns);
    nta_buf_puts(out, ",");
    put_time(out, now->last_ns);
    if (rows->view->before) {
        nta_buf_printf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", before->n, before->n_users,
                       before->up + before->down);
        if (row->weight_before)
            nta_buf_printf(out, "%.6f", (double)row->weight / (double)row->weight_before - 1);
    }
    nta_buf_puts(out, "\n");
}

/* ---- the table ---- */

enum column
{
    NAME,
    COUNT,
    USERS,
    BYTES,
    SHARE,
    BEFORE,
    CHANGE,
    FIRST,
    LAST,
    BAR,
    N_COLUMNS
};

struct layout
{
    size_t widths[N_COLUMNS]; ///< 0: not shown.
};

/** Columns of the widest name that is shown. */
static size_t widest_name(struct rows *rows)
{
    size_t widest = strlen(rows->view->by->title);

    for (size_t i = 0; i < rows->n_shown; i++) {
        nta_buf_clear(&rows->shown);
        nta_text_escape(&rows->shown, name_of(rows, &rows->rows[i]));
        size_t width = nta_width_of(nta_buf_span(&rows->shown));

        widest = width > widest ? width : widest;
    }
    return widest;
}

static struct layout lay_out(struct rows *rows)
{
    size_t widest = widest_name(rows);
    struct layout layout = {
        .widths = {[NAME] = 16, [COUNT] = 11, [USERS] = 8, [BYTES] = 10, [SHARE] = 6}};
    size_t columns = rows->view->columns, used = 16 + 13 + 10 + 12 + 8;

    if (rows->view->before) {
        layout.widths[BEFORE] = layout.widths[CHANGE] = 10;
        used += 24;
    }
    if (columns == 0 || columns >= used + 36) {
        layout.widths[FIRST] = layout.widths[LAST] = 16;
        used += 36;
    }
    if (columns && used > columns && used - columns <= 10) {
        layout.widths[USERS] = 0;
        used -= 10;
    }
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

static void put_cell(struct rows *rows, const struct layout *layout, enum column column)
{
    size_t width = layout->widths[column];

    if (width == 0)
        return;
    if (rows->view->columns == 0 && nta_width_of(nta_buf_span(&rows->shown)) > width)
        width = nta_width_of(nta_buf_span(&rows->shown)); /* no terminal: nothing is cut */
    nta_buf_puts(&rows->out, column == NAME ? "" : "  ");
    nta_put_cell(&rows->out, nta_buf_span(&rows->shown), width, column != NAME);
}

static void put_text(struct rows *rows, const struct layout *layout, enum column column,
                     const char *text)
{
    nta_buf_clear(&rows->shown);
    nta_buf_puts(&rows->shown, text);
    put_cell(rows, layout, column);
}

static void put_count(struct rows *rows, const struct layout *layout, enum column column,
                      uint64_t number, bool is_exact)
{
    nta_buf_clear(&rows->shown);
    nta_buf_puts(&rows->shown, is_exact ? "" : "~");
    nta_put_thousands(&rows->shown, number);
    put_cell(rows, layout, column);
}

static void put_weight(struct rows *rows, const struct layout *layout, enum column column,
                       uint64_t weight)
{
    nta_buf_clear(&rows->shown);
    if (rows->sort == NTA_SORT_BYTES)
        nta_put_size(&rows->shown, weight);
    else
        nta_put_thousands(&rows->shown, weight);
    put_cell(rows, layout, column);
}

static void put_local(struct rows *rows, const struct layout *layout, enum column column,
                      int64_t wall_ns)
{
    nta_buf_clear(&rows->shown);
    if (wall_ns)
        nta_put_local_time(&rows->shown, wall_ns);
    if (rows->shown.len > 16)
        rows->shown.len = 16; /* to the minute */
    put_cell(rows, layout, column);
}

/** Eighths of a character, as long as the row is heavy. */
static void put_bar(struct rows *rows, const struct layout *layout, uint64_t weight)
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

static void put_row(struct rows *rows, const struct layout *layout, const struct row *row)
{
    char share[16];

    (void)snprintf(share, sizeof(share), "%.1f %%", 100 * share_of(rows, row->weight));
    nta_buf_clear(&rows->shown);
    nta_text_escape(&rows->shown, name_of(rows, row));
    put_cell(rows, layout, NAME);
    put_count(rows, layout, COUNT, row->now.n, true);
    put_count(rows, layout, USERS, row->now.n_users, nta_counts_is_exact(rows->view->now));
    nta_buf_clear(&rows->shown);
    nta_put_size(&rows->shown, row->now.up + row->now.down);
    put_cell(rows, layout, BYTES);
    put_text(rows, layout, SHARE, share);
    if (rows->view->before) {
        put_weight(rows, layout, BEFORE, row->weight_before);
        nta_buf_clear(&rows->shown);
        put_change(&rows->shown, row->weight, row->weight_before);
        put_cell(rows, layout, CHANGE);
    }
    put_local(rows, layout, FIRST, row->now.first_ns);
    put_local(rows, layout, LAST, row->now.last_ns);
    put_bar(rows, layout, row->weight);
    nta_buf_puts(&rows->out, "\n");
}

static void put_head(struct rows *rows, const struct layout *layout)
{
    static const char *const titles[N_COLUMNS] = {NULL,     "COUNT",  "USERS", "BYTES", "SHARE",
                                                  "BEFORE", "CHANGE", "FIRST", "LAST",  NULL};

    nta_buf_puts(&rows->out, rows->view->coloured ? "\033[1m" : "");
    put_text(rows, layout, NAME, rows->view->by->title);
    for (int column = COUNT; column < BAR; column++)
        put_text(rows, layout, (enum column)column, titles[column]);
    nta_buf_puts(&rows->out, rows->view->coloured ? "\033[0m\n" : "\n");
}

/** What the rows do not say: those that are not shown, and what is not exact. */
static void put_foot(struct rows *rows)
{
    const struct nta_counts *now = rows->view->now;
    struct nta_count total = nta_counts_total(now), others = nta_counts_others(now);
    struct nta_buf *out = &rows->out;

    if (rows->n > rows->n_shown)
        nta_buf_printf(out, "… and %zu more; --top 0 shows all\n", rows->n - rows->n_shown);
    nta_buf_puts(out, "\n");
    nta_put_thousands(out, total.n);
    nta_buf_puts(out, total.n == 1 ? " record of " : " records of ");
    nta_buf_puts(out, nta_counts_total_is_exact(now) ? "" : "at least ");
    nta_put_thousands(out, total.n_users);
    nta_buf_puts(out, total.n_users == 1 ? " user, " : " users, ");
    nta_put_size(out, total.up + total.down);
    nta_buf_puts(out, "\n");
    if (!nta_counts_is_exact(now))
        nta_buf_puts(out,
                     "Numbers of users are estimates (~), off by a tenth as a rule: there were too "
                     "many to remember each.\n");
    if (others.n) {
        nta_buf_puts(out, "There were too many keys to remember each: the lightest, with ");
        nta_put_thousands(out, others.n);
        nta_buf_puts(out, " records and ");
        nta_put_size(out, others.up + others.down);
        nta_buf_puts(out, ", are in no row, and a row may lack what came before it grew.\n");
    }
}

static void put_all(struct rows *rows)
{
    struct layout layout = lay_out(rows);

    switch (rows->view->form) {
    case NTA_STATS_TABLE: put_head(rows, &layout); break;
    case NTA_STATS_CSV: put_csv_head(rows); break;
    case NTA_STATS_JSON: break;
    }
    for (size_t i = 0; i < rows->n_shown; i++) {
        switch (rows->view->form) {
        case NTA_STATS_TABLE: put_row(rows, &layout, &rows->rows[i]); break;
        case NTA_STATS_JSON: put_json(rows, &rows->rows[i]); break;
        case NTA_STATS_CSV: put_csv(rows, &rows->rows[i]); break;
        }
        (void)fwrite(rows->out.ptr, 1, rows->out.len, stdout);
        nta_buf_clear(&rows->out);
    }
    if (rows->view->form == NTA_STATS_TABLE)
        put_foot(rows);
    if (rows->out.len)
        (void)fwrite(rows->out.ptr, 1, rows->out.len, stdout);
}

int nta_stats_show(const struct nta_stats_view *view)
{
    NTA_AUTO(rows_done) struct rows rows = {.view = view, .sort = view->sort};
    struct nta_count total = nta_counts_total(view->now);

    if (rows.sort == NTA_SORT_AUTO)
        rows.sort = total.up + total.down ? NTA_SORT_BYTES : NTA_SORT_COUNT;
    rows.total = weigh(rows.sort, &total);
    int r = gather(&rows);

    if (r == 0)
        put_all(&rows);
    return r;
}
