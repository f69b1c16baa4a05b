/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/weight.h"

#include "record/record.h"

#include <string.h>

unsigned nta_act_weight(uint8_t act)
{
    switch ((enum nta_act)act) {
    case NTA_ACT_DOWNLOADED: return 4;
    case NTA_ACT_UPLOADED: return 3;
    case NTA_ACT_CONTACTED: return 2;
    case NTA_ACT_ASKED: return 1;
    case NTA_ACT_NONE:
    case NTA_ACT_END: return 0;
    }
    return 0;
}

static int more_first(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}

int nta_incident_order(const struct nta_incident *a, const struct nta_incident *b)
{
    int order = more_first(nta_act_weight(a->act), nta_act_weight(b->act));

    if (order == 0)
        order = more_first(a->severity, b->severity);
    if (order == 0)
        order = more_first(a->up + a->down, b->up + b->down);
    if (order == 0)
        order = more_first(a->n_records, b->n_records);
    if (order == 0 && a->begin_ns != b->begin_ns)
        order = a->begin_ns < b->begin_ns ? -1 : 1;
    return order ? order : strcmp(a->id, b->id);
}
