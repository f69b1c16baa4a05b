/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the heads of one sensor's chain say of who signs what, and of what is excused: kept in
 * order, and asked.  It is learnt in timeline.h.  Private to the judge.
 */

#include "chain/set/prints.h"
#include "vault/sealed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** From this number to the next stretch's first. */
struct nta_stretch
{
    uint64_t from;
    bool is_known;   ///< False: which key signs is not known.
    bool is_adopted; ///< The identity put the key there; else the head before `from` names it.
    uint8_t key[NTA_KEY_LEN];
};

/** An identity, which signs notes of headers with a number above. */
struct nta_identity
{
    uint64_t above;
    uint8_t key[NTA_KEY_LEN];
};

/** A note that contents were deleted. */
struct nta_deleted
{
    enum nta_class class;
    unsigned reason;
    int64_t day;
    uint64_t number;    ///< Of the header that notes it: the highest.
    uint64_t n_batches; ///< All notes of it together.
};

/** Days of evidence and log of which nothing may be deleted, for one incident. */
struct nta_kept
{
    uint64_t batch, record; ///< The incident's first record.
    int64_t first, last;    ///< Days.
    bool of_who;            ///< Of the class who; else of evidence and log.
};

/** Numbers that are lost to the sensor. */
struct nta_lost
{
    uint64_t from, to; ///< The header `to` + 1 notes it,
    int64_t noted_ns;  ///< sealed then.
    unsigned reason;
};

struct nta_change; ///< A head that was kept.

struct nta_timeline
{
    const uint8_t *sensor, *root; ///< Borrowed: its id, its first identity.
    struct nta_change **all;      ///< Owned, as what follows: by number, then as they came.
    size_t n, size, n_loose;
    uint64_t n_came;
    bool is_full, is_failed; ///< More than are kept; no memory.
    bool is_dirty;           ///< What they say is to be found anew.
    bool has_placed;         ///< One more counts since all were looked at.
    /* what they say */
    struct nta_stretch *stretches; ///< By `from`, the first from 1.
    size_t n_stretches, size_stretches;
    struct nta_identity *identities; ///< By `above`, the first of 0.
    size_t n_identities, size_identities;
    uint64_t revoked;            ///< The header that revokes the identity; 0: none.
    struct nta_stretch *adopted; ///< By `from`.
    size_t n_adopted, size_adopted;
    struct nta_deleted *deleted; ///< By class and day.
    size_t n_deleted, size_deleted;
    struct nta_kept *kept; ///< Holds that stand, by the last header that counts.
    size_t n_kept, size_kept;
    struct nta_lost *lost; ///< By `from`; none overlaps another.
    size_t n_lost, size_lost;
    struct nta_prints keys; ///< Of keys that were one of this chain.
    uint64_t placed;        ///< The last number of which a head counts.
    bool has_checkpoint_key;
    uint8_t checkpoint_key[NTA_KEY_LEN];
};

/** Who signs the header of this number (above 0).  Borrows until something is learnt. */
const struct nta_stretch *nta_timeline_key(const struct nta_timeline *timeline, uint64_t number);

/** The identity that signs notes of the header with this number; NULL: it is revoked. */
const uint8_t *nta_timeline_identity_of(const struct nta_timeline *timeline, uint64_t number);

/** The last identity, be it revoked or not. */
const uint8_t *nta_timeline_identity(const struct nta_timeline *timeline);

/** The note of a header above `number` that contents of this class and day are deleted, or NULL. */
const struct nta_deleted *nta_timeline_deleted(const struct nta_timeline *timeline, uint64_t number,
                                               enum nta_class class, int64_t day);

/** The first lost range that ends at `number` or after; NULL: there is none. */
const struct nta_lost *nta_timeline_lost_from(const struct nta_timeline *timeline, uint64_t number);
/** The lost range that `number` lies in; NULL: it is not lost. */
const struct nta_lost *nta_timeline_lost_at(const struct nta_timeline *timeline, uint64_t number);
