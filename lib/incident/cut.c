/* SPDX-License-Identifier: Apache-2.0 */
/* Records of one user and one site, cut where a pause is long or a day is over. */
#include "incident/set.h"
#include "incident/weight.h"
#include "record/grade.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_NS (INT64_C(60) * 1000000000)
#define PAUSE_NS  (NTA_INCIDENT_PAUSE_MIN * MINUTE_NS)
#define DAY_NS    (NTA_INCIDENT_HOURS * INT64_C(60) * MINUTE_NS)

static int order_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int order_facts(const void *left, const void *right)
{
    const struct nta_fact *a = left, *b = right;
    int order = order_u64(a->who, b->who);

    if (order == 0)
        order = order_u64(a->site, b->site);
    if (order == 0 && a->time_ns != b->time_ns)
        order = a->time_ns < b->time_ns ? -1 : 1;
    return order ? order : nta_fact_id_order(&a->id, &b->id);
}

/** Times off the wire may lie far apart. */
static int64_t apart(int64_t from_ns, int64_t to_ns)
{
    int64_t ns;

    return __builtin_sub_overflow(to_ns, from_ns, &ns) ? INT64_MAX : ns;
}

/** One user and site, without a pause since `end_ns`. */
static bool follows(const struct nta_fact *before, const struct nta_fact *fact, int64_t end_ns)
{
    return before->who == fact->who && before->site == fact->site &&
           apart(end_ns, fact->time_ns) <= PAUSE_NS;
}

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static void add(struct nta_incident *item, const struct nta_fact *fact)
{
    if (fact->end_ns > item->end_ns)
        item->end_ns = fact->end_ns;
    item->fits |= fact->fits;
    if (fact->event == NTA_RECORD_PACKETS) {
        item->n_packets++;
        return;
    }
    item->n_records += fact->n;
    item->n_alerts += fact->n_alerts;
    item->n_unverified += fact->n_unverified;
    item->n_joined += fact->n > 1 ? fact->n : 0;
    item->n_disputed += fact->is_disputed ? fact->n : 0;
    item->n_files += fact->is_file ? fact->n : 0;
    item->up += fact->up;
    item->down += fact->down;
    item->up_weak += fact->grade == NTA_GRADE_WEAK ? fact->up : 0;
    item->down_weak += fact->grade == NTA_GRADE_WEAK ? fact->down : 0;
    if (nta_act_weight(fact->act) > nta_act_weight(item->act))
        item->act = fact->act;
    item->seen = larger(item->seen, fact->seen);
    item->grade = larger(item->grade, fact->grade);
    item->severity = larger(item->severity, fact->severity);
}

/**
 * The first as they were recorded; of several sensors that of the one whose record is the first in
 * time, which are in that order.
 */
static const struct nta_fact *first_of(const struct nta_fact *facts, size_t n)
{
    const struct nta_fact *first = facts;

    for (size_t i = 1; i < n; i++)
        if (strcmp(facts[i].id.sensor, first->id.sensor) == 0 &&
            nta_fact_id_order(&facts[i].id, &first->id) < 0)
            first = &facts[i];
    return first;
}

static const struct nta_fact_note *find_note(const struct nta_incidents *set,
                                             const struct nta_fact_id *id)
{
    size_t low = 0, high = set->n_notes;

    while (low < high) { /* the first about it */
        const size_t middle = low + (high - low) / 2;

        if (nta_fact_id_order(&set->notes[middle].about, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->n_notes && nta_fact_id_order(&set->notes[low].about, id) == 0
               ? &set->notes[low]
               : NULL;
}

/** The last word about any of its records. */
static void take_note(const struct nta_incidents *set, struct nta_incident *item)
{
    const struct nta_fact_note *last = NULL;

    for (size_t i = item->first; set->n_notes && i < item->first + item->n_facts; i++) {
        const struct nta_fact_note *note = find_note(set, &set->facts[i].id);

        if (note &&
            (!last || note->time_ns > last->time_ns ||
             (note->time_ns == last->time_ns && nta_fact_id_order(&note->id, &last->id) > 0)))
            last = note;
    }
    item->status = last && last->status ? last->status : (uint8_t)NTA_STATUS_NEW;
    if (last)
        item->note = (struct nta_span){(const uint8_t *)last->text, last->text_len};
}

/** The best is shown; of packets there is nothing to show. */
static size_t best_of(const struct nta_incidents *set, const struct nta_incident *item)
{
    size_t best = item->first;

    for (size_t i = item->first + 1; i < item->first + item->n_facts; i++)
        if (set->facts[i].rank > set->facts[best].rank)
            best = i;
    return best;
}

static void finish(const struct nta_incidents *set, struct nta_incident *item)
{
    const struct nta_fact *first = first_of(set->facts + item->first, item->n_facts);

    if (first->id.sensor[0])
        (void)snprintf(item->id, sizeof(item->id), "I-%s-%" PRIu64 "-%" PRIu64, first->id.sensor,
                       first->id.number, first->id.index);
    item->user = set->facts[item->first].who;
    item->sample = best_of(set, item);
    take_note(set, item);
}

static int order_items(const void *left, const void *right)
{
    return nta_incident_order(NTA_ORDER_ACT, left, right);
}

/** Where each incident begins, counted or written. */
static size_t cut(const struct nta_incidents *set, struct nta_incident *items)
{
    int64_t begin_ns = 0, end_ns = 0;
    size_t n = 0;

    for (size_t i = 0; i < set->n_facts; i++) {
        const struct nta_fact *fact = &set->facts[i];

        const bool is_next = i > 0 && follows(fact - 1, fact, end_ns);

        if (!is_next || apart(begin_ns, fact->time_ns) >= DAY_NS) {
            if (items && n)
                items[n - 1].continued = is_next;
            begin_ns = fact->time_ns;
            end_ns = fact->end_ns;
            if (items)
                items[n] =
                    (struct nta_incident){.begin_ns = begin_ns, .end_ns = end_ns, .first = i};
            n++;
        }
        if (fact->end_ns > end_ns)
            end_ns = fact->end_ns;
        if (!items)
            continue;
        items[n - 1].n_facts++;
        add(&items[n - 1], fact);
    }
    return n;
}

int nta_incidents_cut(struct nta_incidents *set)
{
    if (set->n_facts)
        qsort(set->facts, set->n_facts, sizeof(*set->facts), order_facts);
    const size_t n = cut(set, NULL);
    struct nta_incident *items = calloc(n ? n : 1, sizeof(*items));

    if (!items)
        return -ENOMEM;
    (void)cut(set, items);
    for (size_t i = 0; i < n; i++)
        finish(set, &items[i]);
    free(set->items);
    set->items = items;
    set->n_items = n;
    return 0;
}

void nta_incidents_sort(struct nta_incidents *set)
{
    if (set->n_items)
        qsort(set->items, set->n_items, sizeof(*set->items), order_items);
}
