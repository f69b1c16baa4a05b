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

#include "chain/signers.h"
#include "store/store.h"

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
