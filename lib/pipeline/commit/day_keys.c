/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/day_keys.h"

int nta_day_keys_destroy(struct nta_store *store, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         const struct nta_store_day *day, struct nta_err *err)
{
    struct nta_store_day there;
    int r = nta_store_next_day(store, sensor, day->class, day->day - 1, &there, err);

    if (r < 0 || (r == 1 && there.day == day->day && there.last > day->last))
        return r < 0 ? r : 0;
    return nta_store_destroy_key(store, sensor, day->class, day->day, err);
}
