/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/weight.h"

#include "base/own.h"
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

uint8_t nta_act_weightier(uint8_t a, uint8_t b)
{
    return nta_act_weight(a) >= nta_act_weight(b) ? a : b;
}

enum nta_order nta_order_find(const char *word)
{
    static const char *const words[NTA_N_ORDERS] = {"act",  "severity", "grade",
                                                    "seen", "bytes",    "time"};

    for (unsigned i = 0; i < NTA_N_ORDERS; i++) {
        if (strcasecmp(words[i], word) == 0)
            return (enum nta_order)i;
    }
    return NTA_N_ORDERS;
}

static int more_first(uint64_t a, uint64_t b)
{
    return a > b ? -1 : a < b;
}

static int order_one(enum nta_order by, const struct nta_weight *a, const struct nta_weight *b)
{
    switch (by) {
    case NTA_ORDER_ACT: return more_first(nta_act_weight(a->act), nta_act_weight(b->act));
    case NTA_ORDER_SEVERITY: return more_first(a->severity, b->severity);
    case NTA_ORDER_GRADE: return more_first(a->grade, b->grade);
    case NTA_ORDER_SEEN: return more_first(a->seen, b->seen);
    case NTA_ORDER_BYTES: return more_first(a->bytes, b->bytes);
    case NTA_ORDER_TIME: return a->time_ns > b->time_ns ? -1 : a->time_ns < b->time_ns;
    case NTA_N_ORDERS: break;
    }
    return 0;
}

int nta_weight_order(enum nta_order by, const struct nta_weight *a, const struct nta_weight *b)
{
    const enum nta_order then[] = {by, NTA_ORDER_ACT, NTA_ORDER_SEVERITY, NTA_ORDER_BYTES};

    int order = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(then) && order == 0; i++)
        order = order_one(then[i], a, b);
    return order;
}

static struct nta_weight weight_of(const struct nta_incident *incident)
{
    return (struct nta_weight){
        .act = incident->act,
        .severity = incident->severity,
        .grade = incident->grade,
        .seen = incident->seen,
        .bytes = incident->up + incident->down,
        .time_ns = incident->begin_ns,
    };
}

int nta_incident_order(enum nta_order by, const struct nta_incident *a,
                       const struct nta_incident *b)
{
    const struct nta_weight left = weight_of(a), right = weight_of(b);
    int order = nta_weight_order(by, &left, &right);

    if (order == 0)
        order = more_first(a->n_records, b->n_records);
    if (order == 0 && a->begin_ns != b->begin_ns)
        order = a->begin_ns < b->begin_ns ? -1 : 1;
    return order ? order : strcmp(a->id, b->id);
}
