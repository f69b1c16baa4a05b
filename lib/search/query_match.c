/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a record is what a query asks for. */
#include "base/text.h"
#include "search/query.h"

#include <string.h>

/** The site itself or a subdomain. */
static bool site_has(struct nta_span site, const char *domain)
{
    size_t len = strlen(domain);

    if (site.len && site.ptr[site.len - 1] == '.')
        site.len--;
    if (site.len > len && site.ptr[site.len - len - 1] == '.') {
        site.ptr += site.len - len;
        site.len = len;
    }
    return nta_span_is(site, domain);
}

static bool user_has(const struct nta_query *query, const struct nta_record_side *user)
{
    if (query->user_is_mac)
        return user->has_mac && memcmp(user->mac, query->user_mac, sizeof(user->mac)) == 0;
    if (query->user_is_addr)
        return nta_prefix_has(&query->user_prefix, &user->addr);
    return nta_span_is(user->login, query->user) || nta_span_is(user->name, query->user);
}

/** "video/mp4" is "video/mp4", "video" and "mp4". */
static bool type_has(struct nta_span type, const char *word)
{
    struct nta_span rest = nta_span_before(type, ';');

    if (!nta_span_has(rest, '/') || strchr(word, '/'))
        return nta_span_is(rest, word);
    return nta_span_is(nta_span_take(&rest, '/'), word) || nta_span_is(rest, word);
}

static bool time_has(const struct nta_query *query, const struct nta_record *record)
{
    int64_t last_ns =
        record->end_ns && !query->begun ? record->end_ns : record->time_ns; /* a moment, or begun */

    return (!query->since_ns || last_ns >= query->since_ns) &&
           (!query->until_ns || record->time_ns < query->until_ns);
}

/** What a record's match says. */
static bool match_has(const struct nta_query *query, const struct nta_record *record)
{
    if ((query->matched && !record->match.list.len) || (query->download && !record->download))
        return false;
    if (query->list && !nta_span_is(record->match.list, query->list))
        return false;
    return !query->category || nta_span_is(record->match.category, query->category);
}

bool nta_query_has(const struct nta_query *query, const struct nta_record *record)
{
    /* the sensor's own canaries are nobody's doing: only who names them gets them */
    const unsigned events = query->events ? query->events : ~(1U << NTA_RECORD_CANARY);

    if (!(events >> (unsigned)record->event & 1))
        return false;
    if (!time_has(query, record) || !match_has(query, record))
        return false;
    if (query->user && !user_has(query, &record->user))
        return false;
    if (query->site && !site_has(record->site, query->site))
        return false;
    if (query->app && (unsigned)record->app != query->app)
        return false;
    if (query->bytes_above && record->up.bytes + record->down.bytes <= query->bytes_above)
        return false;
    if (query->grades && !(query->grades >> (unsigned)nta_record_grade(record) & 1))
        return false;
    if (query->type && !type_has(record->file.type, query->type))
        return false;
    return !query->country ||
           nta_span_is(nta_span_of(record->peer.place.country_code), query->country);
}

bool nta_query_sums_outer_flows(const struct nta_query *query)
{
    return query->app || query->matched || query->download || query->list || query->category;
}

uint32_t nta_query_parts(const struct nta_query *query)
{
    uint32_t parts = 0;

    parts |= query->user ? NTA_PART_USER : 0;
    parts |= query->site ? NTA_PART_SITE : 0;
    parts |= query->country ? NTA_PART_PEER : 0;
    parts |= query->app ? NTA_PART_APP : 0;
    parts |= query->type ? NTA_PART_FILE : 0;
    parts |= query->bytes_above ? NTA_PART_COUNTS : 0;
    parts |= query->list || query->category || query->matched ? NTA_PART_MATCH : 0;
    parts |= query->download ? NTA_PART_FLAGS : 0;
    parts |= query->grades ? NTA_PART_EVIDENCE | NTA_PART_FLAGS | NTA_PART_MATCH : 0;
    return parts;
}
