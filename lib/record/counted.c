/* SPDX-License-Identifier: Apache-2.0 */
#include "record/counted.h"

static bool counts_flow(const struct nta_record *flow, enum nta_counting counting)
{
    switch (counting) {
    case NTA_COUNTING_TRAFFIC: return true;
    case NTA_COUNTING_SITES: return !nta_app_has(flow->app, NTA_TRAIT_PER_REQUEST);
    case NTA_COUNTING_FILES: return !flow->told && !nta_app_has(flow->app, NTA_TRAIT_PER_REQUEST);
    case NTA_COUNTING_ALL: return true;
    }
    return true;
}

static bool counts_request(const struct nta_record *request, enum nta_counting counting)
{
    switch (counting) {
    case NTA_COUNTING_TRAFFIC: return false;
    case NTA_COUNTING_SITES: return nta_app_has(request->app, NTA_TRAIT_PER_REQUEST);
    case NTA_COUNTING_FILES:
    case NTA_COUNTING_ALL: return true;
    }
    return true;
}

static bool has_bytes_of(const struct nta_record *record, enum nta_counting counting)
{
    return (record->event == NTA_RECORD_FLOW && counts_flow(record, counting)) ||
           (record->event == NTA_RECORD_REQUEST && counts_request(record, counting)) ||
           (record->event == NTA_RECORD_DOWNLOAD && counting == NTA_COUNTING_ALL) ||
           record->event == NTA_RECORD_LOOKUP;
}

uint64_t nta_record_n(const struct nta_record *record)
{
    return record->count ? record->count : 1;
}

struct nta_counted nta_record_counted(const struct nta_record *record, enum nta_counting counting)
{
    const bool is_flow = record->event == NTA_RECORD_FLOW;
    const bool is_download = record->event == NTA_RECORD_DOWNLOAD;
    const bool is_its_requests = is_flow && counting != NTA_COUNTING_ALL &&
                                 (nta_app_has(record->app, NTA_TRAIT_PER_REQUEST) ||
                                  (record->told && counting == NTA_COUNTING_FILES));
    const bool is_told_by_others = is_download && counting != NTA_COUNTING_ALL;
    const bool has_bytes = has_bytes_of(record, counting);

    return (struct nta_counted){
        .n = is_its_requests || is_told_by_others ? 0 : nta_record_n(record),
        .up = has_bytes ? record->up.bytes : 0,
        .down = has_bytes ? record->down.bytes : 0,
    };
}

void nta_counting_see(struct nta_counting_seen *seen, const struct nta_record *record)
{
    const bool is_flow = record->event == NTA_RECORD_FLOW;
    const bool is_request = record->event == NTA_RECORD_REQUEST;
    const bool per_request = nta_app_has(record->app, NTA_TRAIT_PER_REQUEST);

    if (record->match.list.len || record->carrier) /* recorded whatever a sensor is told */
        return;
    seen->flows |= is_flow;
    seen->requests |= is_request;
    seen->request_flows |= is_flow && per_request;
    seen->request_requests |= is_request && per_request;
}

const char *nta_counting_lacks(const struct nta_counting_seen *seen, enum nta_counting counting)
{
    if (counting == NTA_COUNTING_ALL)
        return NULL;
    if (counting != NTA_COUNTING_FILES && seen->requests && !seen->flows)
        return "The bytes of connections that no list forbids are not counted: only their requests "
               "are recorded (record.flows = false, or they still go on).";
    if (seen->request_flows && !seen->request_requests)
        return "HTTP requests that no list forbids are not counted: only their connections are "
               "recorded (record.requests = false).";
    return NULL;
}

bool nta_record_is_lookup(const struct nta_record *record)
{
    /* an alert about a listed resolver has the resolver's app, too, but no question */
    return record->event == NTA_RECORD_LOOKUP ||
           (record->event == NTA_RECORD_ALERT && record->asked &&
            nta_app_has(record->app, NTA_TRAIT_LOOKUP));
}

const struct nta_place *nta_record_site_place(const struct nta_record *record)
{
    static const struct nta_place nowhere;

    return nta_record_is_lookup(record) ? &nowhere : &record->peer.place;
}

enum nta_act nta_record_did(const struct nta_record *record)
{
    if (record->act)
        return (enum nta_act)record->act;
    if (record->download)
        return NTA_ACT_DOWNLOADED;
    return nta_record_is_lookup(record) ? NTA_ACT_ASKED : NTA_ACT_CONTACTED;
}
