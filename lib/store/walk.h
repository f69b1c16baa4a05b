/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The walk behind nta_store_each(), and its marks.  Private to the store.
 *
 * It moves on whatever a store gives: in a run from number to greater number, and a number that is not in the range that
 * was asked for counts as damage.  Where the store answers -EIO, it goes on behind: the next place that can be read is
 * found by doubling the step and then halving it.
 */

#include "store/store_internal.h"

/** Up to where the sensor was looked through; 0: nowhere. */
uint64_t nta_store_mark_of(const struct nta_store_marks *marks,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** 0 or -ENOMEM. */
int nta_store_mark_raise(struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t number);

/** True if the store's malformed rows were not given yet; they count as given then. */
bool nta_store_mark_odd(struct nta_store_marks *marks, const struct nta_store *store);
