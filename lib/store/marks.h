/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Marks as the walk moves them: up to where each sensor was looked through.  Private to the store.
 */

#include "store/store.h"

/** Up to where the sensor was looked through; 0: nowhere. */
uint64_t nta_store_mark_of(const struct nta_store_marks *marks,
                           const uint8_t sensor[NTA_SENSOR_ID_LEN]);

/** 0 or -ENOMEM. */
int nta_store_mark_raise(struct nta_store_marks *marks, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t number);

/** True if the store's malformed rows were not given yet; they count as given then. */
bool nta_store_mark_odd(struct nta_store_marks *marks, const struct nta_store *store);
