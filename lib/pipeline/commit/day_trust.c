/* SPDX-License-Identifier: Apache-2.0 */
/* Whose notes of days count. */
#include "base/own.h"
#include "pipeline/commit/day_notes.h"
#include "pipeline/commit/unadopted.h"
#include "vault/keycheck.h"

#include <assert.h>
#include <string.h>

static_assert((int)NTA_DAY_LINES_MAX > (int)NTA_UNADOPTED_MAX, "beside that of the first batch");

bool nta_day_trust_init(struct nta_day_trust *trust, const char *keys_dir,
                        const uint8_t sensor[NTA_SENSOR_ID_LEN],
                        const struct nta_unadopted *unadopted)
{
    struct nta_err ignored = {0};
    uint8_t id[NTA_SENSOR_ID_LEN];

    memset(trust, 0, sizeof(*trust)); /* it is compared */
    memcpy(trust->sensor, sensor, sizeof(trust->sensor));
    if (nta_keys_sensor_public(keys_dir, trust->identity, &ignored) == 0) {
        nta_sensor_id(trust->identity, id);
        trust->has_identity = memcmp(id, sensor, sizeof(id)) == 0;
    }
    for (size_t i = 0; i < unadopted->n; i++) {
        trust->lines[i].from = unadopted->keys[i].from;
        memcpy(trust->lines[i].key, unadopted->keys[i].key, NTA_KEY_LEN);
    }
    trust->n_lines = unadopted->n;
    return trust->has_identity;
}

int nta_day_trust_look(struct nta_day_trust *trust, const struct nta_keys_place *place,
                       struct nta_err *err)
{
    struct nta_unadopted unadopted = {.n = 0};
    struct nta_sensor_public sensor;
    uint8_t identity[NTA_KEY_LEN], id[NTA_SENSOR_ID_LEN];
    struct nta_err ignored = {0};
    int r = nta_keys_sensor_public(place->keys_dir, identity, err);

    if (r < 0)
        return r;
    nta_sensor_id(identity, id);
    if (nta_keys_public(place, &sensor, &ignored) == 0)
        (void)nta_unadopted_read(place->state_dir, &sensor, &unadopted, &ignored);
    (void)nta_day_trust_init(trust, place->keys_dir, id, &unadopted);
    return 0;
}
