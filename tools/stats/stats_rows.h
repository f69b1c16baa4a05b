/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sums as rows: sorted, weighed, as many as are shown.  Private to stats_show.c and stats_table.c.
 */

#include "base/buf.h"
#include "stats/stats_view.h"

#include <stdint.h>

/** One key, now and before. */
struct nta_stats_row
{
    struct nta_span key, name; ///< `name`: what it is called; empty: by its key.
    struct nta_count now, before;
    uint64_t weight, weight_before; ///< What rows are sorted, shared and compared by.
};

struct nta_stats_rows
{
    const struct nta_stats_view *view;
    enum nta_stats_sort sort;   ///< Decided.
    struct nta_stats_row *rows; ///< Owned.
    size_t n, n_shown;
    uint64_t total, largest;
    struct nta_buf out, shown, raw;
};

/** All of it but what is written.  0, or -ENOMEM; nta_stats_rows_done() either way. */
int nta_stats_rows_make(const struct nta_stats_view *view, struct nta_stats_rows *ret_rows);
/** Free what they own. */
void nta_stats_rows_done(struct nta_stats_rows *rows);

/** The key's raw text, until the next call. */
struct nta_span nta_stats_row_name(struct nta_stats_rows *rows, const struct nta_stats_row *row);

/** Of the sum of all rows, shown or not. */
double nta_stats_share(const struct nta_stats_rows *rows, uint64_t weight);
