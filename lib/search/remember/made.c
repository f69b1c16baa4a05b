/* SPDX-License-Identifier: Apache-2.0 */
#include "search/remember/made.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nta_made_init(struct nta_made *made, const struct nta_trust *trust)
{
    *made = (struct nta_made){.all = calloc(trust->n + 1, sizeof(*made->all))};
    if (!made->all)
        return -ENOMEM;
    for (; made->n < trust->n; made->n++)
        memcpy(made->all[made->n].sensor, trust->all[made->n].sensor, NTA_SENSOR_ID_LEN);
    return 0;
}

void nta_made_done(struct nta_made *made)
{
    free(made->all);
    *made = (struct nta_made){.all = NULL};
}

struct nta_made_of *nta_made_find(const struct nta_made *made,
                                  const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    for (size_t i = 0; i < made->n; i++) {
        if (memcmp(made->all[i].sensor, sensor, NTA_SENSOR_ID_LEN) == 0)
            return &made->all[i];
    }
    return NULL;
}

void nta_made_leave(const struct nta_made *made, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                    uint64_t number)
{
    struct nta_made_of *of = nta_made_find(made, sensor);

    if (of && (of->left == 0 || number < of->left))
        of->left = number;
}

uint64_t nta_made_to(const struct nta_made *made, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                     uint64_t number)
{
    const struct nta_made_of *of = nta_made_find(made, sensor);

    return !of ? 0 : of->left && of->left <= number ? of->left - 1 : number;
}
