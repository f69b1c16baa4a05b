/* SPDX-License-Identifier: Apache-2.0 */
#include "filters.h"

#include "search/when.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

/** From here on, local time is UTC: in words that are read and in what is shown. */
static int take_utc(void)
{
    (void)setenv("TZ", "UTC0", 1); // NOLINT(concurrency-mt-unsafe): one thread yet
    tzset();
    return 0;
}

static int take_word(struct nta_query *query, int option, const char *text, struct nta_err *err)
{
    switch (option) {
    case 'u': return nta_query_user(query, text, err);
    case 's': return nta_query_site(query, text, err);
    case 'l': return nta_query_list(query, text, err);
    case 'C': return nta_query_country(query, text, err);
    case NTA_OPT_CATEGORY: return nta_query_category(query, text, err);
    case NTA_OPT_APP: return nta_query_app(query, text, err);
    case NTA_OPT_GRADE: return nta_query_grade(query, text, err);
    case NTA_OPT_BYTES: return nta_query_bytes(query, text, err);
    case NTA_OPT_TYPE: return nta_query_type(query, text, err);
    case NTA_OPT_EVENT: return nta_query_event(query, text, err);
    default: return 1;
    }
}

int nta_filters_take(struct nta_filters *filters, int option, char *argument, struct nta_err *err)
{
    int r;

    switch (option) {
    case 'S': filters->since = argument; return 1;
    case 'U': filters->until = argument; return 1;
    case 'd': filters->dir = argument; return 1;
    case 'c': filters->config = argument; return 1;
    case NTA_OPT_MATCHED: filters->query.matched = true; return 1;
    case NTA_OPT_DOWNLOADS: filters->query.download = true; return 1;
    case NTA_OPT_UTC: return take_utc() == 0;
    default: break;
    }
    r = take_word(&filters->query, option, argument, err);
    return r < 0 ? r : r == 0;
}

int nta_filters_finish(struct nta_filters *filters, int64_t now_ns, struct nta_err *err)
{
    struct nta_query *query = &filters->query;
    int r = filters->since ? nta_when(filters->since, now_ns, &query->since_ns, err) : 0;

    if (r < 0)
        return nta_err_prefix(err, r, "--since");
    r = filters->until ? nta_when(filters->until, now_ns, &query->until_ns, err) : 0;
    if (r < 0)
        return nta_err_prefix(err, r, "--until");
    if (query->since_ns && query->until_ns && query->since_ns >= query->until_ns)
        return nta_err_set(err, -EINVAL, "--until %.80s is not after --since %.80s", filters->until,
                           filters->since);
    return 0;
}

void nta_filters_done(struct nta_filters *filters)
{
    nta_query_done(&filters->query);
}
