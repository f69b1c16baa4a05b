/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a timeline (chain/timeline.h) has, and what follows from its heads.  The judge's own. */

#include "chain/change.h"
#include "chain/prints.h"

/** From this number to the next stretch's first. */
struct nta_stretch
{
    uint64_t from;
    bool is_known; ///< False: which key signs is not known.
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
    uint64_t number; ///< Of the header that notes it: the highest.
};

/** Numbers that are lost to the sensor. */
struct nta_lost
{
    uint64_t from, to; ///< The header `to` + 1 notes it.
    unsigned reason;
};

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
    struct nta_lost *lost; ///< By `from`; none overlaps another.
    size_t n_lost, size_lost;
    struct nta_prints keys; ///< Of keys that were one of this chain.
    uint64_t placed;        ///< The last number of which a head counts.
    bool has_checkpoint_key;
    uint8_t checkpoint_key[NTA_KEY_LEN];
};

/** Who signs the header of this number (above 0).  Borrows until something is learnt. */
const struct nta_stretch *nta_timeline_key(const struct nta_timeline *timeline, uint64_t number);

/** One more place behind `n`.  0, or -ENOMEM. */
int nta_make_space(void **array, size_t n, size_t *size, size_t each);

/** The identity that signs notes of the header with this number; NULL: it is revoked. */
const uint8_t *nta_timeline_identity_of(const struct nta_timeline *timeline, uint64_t number);

/** One more head, behind all that have their place and all that was adopted. */
void nta_timeline_place(struct nta_timeline *timeline, struct nta_change *change);

/** All of it anew, from the first head on.  0, or -ENOMEM. */
int nta_timeline_sweep(struct nta_timeline *timeline);
