/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Space for more: within an incident, what is alike and of the same ten minutes becomes one; then
 * the lightest incidents go.  Ten minutes are shorter than a pause, so nothing falls apart, and ids
 * stay.
 */
#include "incident/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_NS (INT64_C(600) * 1000000000)

enum
{
    FILES_KEPT = 512,   ///< Of an incident, the largest.
    ENTRIES_KEPT = 512, ///< Facts of an incident; beyond that entries of lists are joined, too.
    FACTS_LEFT = NTA_INCIDENTS_FACTS / 2,
    BYTES_LEFT = NTA_INCIDENTS_BYTES / 2
};

static int order_u64_down(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a > b ? -1 : a < b;
}

/** The least size of a file that is kept by itself; 0: all are. */
static uint64_t least_kept(const struct nta_fact *facts, size_t n, uint64_t *sizes)
{
    size_t n_files = 0;

    for (size_t i = 0; i < n; i++)
        if (facts[i].is_file)
            sizes[n_files++] = facts[i].bytes;
    if (n_files <= FILES_KEPT)
        return 0;
    qsort(sizes, n_files, sizeof(*sizes), order_u64_down);
    return sizes[FILES_KEPT] + 1;
}

static bool are_alike(const struct nta_fact *a, const struct nta_fact *b, bool with_entry)
{
    return a->event == b->event && a->act == b->act && a->is_file == b->is_file &&
           a->is_program == b->is_program && a->hides == b->hides && a->known_now == b->known_now &&
           a->is_disputed == b->is_disputed && a->grade == b->grade &&
           strcmp(a->id.sensor, b->id.sensor) == 0 &&
           a->time_ns / SLICE_NS == b->time_ns / SLICE_NS && (!with_entry || a->entry == b->entry);
}

/** Join those of one incident, in place.  Gives how many are left. */
static size_t join(struct nta_fact *facts, size_t n, uint64_t *sizes)
{
    const uint64_t least = least_kept(facts, n, sizes);
    size_t n_left = 0;

    for (size_t i = 0; i < n; i++) {
        struct nta_fact *fact = &facts[i];
        size_t back = n_left;

        /* those of the slice stand at the end; few are left of them */
        while (
            back > 0 && facts[back - 1].time_ns / SLICE_NS == fact->time_ns / SLICE_NS &&
            (!are_alike(&facts[back - 1], fact, n <= ENTRIES_KEPT) ||
             (facts[back - 1].is_file && facts[back - 1].n == 1 && facts[back - 1].bytes >= least)))
            back--;
        if (back > 0 && are_alike(&facts[back - 1], fact, n <= ENTRIES_KEPT) &&
            !(fact->is_file && fact->bytes >= least))
            nta_fact_join(&facts[back - 1], fact);
        else
            facts[n_left++] = *fact;
    }
    return n_left;
}

/** Forget the facts of an incident. */
static void leave_out(struct nta_fact *facts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(facts[i].cbor);
}

static size_t bytes_of(const struct nta_fact *facts, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += facts[i].cbor_len;
    return bytes;
}

/** Copy what stays, the weightiest first, until half of the space is taken. */
static void keep_heaviest(struct nta_incidents *set, struct nta_fact *kept)
{
    size_t n = 0, n_bytes = 0;

    for (size_t i = 0; i < set->n_items; i++) {
        const struct nta_incident *item = &set->items[i];
        struct nta_fact *facts = set->facts + item->first;
        const size_t bytes = bytes_of(facts, item->n_facts);

        if (n + item->n_facts > FACTS_LEFT || n_bytes + bytes > BYTES_LEFT) {
            leave_out(facts, item->n_facts);
            set->n_left_out++;
            continue;
        }
        for (size_t k = 0; k < item->n_facts; k++)
            kept[n++] = facts[k];
        n_bytes += bytes;
    }
    set->n_facts = n;
    set->n_bytes = n_bytes;
}

int nta_incidents_thin(struct nta_incidents *set)
{
    int r = nta_set_settle(set);
    struct nta_fact *kept = r == 0 ? calloc(set->size, sizeof(*kept)) : NULL;
    uint64_t *sizes = kept ? calloc(set->n_facts, sizeof(*sizes)) : NULL;

    if (!sizes) {
        free(kept);
        return r < 0 ? r : -ENOMEM;
    }
    for (size_t i = 0; i < set->n_items; i++)
        set->items[i].n_facts =
            join(set->facts + set->items[i].first, set->items[i].n_facts, sizes);
    keep_heaviest(set, kept);
    free(sizes);
    free(set->facts);
    set->facts = kept;
    set->n_items = 0; /* they are cut anew */
    set->is_settled = false;
    return 0;
}
