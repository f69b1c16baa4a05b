/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Marks: up to where each sensor's numbers were looked through, so that the next walk begins behind
 * them.  Whoever walks again and again owns some (store/walk.h); only the walk moves them.
 */

#include "store/store.h"

/** How far each sensor's numbers were looked through. */
struct nta_store_mark
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number;
};

struct nta_store_marks
{
    struct nta_store_mark *marks; ///< Owned; by sensor.
    size_t n_marks, size;
    const struct nta_store *odd[2]; ///< Stores whose malformed rows were given.
};

/** Frees what they own; they are then marks of nothing, as zeroed ones are. */
void nta_store_marks_done(struct nta_store_marks *marks);

/** `marks` is then as far as either was; 0, or -ENOMEM. */
int nta_store_marks_merge(struct nta_store_marks *marks, const struct nta_store_marks *from);

/* ---- the walk's own ---- */

/** Up to where the sensor was looked through; 0: nowhere. */
uint64_t nta_store_mark_of(const struct nta_store_marks *marks,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** 0 or -ENOMEM. */
int nta_store_mark_raise(struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t number);

/** True if the store's malformed rows were not given yet; they count as given then. */
bool nta_store_mark_odd(struct nta_store_marks *marks, const struct nta_store *store);
