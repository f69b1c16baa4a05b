/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sums as a table for people: columns as wide as the terminal has space for, bars in what is left.
 */

#include "stats/stats_rows.h"

#include <stddef.h>

enum
{
    NTA_STATS_COLUMNS = 12
};

struct nta_stats_layout
{
    size_t widths[NTA_STATS_COLUMNS]; ///< 0: not shown.
};

/** Choose the columns and their widths for the rows and the terminal. */
struct nta_stats_layout nta_stats_lay_out(struct nta_stats_rows *rows);

/** Each into rows->out. */
void nta_stats_put_head(struct nta_stats_rows *rows, const struct nta_stats_layout *layout);
/** And the line of a row. */
void nta_stats_put_row(struct nta_stats_rows *rows, const struct nta_stats_layout *layout,
                       const struct nta_stats_row *row);

/** What the rows do not say: those that are not shown, and what is not exact. */
void nta_stats_put_foot(struct nta_stats_rows *rows);
