/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who signs what in one sensor's chain of format 2, and what its notes excuse.  Private to the
 * judge.
 *
 * Batch 1 is signed by the identity; a proved header's `next` signs from the next number on; a note
 * of the identity that adopts a key puts that in its place from a number on; a note of the identity
 * can put another one in its own place, or revoke it (vault/note.h).  Heads that say such things
 * may come in any order, and from anybody: they are kept as they are, each counts once it is signed
 * by the key of its number, and of several with one number the first.  What comes before an earlier
 * one moves all that follows, and is looked at anew.
 *
 * An identity's note is signed by itself, for one sensor and number: it counts also in a header
 * whose own signature nobody can prove yet, which is how a key is adopted.
 *
 * Bounds: heads that nobody signed are at most LOOSE_MAX, the newest, and each is held against at
 * most CHECKS_MAX keys; those that are signed are at most HELD_MAX, which only a sensor's own key
 * can reach.  Of each head at most two notes of the identity are looked at.
 */

#include "chain/prints.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    struct nta_lost *lost; ///< By `from`; none overlaps another.
    size_t n_lost, size_lost;
    struct nta_prints keys; ///< Of keys that were one of this chain.
    uint64_t placed;        ///< The last number of which a head counts.
    bool has_checkpoint_key;
    uint8_t checkpoint_key[NTA_KEY_LEN];
};

/** An empty one of this sensor and first identity, both borrowed.  0, or -ENOMEM. */
int nta_timeline_init(struct nta_timeline *timeline, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                      const uint8_t identity[NTA_KEY_LEN]);
/** Free what it owns. */
void nta_timeline_done(struct nta_timeline *timeline);

/** True if the head of this row has anything to say here. */
bool nta_timeline_concerns(const struct nta_stored *row);

/**
 * Learn a head, which is copied; `hash` is its nta_header_hash().  One that is known is looked at
 * again if nobody had signed it.  Settle before asking.  0, or -ENOMEM.
 */
int nta_timeline_learn(struct nta_timeline *timeline, const struct nta_stored *row,
                       const uint8_t hash[NTA_HASH_LEN]);

/** Find anew what all heads say, if what was learnt may change it.  0, or -ENOMEM. */
int nta_timeline_settle(struct nta_timeline *timeline);

/** True if one that nobody had signed when it was looked at may be signed by now. */
bool nta_timeline_may_say_more(const struct nta_timeline *timeline);

/** Who signs the header of this number (above 0).  Borrows until something is learnt. */
const struct nta_stretch *nta_timeline_key(const struct nta_timeline *timeline, uint64_t number);

/** True if that very head was learnt, and is signed by the key of its number, and counts. */
bool nta_timeline_holds(const struct nta_timeline *timeline, uint64_t number,
                        const uint8_t hash[NTA_HASH_LEN]);

/** The identity that is in force in the end; NULL: it is revoked. */
const uint8_t *nta_timeline_identity(const struct nta_timeline *timeline);

/** The note of a header above `number` that contents of this class and day are deleted, or NULL. */
const struct nta_deleted *nta_timeline_deleted(const struct nta_timeline *timeline, uint64_t number,
                                               enum nta_class class, int64_t day);

/** The first lost range that ends at `number` or after; NULL: there is none. */
const struct nta_lost *nta_timeline_lost_from(const struct nta_timeline *timeline, uint64_t number);

/** What is wrong with a head that counts. */
struct nta_change_faults
{
    uint64_t number;
    bool bad_next; ///< Its `next` was a key of this chain before.
    bool bad_note; ///< A note in it is not what the identity signed, or excuses nothing.
};

/** The faults of head `i` in their order; false: there are not so many. */
bool nta_timeline_faults(const struct nta_timeline *timeline, size_t i,
                         struct nta_change_faults *ret_faults);
