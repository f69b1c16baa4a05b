/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Data keys of a day whose contents are to go, in whatever store. */

#include "store/store.h"

/**
 * Overwrite them, unless batches came to the day later, which have keys of their own among them:
 * these go when the day is destroyed again.  0, also if there are none; or negative errno, as
 * nta_store_destroy_key().
 */
int nta_day_keys_destroy(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         const struct nta_store_day *day, struct nta_err *err);
