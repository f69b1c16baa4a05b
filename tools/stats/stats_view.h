/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which sums are shown, and how (part of stats_show.h). */

#include "stats/counts.h"
#include "stats/stats_by.h"

#include <stdbool.h>
#include <stddef.h>

enum nta_stats_form
{
    NTA_STATS_TABLE,
    NTA_STATS_JSON,
    NTA_STATS_CSV
};

enum nta_stats_sort
{
    NTA_SORT_AUTO, ///< By bytes, or by records if there are none.
    NTA_SORT_BYTES,
    NTA_SORT_COUNT,
    NTA_SORT_USERS,
    NTA_SORT_DID, ///< By what lists forbid: `order`.
};

struct nta_stats_view
{
    const struct nta_by *by;
    const struct nta_counts *now, *before; ///< `before` NULL: nothing to hold against.
    enum nta_stats_form form;
    enum nta_stats_sort sort;
    enum nta_order order; ///< With NTA_SORT_DID.
    size_t top;           ///< Rows at most; 0: all.
    unsigned columns;     ///< Of the terminal; 0: none.
    bool coloured;
    bool marks; ///< Say of each row whether records in batches that do not hold are in it.
};
