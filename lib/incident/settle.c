/* SPDX-License-Identifier: Apache-2.0 */
/* What was taken in, put together: who it was, where each begins and ends, what was said of it. */
#include "incident/set.h"

#include <stdlib.h>

/** By what it is about; the last word first. */
static int order_notes(const void *left, const void *right)
{
    const struct nta_fact_note *a = left, *b = right;
    const int order = nta_fact_id_order(&a->about, &b->about);

    if (order)
        return order;
    if (a->time_ns != b->time_ns)
        return a->time_ns > b->time_ns ? -1 : 1;
    return nta_fact_id_order(&b->id, &a->id);
}

int nta_set_settle(struct nta_incidents *set)
{
    if (set->is_settled)
        return 0;
    if (set->n_notes)
        qsort(set->notes, set->n_notes, sizeof(*set->notes), order_notes);
    int r = nta_incidents_know(set);

    if (r == 0)
        r = nta_incidents_cut(set);
    if (r == 0)
        r = nta_incidents_cover(set);
    if (r == 0)
        r = nta_incidents_count_rest(set);
    if (r == 0)
        nta_incidents_sort(set);
    set->is_settled = r == 0;
    return r;
}
