/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a record is what a query asks for. */
#include "base/text.h"
#include "proto/file/types.h"
#include "search/period.h"
#include "search/query.h"

#include <string.h>

/* WORD_has() of each OWN row: whether the record is what was asked for, which is set. */

/** The site itself or a subdomain. */
static bool site_has(const struct nta_query *query, const struct nta_record *record)
{
    struct nta_span site = record->site;
    size_t len = strlen(query->site);

    if (site.len && site.ptr[site.len - 1] == '.')
        site.len--;
    if (site.len > len && site.ptr[site.len - len - 1] == '.') {
        site.ptr += site.len - len;
        site.len = len;
    }
    return nta_span_is(site, query->site);
}

/** An IPv6 network that is written out for IPv4 addresses in it: others have none. */
static bool maps_v4(const struct nta_query *query)
{
    return query->user_prefix.len >= 96;
}

static bool user_has(const struct nta_query *query, const struct nta_record *record)
{
    const struct nta_record_side *user = &record->user;

    if (query->user_is_mac)
        return nta_span_is(user->device, query->user_device) ||
               (user->has_mac && memcmp(user->mac, query->user_mac, sizeof(user->mac)) == 0);
    if (query->user_is_addr)
        return nta_prefix_has(&query->user_prefix, &user->addr) &&
               !(nta_addr_is_v4(&user->addr) && strchr(query->user, ':') && !maps_v4(query));
    return nta_span_is(user->login, query->user) || nta_span_is(user->name, query->user) ||
           nta_span_is(user->person, query->user) || nta_span_is(user->device, query->user);
}

/** "video/mp4" is "video/mp4", "video" and "mp4"; a program is "exe" and "program", too. */
static bool type_has(const struct nta_query *query, const struct nta_record *record)
{
    const char *word = query->type;
    struct nta_span rest = nta_span_before(record->file.type, ';');

    if (nta_type_is(record->file.type, record->file.name, word))
        return true;
    if (!nta_span_has(rest, '/') || strchr(word, '/'))
        return nta_span_is(rest, word);
    return nta_span_is(nta_span_take(&rest, '/'), word) || nta_span_is(rest, word) ||
           strcmp(nta_file_kind_name(record->file.kind), word) == 0;
}

static bool kind_has(const struct nta_query *query, const struct nta_record *record)
{
    return query->kinds >> record->file.kind & 1;
}

static bool act_has(const struct nta_query *query, const struct nta_record *record)
{
    return query->acts >> record->act & 1;
}

static bool seen_has(const struct nta_query *query, const struct nta_record *record)
{
    return query->seens >> record->seen & 1;
}

static bool severity_has(const struct nta_query *query, const struct nta_record *record)
{
    return query->severities >> record->match.severity & 1;
}

static bool time_has(const struct nta_query *query, const struct nta_record *record)
{
    int64_t last_ns =
        record->end_ns && !query->begun ? record->end_ns : record->time_ns; /* a moment, or begun */

    return (!query->since_ns || last_ns >= query->since_ns) &&
           (!query->until_ns || record->time_ns < query->until_ns);
}

static bool country_has(const struct nta_query *query, const struct nta_record *record)
{
    return nta_span_is(nta_span_of(nta_record_site_place(record)->country_code), query->country);
}

static bool app_has(const struct nta_query *query, const struct nta_record *record)
{
    return (unsigned)record->app == query->app;
}

static bool grade_has(const struct nta_query *query, const struct nta_record *record)
{
    return query->grades >> (unsigned)nta_record_grade(record) & 1;
}

static bool bytes_has(const struct nta_query *query, const struct nta_record *record)
{
    return record->up.bytes + record->down.bytes > query->bytes_above;
}

static bool event_has(const struct nta_query *query, const struct nta_record *record)
{
    return query->events >> (unsigned)record->event & 1;
}

static bool between_has(const struct nta_query *query, const struct nta_record *record)
{
    return nta_period_daily_has(query->between, record->time_ns);
}

/** That is asked of the header: nta_query_has_sensor(). */
static bool sensor_has(const struct nta_query *query, const struct nta_record *record)
{
    (void)query;
    (void)record;
    return true;
}

static bool matched_has(const struct nta_query *query, const struct nta_record *record)
{
    (void)query;
    return record->match.list.len > 0;
}

static bool downloads_has(const struct nta_query *query, const struct nta_record *record)
{
    (void)query;
    return record->download;
}

/* fits_WORD() of every row: what is not asked for fits. */
#define WORD_FITS(symbol, word, member, ...)                                                       \
    static inline bool fits_##word(const struct nta_query *query, const struct nta_record *record) \
    {                                                                                              \
        return !query->word || nta_span_is(record->member, query->word);                           \
    }
#define OWN_FITS(symbol, word, is_set, ...)                                                        \
    static inline bool fits_##word(const struct nta_query *query, const struct nta_record *record) \
    {                                                                                              \
        return !(is_set) || word##_has(query, record);                                             \
    }
NTA_FILTERS(WORD_FITS, OWN_FITS)

enum
{
    OWN_EVENTS = 1U << NTA_RECORD_CANARY | 1U << NTA_RECORD_POLICY | 1U << NTA_RECORD_START |
                 1U << NTA_RECORD_STOP | 1U << NTA_RECORD_GAP | 1U << NTA_RECORD_AUDIT |
                 1U << NTA_RECORD_NOTE | 1U << NTA_RECORD_PSEUDONYM
};

/**
 * What the sensor says of itself is nobody's doing, and who a pseudonym is nobody's business: only
 * who names it gets it.
 */
static bool is_shown(const struct nta_query *query, const struct nta_record *record)
{
    return query->events || !(OWN_EVENTS >> (unsigned)record->event & 1);
}

bool nta_query_has(const struct nta_query *query, const struct nta_record *record)
{
    if (!is_shown(query, record) || !time_has(query, record))
        return false;
#define FITS(symbol, word, ...)                                                                    \
    if (!fits_##word(query, record))                                                               \
        return false;
    NTA_FILTERS(FITS, FITS)
    return true;
}

unsigned nta_query_classes(const struct nta_query *query)
{
    const bool matched = query->matched || query->list || query->category;
    const bool has_values = nta_query_has_tokens(query);
    unsigned classes = 0;

    for (unsigned event = NTA_RECORD_FLOW; event <= NTA_RECORD_PSEUDONYM; event++) {
        const uint32_t events = query->events ? query->events : ~(uint32_t)OWN_EVENTS;

        if (event == NTA_RECORD_LOSS && has_values) /* it is nobody's, and of no site */
            continue;
        if (events >> event & 1U)
            classes |= nta_event_classes((enum nta_record_event)event, matched);
    }
    return classes;
}

enum nta_counting nta_query_counting(const struct nta_query *query)
{
    const unsigned both = 1U << NTA_RECORD_FLOW | 1U << NTA_RECORD_REQUEST;

    if (query->events && (query->events & both) != both)
        return NTA_COUNTING_ALL;
    if (query->download || query->type || query->kinds || query->list || query->category ||
        query->matched)
        return NTA_COUNTING_FILES;
    return query->site ? NTA_COUNTING_SITES : NTA_COUNTING_TRAFFIC;
}

bool nta_query_sums_outer_flows(const struct nta_query *query)
{
    return nta_app_has((enum nta_app)query->app, NTA_TRAIT_TUNNEL) || query->matched ||
           query->download || query->list || query->category;
}

uint32_t nta_query_parts(const struct nta_query *query)
{
    uint32_t parts = 0;

#define WORD_PARTS(symbol, word, member, part, ...) parts |= query->word ? (uint32_t)(part) : 0;
#define OWN_PARTS(symbol, word, is_set, own_parts, ...)                                            \
    parts |= (is_set) ? (uint32_t)(own_parts) : 0U;
    NTA_FILTERS(WORD_PARTS, OWN_PARTS)
    return parts;
}
