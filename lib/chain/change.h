/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A head of format 2 that names a key or has notes, kept as it came.  Private to the judge's
 * timeline.  What was checked of it is remembered with the key that it was checked by.
 */

#include "store/store.h"
#include "vault/note.h"

struct nta_change
{
    uint64_t number;
    uint64_t came;          ///< The how many-th that was learnt.
    int64_t sealed_ns, day; ///< When it was sealed.
    uint8_t hash[NTA_HASH_LEN];
    bool has_next;
    uint8_t next[NTA_KEY_LEN];
    /* as the timeline sees it now */
    bool is_weighed; ///< It was looked at whether anybody signed it.
    bool is_signed;  ///< By the key of its number;
    bool counts;     ///< and it is the one of that number.
    bool bad_next, bad_note;
    /* remembered */
    unsigned n_checks;             ///< So often its signature was looked at,
    bool is_checked, holds;        ///< the last time
    uint8_t checked[NTA_KEY_LEN];  ///< by this key;
    bool is_asked, adopts, renews; ///< its notes, the first of each kind,
    uint8_t asked[NTA_KEY_LEN];    ///< by this identity.
    /* the header's bytes, and in them */
    size_t notes_at, notes_len, n_notes;
    uint8_t signature[NTA_SIGNATURE_LEN];
    size_t len;
    uint8_t bytes[];
};

/** A copy of a row's head.  NULL: no memory.  free() it. */
struct nta_change *nta_change_new(const struct nta_stored *row, const uint8_t hash[NTA_HASH_LEN]);

/** Its note `i`; false: it has not so many. */
bool nta_change_note(const struct nta_change *change, size_t i, struct nta_note *ret_note);

/** True if this key signed it. */
bool nta_change_signed(struct nta_change *change, const uint8_t key[NTA_KEY_LEN]);

/** True if its first note that adopts a key is this identity's. */
bool nta_change_adopts(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       const uint8_t identity[NTA_KEY_LEN], struct nta_note *ret_note);

/** True if its first note of another identity, or none, is this identity's. */
bool nta_change_identity(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         const uint8_t identity[NTA_KEY_LEN], struct nta_note *ret_note);

/** True if it has no note of an identity but at most one of each kind, by this one (NULL: none). */
bool nta_change_notes_hold(struct nta_change *change, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                           const uint8_t *identity);
