/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/pick.h"

#include "base/own.h"
#include "base/text.h"
#include "incident/site.h"
#include "record/user/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** First part of a key: a length and that many bytes. */
static struct nta_span first_part(const uint8_t *key)
{
    return (struct nta_span){key, (size_t)key[0] + 1};
}

bool nta_pick_same_user(const struct nta_pick_item *a, const struct nta_pick_item *b)
{
    return nta_span_equal(first_part(a->user), first_part(b->user));
}

bool nta_pick_same_site(const struct nta_pick_item *a, const struct nta_pick_item *b)
{
    return nta_pick_same_user(a, b) && a->incident && b->incident && strcmp(a->site, b->site) == 0;
}

bool nta_pick_same_list(const struct nta_tally_entry *a, const struct nta_tally_entry *b)
{
    return nta_span_equal(first_part(a->key), first_part(b->key));
}

static const char *id_of(const struct nta_pick_item *item)
{
    return item->incident ? item->incident->id : item->entry->sample.id;
}

static int by_time(const void *left, const void *right)
{
    const struct nta_pick_item *a = left, *b = right;

    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return strcmp(id_of(a), id_of(b));
}

static int by_user(const void *left, const void *right)
{
    const struct nta_pick_item *a = left, *b = right;
    int order = nta_span_order(first_part(a->user), first_part(b->user));

    if (order == 0)
        order = !a->incident - !b->incident;
    if (order == 0)
        order = strcmp(a->site, b->site);
    return order ? order : by_time(left, right);
}

static int alloc_items(struct nta_pick *pick, size_t n, struct nta_err *err)
{
    pick->items = calloc(n ? n : 1, sizeof(*pick->items));
    return pick->items ? 0 : nta_err_sys(err, -ENOMEM, "map");
}

/** As NTA_VIEW_USER_PLACES has it, and the site. */
static void set_user_and_site(struct nta_view *view, struct nta_pick_item *item)
{
    char id[NTA_INCIDENT_ID_SIZE];
    struct nta_record sample;
    struct nta_user_key user;

    nta_incident_sample(view->incidents, item->incident, &view->buf, &sample, id);
    (void)nta_record_user_key(&sample, &user);
    item->user[0] = user.len;
    memcpy(item->user + 1, user.bytes, user.len);
    (void)nta_text_escape_to(item->site, sizeof(item->site), nta_incident_site(&sample));
}

/** They are in the order of their weight. */
static void take_incidents(struct nta_view *view, size_t n_max, struct nta_pick *pick)
{
    const size_t n = view->incidents ? nta_incidents_count(view->incidents) : 0;

    for (size_t i = 0; i < n; i++) {
        const struct nta_incident *incident = nta_incidents_get(view->incidents, i);

        if (!incident->fits)
            continue;
        if (pick->n == n_max) {
            pick->n_left_out++;
            continue;
        }
        struct nta_pick_item *item = &pick->items[pick->n++];

        *item = (struct nta_pick_item){.incident = incident, .first_ns = incident->begin_ns};
        set_user_and_site(view, item);
    }
}

/** A match's rank is beyond that of anything without (view.c): those are incidents. */
static void take_places(struct nta_tally *places, struct nta_pick *pick)
{
    nta_tally_sort(places);
    for (size_t i = 0; i < nta_tally_count(places); i++) {
        const struct nta_tally_entry *entry = nta_tally_get(places, i);
        struct nta_pick_item *item = &pick->items[pick->n];

        if (entry->sample.rank >= NTA_VIEW_RANK_MATCH)
            continue;
        *item = (struct nta_pick_item){.entry = entry, .first_ns = entry->sum.base.first_ns};
        memcpy(item->user, entry->key, (size_t)entry->key[0] + 1);
        pick->n++;
    }
}

static size_t count(const struct nta_view *view)
{
    return view->incidents ? nta_incidents_count(view->incidents) : 0;
}

int nta_pick_incidents(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                       struct nta_err *err)
{
    struct nta_pick pick = {.items = NULL};
    int r = alloc_items(&pick, count(view), err);

    if (r < 0)
        return r;
    take_incidents(view, n_max, &pick);
    qsort(pick.items, pick.n, sizeof(*pick.items), by_time);
    *ret_pick = pick;
    return 0;
}

int nta_pick_by_user(struct nta_view *view, size_t n_max, struct nta_pick *ret_pick,
                     struct nta_err *err)
{
    struct nta_tally *places = view->tables[NTA_VIEW_USER_PLACES];
    struct nta_pick pick = {.items = NULL};
    int r = alloc_items(&pick, count(view) + nta_tally_count(places), err);

    if (r < 0)
        return r;
    take_incidents(view, n_max, &pick);
    take_places(places, &pick);
    qsort(pick.items, pick.n, sizeof(*pick.items), by_user);
    *ret_pick = pick;
    return 0;
}

void nta_pick_done(struct nta_pick *pick)
{
    free(pick->items);
    *pick = (struct nta_pick){.items = NULL};
}
