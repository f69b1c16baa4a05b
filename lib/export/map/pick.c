/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/pick.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** First part of a key: a length and that many bytes. */
static int compare_users(const struct nta_tally_entry *a, const struct nta_tally_entry *b)
{
    return nta_span_order((struct nta_span){a->key, (size_t)a->key[0] + 1},
                          (struct nta_span){b->key, (size_t)b->key[0] + 1});
}

bool nta_pick_same_user(const struct nta_tally_entry *a, const struct nta_tally_entry *b)
{
    return compare_users(a, b) == 0;
}

static int by_time(const void *left, const void *right)
{
    const struct nta_tally_entry *a = *(const struct nta_tally_entry *const *)left;
    const struct nta_tally_entry *b = *(const struct nta_tally_entry *const *)right;

    if (a->sum.base.first_ns != b->sum.base.first_ns)
        return a->sum.base.first_ns < b->sum.base.first_ns ? -1 : 1;
    return strcmp(a->sample.id, b->sample.id);
}

/** A match's rank is beyond that of anything without (view.c). */
static bool is_match(const struct nta_tally_entry *entry)
{
    return entry->sample.rank >= NTA_VIEW_RANK_MATCH;
}

static int by_user(const void *left, const void *right)
{
    const struct nta_tally_entry *a = *(const struct nta_tally_entry *const *)left;
    const struct nta_tally_entry *b = *(const struct nta_tally_entry *const *)right;
    int order = compare_users(a, b);

    if (order == 0)
        order = is_match(b) - is_match(a);
    return order ? order : by_time(left, right);
}

static int alloc_items(struct nta_pick *pick, size_t n, struct nta_err *err)
{
    pick->items = calloc(n ? n : 1, sizeof(const struct nta_tally_entry *));
    return pick->items ? 0 : nta_err_sys(err, -ENOMEM, "map");
}

static void take(struct nta_pick *pick, struct nta_tally *tally, size_t n_max, bool with_matches)
{
    nta_tally_sort(tally);
    for (size_t i = 0; i < nta_tally_count(tally); i++) {
        const struct nta_tally_entry *entry = nta_tally_get(tally, i);

        if (!with_matches && is_match(entry))
            continue;
        if (n_max == 0) {
            pick->n_left_out++;
            continue;
        }
        pick->items[pick->n++] = entry;
        n_max--;
    }
}

int nta_pick_incidents(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                       struct nta_err *err)
{
    struct nta_tally *incidents = view->tables[NTA_VIEW_INCIDENTS];
    struct nta_pick pick = {.items = NULL};
    int r = alloc_items(&pick, nta_tally_count(incidents), err);

    if (r < 0)
        return r;
    take(&pick, incidents, n_max, true);
    qsort((void *)pick.items, pick.n, sizeof(const struct nta_tally_entry *), by_time);
    *ret_pick = pick;
    return 0;
}

int nta_pick_by_user(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                     struct nta_err *err)
{
    struct nta_tally *incidents = view->tables[NTA_VIEW_INCIDENTS];
    struct nta_tally *places = view->tables[NTA_VIEW_USER_PLACES];
    struct nta_pick pick = {.items = NULL};
    int r = alloc_items(&pick, nta_tally_count(incidents) + nta_tally_count(places), err);

    if (r < 0)
        return r;
    take(&pick, incidents, n_max, true);
    take(&pick, places, SIZE_MAX, false);
    qsort((void *)pick.items, pick.n, sizeof(const struct nta_tally_entry *), by_user);
    *ret_pick = pick;
    return 0;
}

void nta_pick_done(struct nta_pick *pick)
{
    free((void *)pick->items);
    *pick = (struct nta_pick){.items = NULL};
}
