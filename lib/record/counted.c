/* SPDX-License-Identifier: Apache-2.0 */
#include "record/counted.h"

static bool counts_flow(const struct nta_record *flow, enum nta_counting counting)
{
    switch (counting) {
    case NTA_COUNTING_TRAFFIC: return true;
    case NTA_COUNTING_SITES: return !nta_app_has(flow->app, NTA_TRAIT_PER_REQUEST);
    case NTA_COUNTING_FILES: /* one that is a download had no requests that could be read */
        return flow->download || !nta_app_has(flow->app, NTA_TRAIT_REQUESTS);
    }
    return true;
}

static bool counts_request(const struct nta_record *request, enum nta_counting counting)
{
    switch (counting) {
    case NTA_COUNTING_TRAFFIC: return false;
    case NTA_COUNTING_SITES: return nta_app_has(request->app, NTA_TRAIT_PER_REQUEST);
    case NTA_COUNTING_FILES: return true;
    }
    return true;
}

struct nta_counted nta_record_counted(const struct nta_record *record, enum nta_counting counting)
{
    const bool is_flow = record->event == NTA_RECORD_FLOW;
    const bool has_bytes =
        is_flow ? counts_flow(record, counting)
                : record->event == NTA_RECORD_REQUEST && counts_request(record, counting);

    return (struct nta_counted){
        .n = !is_flow || (has_bytes && !nta_app_has(record->app, NTA_TRAIT_PER_REQUEST)),
        .up = has_bytes ? record->up.bytes : 0,
        .down = has_bytes ? record->down.bytes : 0,
    };
}

bool nta_record_is_lookup(const struct nta_record *record)
{
    /* an alert about a listed resolver has the resolver's app, too, but no question */
    return record->event == NTA_RECORD_LOOKUP ||
           (record->event == NTA_RECORD_ALERT && record->query_type != 0 &&
            nta_app_has(record->app, NTA_TRAIT_LOOKUP));
}
