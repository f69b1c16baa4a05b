/* SPDX-License-Identifier: Apache-2.0 */
#include "incidents/find.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define BEYOND_NS (INT64_C(36 * 3600) * NTA_NS_PER_S)

enum
{
    BEYOND_MAX = 64 ///< So often: who goes on without a pause for longer is cut there.
};

struct finding
{
    const struct nta_filters *filters;
    const struct nta_query *query; ///< NULL: none is to be shown by it.
    struct nta_search *search;
    const struct nta_find_options *options;
    struct nta_incidents *set; ///< Owned.
    struct nta_search_state state;
    int64_t from_ns, to_ns; ///< 0: open.
};

static int on_found(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    char id[NTA_FOUND_ID_SIZE];

    if (found->unverified && found->record->event == NTA_RECORD_LEASE)
        return 0; /* what does not hold names nobody */
    const bool fits = finding->query &&
                      nta_query_has_sensor(finding->query, found->header->sensor) &&
                      nta_query_has(finding->query, found->record);

    return nta_incidents_add(
        finding->set, found->record, found->encoded, nta_found_id(found, id),
        (fits ? NTA_INCIDENT_FITS : 0U) | (found->unverified ? NTA_INCIDENT_UNVERIFIED : 0U), err);
}

static void on_progress(void *owner, const struct nta_search_state *state)
{
    (void)owner;
    nta_filters_progress(state);
}

static int walk(struct finding *finding, struct nta_query *query, struct nta_err *err)
{
    const struct nta_search_options options = {
        .each = on_found,
        .owner = finding,
        .stop = finding->options->stop,
        .progress = finding->options->quiet ? NULL : on_progress,
    };

    return nta_search_each(finding->search, query, &options, &finding->state, err);
}

static int walk_evidence(struct finding *finding, struct nta_err *err)
{
    struct nta_query query = {
        .since_ns = finding->from_ns,
        .until_ns = finding->to_ns,
        .matched = true,
        .events = NTA_FIND_EVENTS,
    };

    return walk(finding, &query, err);
}

/** What was said of incidents is said later, up to now. */
static int walk_notes(struct finding *finding, int64_t since_ns, struct nta_err *err)
{
    struct nta_query query = {.since_ns = since_ns, .events = 1U << NTA_RECORD_NOTE};

    return walk(finding, &query, err);
}

/** Who had which address: only where the records of incidents do not say it themselves. */
static int walk_bindings(struct finding *finding, struct nta_err *err)
{
    struct nta_query query = {
        .since_ns = finding->from_ns,
        .until_ns = finding->to_ns,
        .events = 1U << NTA_RECORD_LEASE,
    };

    return nta_incidents_lack_who(finding->set) ? walk(finding, &query, err) : 0;
}

static bool has(void *owner, const struct nta_record *record, const char *sensor)
{
    uint8_t id[NTA_SENSOR_ID_LEN];

    return nta_hex_parse(sensor, sizeof(id), id) && nta_query_has_sensor(owner, id) &&
           nta_query_has(owner, record);
}

/** Who is asked for may be known by a binding alone. */
static int fit(struct finding *finding, struct nta_err *err)
{
    struct nta_query query;

    if (!finding->query || (!finding->query->user && !finding->query->department))
        return 0;
    query = *finding->query;
    return nta_incidents_fit(finding->set, &(struct nta_incidents_filter){has, &query}, err);
}

static int64_t before(int64_t since_ns, int64_t n)
{
    return since_ns > n * BEYOND_NS ? since_ns - n * BEYOND_NS : 0;
}

/** Look further back until no incident can have begun before that. */
static int find(struct finding *finding, int64_t since_ns, struct nta_err *err)
{
    bool reaches = true;
    int r = 0;

    for (int64_t n = 1; r == 0 && reaches; n *= 4) {
        nta_incidents_free(&finding->set);
        finding->from_ns = before(since_ns, n);
        r = nta_incidents_new(&finding->set, err);
        if (r == 0) /* of what is shown, which began no earlier than this */
            r = walk_notes(finding, before(since_ns, 1), err);
        if (r == 0 && !finding->state.is_stopped)
            r = walk_evidence(finding, err);
        if (r == 0 && !finding->state.is_stopped)
            r = walk_bindings(finding, err);
        if (r == 0)
            r = nta_incidents_settle(finding->set, err);
        if (r == 0)
            r = fit(finding, err);
        reaches = r == 0 && finding->from_ns && n < BEYOND_MAX && !finding->state.is_stopped &&
                  nta_incidents_reach_back(finding->set, finding->from_ns);
    }
    return r;
}

int nta_find_incidents(const struct nta_filters *filters, struct nta_search *search,
                       const struct nta_find_options *options, struct nta_incidents **ret_incidents,
                       struct nta_search_state *ret_state, struct nta_err *err)
{
    struct nta_query query = filters->query; /* its words stay the filters' */
    struct finding finding = {
        .filters = filters,
        .query = &query,
        .search = search,
        .options = options,
    };
    int r = nta_query_find_sensors(&query, &nta_search_stores(search)->trust, err);

    if (query.until_ns && __builtin_add_overflow(query.until_ns, BEYOND_NS, &finding.to_ns))
        finding.to_ns = 0;
    if (r == 0)
        r = find(&finding, query.since_ns, err);

    if (r < 0)
        nta_incidents_free(&finding.set);
    else
        *ret_incidents = finding.set;
    if (ret_state)
        *ret_state = finding.state;
    return r;
}

bool nta_find_say_lacks(const struct nta_incidents *incidents)
{
    const uint64_t n = nta_incidents_left_out(incidents);
    const uint64_t n_forgotten = nta_incidents_forgotten(incidents);

    if (n)
        nta_prose_print(stderr,
                        "nta: too many for the memory there is: at least %" PRIu64
                        " incidents, lighter than those shown, were left out; ask for less time\n",
                        n);
    if (n_forgotten)
        nta_prose_print(stderr,
                        "nta: too many bindings for the memory there is: %" PRIu64
                        " were left out, so some users may be known less well than they could be; "
                        "ask for less time\n",
                        n_forgotten);
    return n || n_forgotten;
}

/* ---- one of them ---- */

static int on_named(void *owner, const struct nta_found *found, struct nta_err *err)
{
    int64_t *at_ns = owner;

    (void)err;
    *at_ns = found->record->time_ns;
    return 0;
}

/** When it was, if the id is that of a record as it is; else 0, and all there is is looked at. */
static int64_t time_of(struct nta_search *search, const char *id)
{
    struct nta_err ignored;
    int64_t at_ns = 0;

    if (strncasecmp(id, "I-", 2) == 0)
        id += 2;
    return nta_search_one(search, id, on_named, &at_ns, &ignored) < 0 ? 0 : at_ns;
}

int nta_find_incident(const struct nta_filters *filters, struct nta_search *search, const char *id,
                      const struct nta_find_options *options, struct nta_found_incident *ret_found,
                      struct nta_err *err)
{
    struct finding finding = {.filters = filters, .search = search, .options = options};
    const int64_t at_ns = time_of(search, id);
    char shown[NTA_INCIDENT_ID_SIZE];
    size_t n = 0;

    /* who asks for one wants to see where it begins: all that reaches back is of interest */
    if (at_ns && __builtin_add_overflow(at_ns, 2 * BEYOND_NS, &finding.to_ns))
        finding.to_ns = 0;
    int r = find(&finding, at_ns, err);

    if (r < 0) {
        nta_incidents_free(&finding.set);
        return r;
    }
    ret_found->incident = nta_incidents_find(finding.set, id, &n);
    ret_found->incidents = finding.set;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(id));
    if (n > 1)
        return nta_err_set(err, -EINVAL, "%s is the id of %zu incidents: give all of it", shown, n);
    return ret_found->incident ? 0 : nta_err_set(err, -ENOENT, "there is no incident %s", shown);
}
