/* SPDX-License-Identifier: Apache-2.0 */
#include "stats/stats_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nta_stats_rows_done(struct nta_stats_rows *rows)
{
    free(rows->rows);
    nta_buf_done(&rows->out);
    nta_buf_done(&rows->shown);
    nta_buf_done(&rows->raw);
}

static uint64_t weigh(enum nta_stats_sort sort, const struct nta_count *count)
{
    switch (sort) {
    case NTA_SORT_COUNT: return count->sum.n;
    case NTA_SORT_USERS: return count->n_users;
    case NTA_SORT_BYTES:
    case NTA_SORT_DID:
    case NTA_SORT_AUTO: return count->sum.up + count->sum.down;
    }
    return 0;
}

static void add_row(struct nta_stats_rows *rows, struct nta_span key, struct nta_span name,
                    const struct nta_count *now, const struct nta_count *before)
{
    rows->rows[rows->n++] = (struct nta_stats_row){
        .key = key,
        .name = name,
        .now = *now,
        .before = *before,
        .weight = weigh(rows->sort, now),
        .weight_before = weigh(rows->sort, before),
    };
}

static int compare_keys(const void *a, const void *b, void *of)
{
    const struct nta_stats_row *x = a, *y = b;

    (void)of;
    return nta_span_order(x->key, y->key);
}

static uint64_t heavier(const struct nta_stats_row *row)
{
    return row->weight > row->weight_before ? row->weight : row->weight_before;
}

/** Of both times, since what was before is in the row, too. */
static struct nta_weight did(const struct nta_stats_row *row)
{
    struct nta_sum both = row->now.sum;

    nta_sum_add(&both, &row->before.sum);
    return nta_sum_weight(&both);
}

/** The heaviest first. */
static int compare_weights(const void *a, const void *b, void *of)
{
    const struct nta_stats_row *x = a, *y = b;
    const struct nta_stats_rows *rows = of;
    const struct nta_weight left = did(x), right = did(y);
    const int order =
        rows->sort == NTA_SORT_DID ? nta_weight_order(rows->view->order, &left, &right) : 0;

    if (order)
        return order;
    if (heavier(x) != heavier(y))
        return heavier(x) < heavier(y) ? 1 : -1;
    if (x->now.sum.n != y->now.sum.n)
        return x->now.sum.n < y->now.sum.n ? 1 : -1;
    return compare_keys(a, b, of);
}

static int gather(struct nta_stats_rows *rows)
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
        add_row(rows, key, nta_counts_name(now, i), &count, &other);
    }
    for (size_t i = 0; i < n_before; i++) {
        struct nta_span key = nta_counts_get(before, i, &count);

        if (!nta_counts_find(now, key, &other))
            add_row(rows, key, nta_counts_name(before, i), &(struct nta_count){0}, &count);
    }
    qsort_r(rows->rows, rows->n, sizeof(*rows->rows),
            rows->view->by->in_order && rows->sort != NTA_SORT_DID ? compare_keys : compare_weights,
            rows);
    rows->n_shown = rows->view->top && rows->n > rows->view->top ? rows->view->top : rows->n;
    for (size_t i = 0; i < rows->n_shown; i++) {
        if (rows->rows[i].weight > rows->largest)
            rows->largest = rows->rows[i].weight;
    }
    return 0;
}

struct nta_span nta_stats_row_name(struct nta_stats_rows *rows, const struct nta_stats_row *row)
{
    nta_buf_clear(&rows->raw);
    if (row->name.len)
        nta_buf_put(&rows->raw, row->name.ptr, row->name.len);
    else if (row->key.len == 0)
        nta_buf_puts(&rows->raw, "(unknown)");
    else if (rows->view->by->show)
        rows->view->by->show(&rows->raw, row->key);
    else
        nta_buf_put(&rows->raw, row->key.ptr, row->key.len);
    return nta_buf_span(&rows->raw);
}

double nta_stats_share(const struct nta_stats_rows *rows, uint64_t weight)
{
    return rows->total ? (double)weight / (double)rows->total : 0;
}

int nta_stats_rows_make(const struct nta_stats_view *view, struct nta_stats_rows *ret_rows)
{
    struct nta_count total = nta_counts_total(view->now);

    *ret_rows = (struct nta_stats_rows){.view = view, .sort = view->sort};
    if (ret_rows->sort == NTA_SORT_AUTO)
        ret_rows->sort = total.sum.up + total.sum.down ? NTA_SORT_BYTES : NTA_SORT_COUNT;
    ret_rows->total = weigh(ret_rows->sort, &total);
    return gather(ret_rows);
}
