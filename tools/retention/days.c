/* SPDX-License-Identifier: Apache-2.0 */
#include "retention/days.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "incident/detail.h"
#include "incidents/find.h"
#include "output/term.h"
#include "pipeline/commit/hold.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEYOND_NS (INT64_C(36 * 3600) * NTA_NS_PER_S) /* a record's time and its batch's others' */

/* ---- ids ---- */

int nta_incident_numbers(const char *id, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                         uint64_t *ret_batch, uint64_t *ret_record, struct nta_err *err)
{
    char own[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)], shown[NTA_INCIDENT_ID_SIZE], *end = NULL;
    const char *pos = strncasecmp(id, "I-", 2) == 0 ? id + 2 : id;
    const char *dash = strchr(pos, '-');
    const bool has_sensor = dash && strchr(dash + 1, '-');

    (void)nta_hex_text(sensor, NTA_SENSOR_ID_LEN, own);
    if (has_sensor && (strncmp(pos, own, strlen(own)) != 0 || pos[strlen(own)] != '-'))
        return nta_err_set(err, -EREMOTE,
                           "the incident was seen by sensor %.*s, and this is the store of %s: "
                           "hold it on that sensor's machine",
                           (int)nta_smaller((size_t)(dash - pos), 32), pos, own);
    pos = has_sensor ? dash + 1 : pos;
    errno = 0;
    *ret_batch = strtoull(pos, &end, 10);
    if (*pos >= '0' && *pos <= '9' && *end == '-' && end[1] >= '0' && end[1] <= '9') {
        *ret_record = strtoull(end + 1, &end, 10);
        if (!*end && !errno && *ret_batch > 0 && *ret_batch <= INT64_MAX &&
            *ret_record <= INT64_MAX)
            return 0;
    }
    return nta_err_set(err, -EINVAL, "%s is not the id of an incident",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(id)));
}

/** Batches that an incident's records lie in, of the sensor of its first one. */
struct batches
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t *numbers; ///< Owned; sorted once all are there.
    size_t n, size;
    bool has_more_sensors, failed;
};

static void add_id(void *owner, const char *id)
{
    struct batches *batches = owner;
    uint64_t record;

    if (batches->n == batches->size) {
        const size_t more = batches->size ? 2 * batches->size : 64;
        uint64_t *moved = reallocarray(batches->numbers, more, sizeof(*moved));

        batches->failed = batches->failed || !moved;
        if (!moved)
            return;
        batches->numbers = moved;
        batches->size = more;
    }
    if (nta_incident_numbers(id, batches->sensor, &batches->numbers[batches->n], &record,
                             &(struct nta_err){0}) == 0)
        batches->n++;
    else
        batches->has_more_sensors = true;
}

static int compare(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* ---- days ---- */

/** Those of an incident's records, sorted, each once. */
struct days
{
    int64_t *all; ///< Owned.
    size_t n, size;
};

static int add_day(struct days *days, int64_t day, struct nta_err *err)
{
    size_t at = days->n;

    while (at > 0 && days->all[at - 1] >= day) /* most often it is the last one, or behind it */
        at--;
    if (at < days->n && days->all[at] == day)
        return 0;
    if (days->n == days->size) {
        const size_t more = days->size ? 2 * days->size : 16;
        int64_t *moved = reallocarray(days->all, more, sizeof(*moved));

        if (!moved)
            return nta_err_sys(err, -ENOMEM, "incident");
        days->all = moved;
        days->size = more;
    }
    memmove(days->all + at + 1, days->all + at, (days->n - at) * sizeof(*days->all));
    days->all[at] = day;
    days->n++;
    return 0;
}

/** As few ranges as one hold after the other can have. */
static int make_ranges(const struct days *found, struct nta_incident_range *ranges,
                       size_t *n_ranges, struct nta_err *err)
{
    struct nta_incident_range *range = NULL;

    for (size_t i = 0; i < found->n; i++) {
        const int64_t day = found->all[i];

        if (range && day - range->first < NTA_HOLD_DAYS_MAX) {
            range->last = day;
            continue;
        }
        if (*n_ranges == NTA_INCIDENT_RANGES)
            return nta_err_set(err, -E2BIG, "its records were sealed over more than %d days",
                               NTA_INCIDENT_RANGES * NTA_HOLD_DAYS_MAX);
        range = &ranges[(*n_ranges)++];
        *range = (struct nta_incident_range){day, day};
    }
    return 0;
}

static bool has_day(const struct nta_incident_days *days, int64_t day)
{
    for (size_t i = 0; i < days->n_ranges; i++)
        if (days->ranges[i].first <= day && day <= days->ranges[i].last)
            return true;
    return false;
}

/* ---- what is walked through ---- */

struct walk
{
    struct nta_search *search;
    const struct batches *batches;
    struct nta_incident_days *days;
    struct days found;         ///< Owned.
    struct nta_incidents *all; ///< Owned: all evidence of these days.
};

static bool is_ours(const struct walk *walk, const struct nta_found *found)
{
    return memcmp(found->header->sensor, walk->batches->sensor, NTA_SENSOR_ID_LEN) == 0;
}

static int take_day(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct walk *walk = owner;

    if (!is_ours(walk, found) || !bsearch(&found->header->number, walk->batches->numbers,
                                          walk->batches->n, sizeof(uint64_t), compare))
        return 0;
    return add_day(&walk->found, nta_day_of(found->header->sealed_ns), err);
}

static int take_all(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct walk *walk = owner;
    const int64_t day = nta_day_of(found->header->sealed_ns);
    char id[NTA_FOUND_ID_SIZE];

    if (!is_ours(walk, found) || !has_day(walk->days, day))
        return 0;
    return nta_incidents_add(walk->all, found->record, found->encoded, nta_found_id(found, id), 0,
                             err);
}

static void on_progress(void *owner, const struct nta_search_state *state)
{
    (void)owner;
    nta_filters_progress(state);
}

static int walk_evidence(struct walk *walk, int64_t since_ns, int64_t until_ns, nta_found_fn *each,
                         struct nta_err *err)
{
    struct nta_query query = {
        .since_ns = since_ns, .until_ns = until_ns, .matched = true, .events = NTA_FIND_EVENTS};
    const struct nta_search_options options = {
        .each = each, .owner = walk, .stop = nta_catch_stop(), .progress = on_progress};
    struct nta_search_state state = {.n_batches = 0};
    int r = nta_search_each(walk->search, &query, &options, &state, err);

    if (r == 0 && state.is_stopped)
        r = nta_err_set(err, -EINTR, "interrupted");
    return r;
}

/* ---- who it was ---- */

/** Of class who alone: the others are held with the evidence. */
static int take_who_day(void *owner, const struct nta_found *found, struct nta_err *err)
{
    return found->header->class == NTA_CLASS_WHO ? take_day(owner, found, err) : 0;
}

/** The days of the records that alone say who it was, or contradict each other in that. */
static int find_who(struct walk *walk, const struct nta_found_incident *found,
                    struct batches *batches, struct nta_err *err)
{
    struct nta_query query = {.events = 1U << NTA_RECORD_LEASE};
    const struct nta_search_options options = {
        .each = take_who_day, .owner = walk, .stop = nta_catch_stop(), .progress = on_progress};
    struct nta_search_state state = {.n_batches = 0};
    int r = nta_incident_each_binding(found->incidents, found->incident, add_id, batches);

    if (r == 0)
        r = nta_incident_each_disputing(found->incidents, found->incident, add_id, batches);
    if (r < 0 || batches->failed)
        return nta_err_sys(err, -ENOMEM, "incident");
    if (batches->n == 0)
        return 0;
    qsort(batches->numbers, batches->n, sizeof(*batches->numbers), compare);
    r = nta_search_each(walk->search, &query, &options, &state, err);
    if (r == 0 && state.is_stopped)
        r = nta_err_set(err, -EINTR, "interrupted");
    return r < 0 ? r : make_ranges(&walk->found, walk->days->who, &walk->days->n_who, err);
}

/* ---- whose it is ---- */

/** Users beside the incident's own, as well as the records of these days alone know them. */
static int count_others(struct walk *walk, struct nta_err *err)
{
    struct nta_incident_days *days = walk->days;
    const size_t n = nta_incidents_count(walk->all);
    NTA_AUTO_FREE uint64_t *users = calloc(n + 1, sizeof(*users));
    size_t ignored;
    const struct nta_incident *own = nta_incidents_find(walk->all, days->id, &ignored);
    size_t n_users = 0;

    if (!users)
        return nta_err_sys(err, -ENOMEM, "incidents");
    for (size_t i = 0; i < n; i++) {
        const struct nta_incident *one = nta_incidents_get(walk->all, i);

        if (own && one->user == own->user)
            continue;
        users[n_users++] = one->user;
        days->n_other_records += one->n_records;
    }
    qsort(users, n_users, sizeof(*users), compare);
    for (size_t i = 0; i < n_users; i++)
        days->n_others += i == 0 || users[i] != users[i - 1];
    days->at_least = nta_incidents_left_out(walk->all) > 0;
    return 0;
}

static int find_others(struct walk *walk, struct nta_err *err)
{
    int r = nta_incidents_new(&walk->all, err);

    if (r == 0)
        r = walk_evidence(walk, 0, 0, take_all, err);
    if (r == 0)
        r = nta_incidents_settle(walk->all, err);
    if (r == 0)
        r = count_others(walk, err);
    nta_incidents_free(&walk->all);
    return r;
}

static int find_days(struct walk *walk, const struct nta_found_incident *found,
                     struct batches *batches, struct nta_err *err)
{
    const struct nta_incident *incident = found->incident;
    int64_t until_ns = 0;

    if (!nta_hex_parse(incident->id + 2, NTA_SENSOR_ID_LEN, batches->sensor))
        return nta_err_set(err, -EINVAL, "%s: its records have no ids yet", incident->id);
    nta_incident_each_id(found->incidents, incident, false, add_id, batches);
    nta_incident_each_id(found->incidents, incident, true, add_id, batches);
    if (batches->failed)
        return nta_err_sys(err, -ENOMEM, "incident");
    qsort(batches->numbers, batches->n, sizeof(*batches->numbers), compare);
    if (__builtin_add_overflow(incident->end_ns, BEYOND_NS, &until_ns))
        until_ns = 0;
    int r = walk_evidence(walk, incident->begin_ns > BEYOND_NS ? incident->begin_ns - BEYOND_NS : 0,
                          until_ns, take_day, err);

    if (r == 0)
        r = make_ranges(&walk->found, walk->days->ranges, &walk->days->n_ranges, err);
    if (r == 0 && walk->found.n == 0)
        r = nta_err_set(err, -ENOENT, "%s: its records are not there any more", incident->id);
    return r;
}

/** Days of its records, and of those that say who it was. */
static int find_all_days(struct walk *walk, const struct nta_found_incident *found,
                         struct batches *batches, struct nta_err *err)
{
    struct batches who = {.n = 0};
    struct walk bindings = {.search = walk->search, .batches = &who, .days = walk->days};
    int r = find_days(walk, found, batches, err);

    memcpy(who.sensor, batches->sensor, sizeof(who.sensor));
    if (r == 0)
        r = find_who(&bindings, found, &who, err);
    walk->days->has_more_sensors = batches->has_more_sensors || who.has_more_sensors;
    free(bindings.found.all);
    free(who.numbers);
    return r;
}

int nta_incident_days(const struct nta_filters *filters, struct nta_search *search, const char *id,
                      struct nta_incident_days *ret_days, struct nta_err *err)
{
    const struct nta_find_options find = {.stop = nta_catch_stop()};
    struct nta_found_incident found = {.incident = NULL};
    struct nta_incident_days days = {.n_others = 0};
    struct batches batches = {.n = 0};
    struct walk walk = {.search = search, .batches = &batches, .days = &days};
    int r = nta_find_incident(filters, search, id, &find, &found, err);

    if (r == 0) {
        memcpy(days.id, found.incident->id, sizeof(days.id));
        r = find_all_days(&walk, &found, &batches, err);
    }
    if (r == 0)
        r = find_others(&walk, err);
    nta_progress_wipe();
    if (r == 0)
        *ret_days = days;
    free(walk.found.all);
    free(batches.numbers);
    nta_incidents_free(&found.incidents);
    return r;
}
