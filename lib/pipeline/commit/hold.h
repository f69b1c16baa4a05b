/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Days that are held for an incident: their evidence and their log stay, or who had which address
 * on them, whatever their age and however full the store is, until the hold is released.  That is
 * said by notes in headers (kind 7, docs/format.md), so it outlives a restart, nobody can take it
 * away without a hole in the chain, and the judge takes a deletion of such a day for what it is.
 */

#include "pipeline/commit/commit.h"
#include "pipeline/commit/day_notes.h"
#include "record/class.h"

/** One that stands. */
struct nta_hold
{
    uint64_t batch, record;      ///< The incident's first record.
    int64_t first_day, last_day; ///< UTC days of sealing, ends included.
    uint64_t noted;              ///< The header that says so.
    bool of_who;                 ///< Held are records of who had which address, and no others.
};

/** Those of a sensor; zeros: none. */
struct nta_holds
{
    struct nta_hold *all; ///< Owned.
    size_t n, size;
};

enum
{
    NTA_HOLDS_MAX = 4096,
    NTA_HOLD_DAYS_MAX = 62 ///< Of one of them.
};

/** Frees what it owns; none are left. */
void nta_holds_done(struct nta_holds *holds);

/**
 * True if contents of this class and day are to stay, by what headers below `number` note.
 */
bool nta_holds_keep(const struct nta_holds *holds, enum nta_class class, int64_t day,
                    uint64_t number);

/** True if all days of `hold` are in one that stands for its incident and keeps the same. */
bool nta_holds_cover(const struct nta_holds *holds, const struct nta_hold *hold);

/** The one of this incident that was noted last, or NULL.  Borrows. */
const struct nta_hold *nta_holds_find(const struct nta_holds *holds, uint64_t batch,
                                      uint64_t record);

/**
 * Replace `holds` by what settled notes say.  0; -E2BIG: there are more than NTA_HOLDS_MAX; or
 * negative errno: they are as they were.
 */
int nta_holds_take(struct nta_holds *holds, const struct nta_day_notes *notes, struct nta_err *err);

/** What is to be said of an incident. */
struct nta_hold_saying
{
    struct nta_hold hold; ///< `noted` is filled in.
    bool is_released;
    struct nta_span actor, text; ///< Who wants it, and why; borrowed.
};

/**
 * Note it, with a record that tells who said it, and change `holds` accordingly.  0 or negative
 * errno, and nothing is noted.
 */
int nta_commit_note_hold(struct nta_commit *commit, struct nta_hold_saying *saying,
                         struct nta_holds *holds, struct nta_err *err);
