/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/timeline.h"

#include "chain/change.h"
#include "chain/sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    LOOSE_MAX = 1024,
    CHECKS_MAX = 8, ///< Of a head that nobody signed, under one key after another.
    HELD_MAX = 1 << 17
};

/** Nobody signed it, nor anything in it. */
static bool is_loose(const struct nta_change *change)
{
    return !change->is_signed && !change->adopts && !change->renews;
}

static void count_loose(struct nta_timeline *timeline)
{
    timeline->n_loose = 0;
    for (size_t i = 0; i < timeline->n; i++)
        timeline->n_loose += is_loose(timeline->all[i]);
}

/** Those that nobody signed and that came before, or were looked at often enough. */
static void drop(struct nta_timeline *timeline, uint64_t before)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < timeline->n; i++) {
        struct nta_change *change = timeline->all[i];

        if (is_loose(change) && (change->came < before || change->n_checks >= CHECKS_MAX))
            free(change);
        else
            timeline->all[n_kept++] = change;
    }
    timeline->n = n_kept;
    count_loose(timeline);
}

/** All of it anew. */
static int sweep(struct nta_timeline *timeline)
{
    int r = nta_timeline_sweep(timeline);

    timeline->is_dirty = timeline->has_placed = false;
    drop(timeline, 0);
    return r;
}

int nta_timeline_init(struct nta_timeline *timeline, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      const uint8_t identity[NTA_KEY_LEN])
{
    *timeline = (struct nta_timeline){.sensor = sensor, .root = identity};
    return sweep(timeline);
}

void nta_timeline_done(struct nta_timeline *timeline)
{
    for (size_t i = 0; i < timeline->n; i++)
        free(timeline->all[i]);
    free(timeline->all);
    free(timeline->stretches);
    free(timeline->identities);
    free(timeline->adopted);
    free(timeline->deleted);
    free(timeline->kept);
    free(timeline->lost);
    nta_prints_done(&timeline->keys);
    *timeline = (struct nta_timeline){.n = 0};
}

/* ---- learning ---- */

bool nta_timeline_concerns(const struct nta_stored *row)
{
    return row->header.version == 2 && !(row->faults & NTA_ROW_HEADER) &&
           (row->header.has_next || row->header.n_notes > 0) &&
           row->sealed.header.len <= NTA_STORE_HEADER_MAX &&
           row->sealed.signature.len == NTA_SIGNATURE_LEN;
}

/** Where a number's heads begin, or would. */
static size_t find_place(const struct nta_timeline *timeline, uint64_t number)
{
    size_t low = 0, high = timeline->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (timeline->all[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct nta_change *find(const struct nta_timeline *timeline, uint64_t number,
                               const uint8_t hash[NTA_HASH_LEN])
{
    for (size_t i = find_place(timeline, number);
         i < timeline->n && timeline->all[i]->number == number; i++) {
        if (memcmp(timeline->all[i]->hash, hash, NTA_HASH_LEN) == 0)
            return timeline->all[i];
    }
    return NULL;
}

/** The older half of those that nobody signed. */
static void drop_loose(struct nta_timeline *timeline)
{
    uint64_t came[LOOSE_MAX] = {0};
    size_t n = 0;

    /* they lie in the order of numbers: put in that in which they came */
    for (size_t i = 0; i < timeline->n && n < LOOSE_MAX; i++) {
        if (!is_loose(timeline->all[i]))
            continue;
        size_t at = n++;

        for (; at > 0 && came[at - 1] > timeline->all[i]->came; at--)
            came[at] = came[at - 1];
        came[at] = timeline->all[i]->came;
    }
    drop(timeline, came[n / 2]);
}

static int insert(struct nta_timeline *timeline, struct nta_change *change)
{
    const size_t each = sizeof(struct nta_change *); // NOLINT(bugprone-sizeof-expression)
    size_t at = find_place(timeline, change->number);

    if (nta_make_space((void **)&timeline->all, timeline->n, &timeline->size, each) < 0)
        return -ENOMEM;
    while (at < timeline->n && timeline->all[at]->number == change->number)
        at++;
    memmove(timeline->all + at + 1, timeline->all + at, (timeline->n - at) * each);
    timeline->all[at] = change;
    timeline->n++;
    return 0;
}

/** It says something that is signed, as far as is known now. */
static bool says(const struct nta_timeline *timeline, struct nta_change *change,
                 bool *ret_by_identity)
{
    const struct nta_stretch *stretch = nta_timeline_key(timeline, change->number);
    const uint8_t *identity = nta_timeline_identity_of(timeline, change->number);
    struct nta_note note;

    *ret_by_identity = identity && (nta_change_adopts(change, timeline->sensor, identity, &note) ||
                                    nta_change_identity(change, timeline->sensor, identity, &note));
    change->is_signed = stretch->is_known && nta_change_signed(change, stretch->key);
    return change->is_signed || *ret_by_identity;
}

/** The identity's notes in it are those of another head of its number: anybody can copy them. */
static bool is_copy(const struct nta_timeline *timeline, const struct nta_change *change)
{
    for (size_t i = find_place(timeline, change->number);
         i < timeline->n && timeline->all[i]->number == change->number; i++) {
        if (timeline->all[i]->adopts >= change->adopts &&
            timeline->all[i]->renews >= change->renews)
            return true;
    }
    return false;
}

/** Nothing that counts, and nothing that was adopted, begins behind it. */
static bool is_last(const struct nta_timeline *timeline, const struct nta_change *change)
{
    return timeline->placed < change->number &&
           timeline->stretches[timeline->n_stretches - 1].from <= change->number &&
           (timeline->placed > 0 || change->number == 1);
}

/**
 * A head that is there, as far as is known now what it says.  Of those behind it that nobody signed
 * none is looked at again: whoever holds a store chooses how many there are.
 */
static int weigh(struct nta_timeline *timeline, struct nta_change *change)
{
    bool by_identity = false, was_loose = change->is_weighed && is_loose(change);
    bool is_said = says(timeline, change, &by_identity);

    change->is_weighed = true;
    timeline->n_loose += (size_t)!is_said - (size_t)was_loose;
    if (!is_said)
        return 0;
    if (by_identity || !is_last(timeline, change))
        timeline->is_dirty = true;
    else if (!timeline->is_dirty)
        nta_timeline_place(timeline, change);
    timeline->has_placed = true;
    return timeline->is_failed ? -ENOMEM : 0;
}

static int take_new(struct nta_timeline *timeline, const struct nta_stored *row,
                    const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_change *change;
    bool by_identity;

    if (timeline->n - timeline->n_loose >= HELD_MAX) {
        timeline->is_full = true;
        return 0;
    }
    if (timeline->n_loose >= LOOSE_MAX)
        drop_loose(timeline);
    change = nta_change_new(row, hash);
    if (!change)
        return -ENOMEM;
    change->came = timeline->n_came++;
    if (says(timeline, change, &by_identity) && by_identity && !change->is_signed &&
        is_copy(timeline, change)) {
        free(change);
        return 0;
    }
    if (insert(timeline, change) < 0) {
        free(change);
        return -ENOMEM;
    }
    return weigh(timeline, change);
}

int nta_timeline_learn(struct nta_timeline *timeline, const struct nta_stored *row,
                       const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_change *known;

    if (!nta_timeline_concerns(row))
        return 0;
    known = find(timeline, row->header.number, hash);
    if (!known)
        return take_new(timeline, row, hash);
    return is_loose(known) ? weigh(timeline, known) : 0;
}

int nta_timeline_settle(struct nta_timeline *timeline)
{
    if (timeline->is_failed)
        return -ENOMEM;
    return timeline->is_dirty ? sweep(timeline) : 0;
}

bool nta_timeline_may_say_more(const struct nta_timeline *timeline)
{
    return timeline->has_placed && timeline->n_loose > 0;
}

/* ---- asking ---- */

bool nta_timeline_faults(const struct nta_timeline *timeline, size_t i,
                         struct nta_change_faults *ret_faults)
{
    if (i >= timeline->n)
        return false;
    const struct nta_change *change = timeline->all[i];

    *ret_faults = (struct nta_change_faults){
        .number = change->number,
        .bad_next = change->counts && change->bad_next,
        .bad_note = change->counts && change->bad_note,
    };
    return true;
}
