/* SPDX-License-Identifier: Apache-2.0 */
#include "cases/wanted.h"

#include "base/hex.h"
#include "base/own.h"
#include "incident/detail.h"
#include "incidents/find.h"
#include "output/term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Numbers that records have: of connections, and of policies. */
struct numbers
{
    uint64_t *all; ///< Owned.
    size_t n, size;
};

/** A batch that something of the case lies in. */
struct sealed
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    int64_t wall_ns;
};

struct finding
{
    const struct nta_filters *filters;
    struct nta_search *search;
    const volatile sig_atomic_t *stop;
    struct nta_wanted *wanted;
    int64_t begin_ns, end_ns; ///< Of the incident.
    struct numbers abouts, stamps;
    struct sealed *sealed; ///< Owned; in order: of bindings, which may be told long before.
    size_t n_sealed, sealed_size;
    struct nta_wanted watched; ///< Starts since the last stop: what they began goes on;
    struct numbers under;      ///< and their policies.
    int64_t watched_ns;        ///< When the first of them was: of a reading, as of all times,
    int64_t begun_ns;          ///< and as it was.
    bool is_read;              ///< They are about capture files.
    bool is_failed;            ///< No memory.
};

static void finding_done(struct finding *finding)
{
    free(finding->abouts.all);
    free(finding->stamps.all);
    free(finding->under.all);
    free(finding->sealed);
    nta_wanted_done(&finding->watched);
}

void nta_wanted_done(struct nta_wanted *wanted)
{
    free(wanted->ids);
    *wanted = (struct nta_wanted){.n = 0};
}

/* ---- sets ---- */

static int order_ids(const void *a, const void *b)
{
    const struct nta_wanted_id *one = a, *other = b;
    const int order = memcmp(one->sensor, other->sensor, sizeof(one->sensor));

    if (order)
        return order;
    if (one->number != other->number)
        return one->number < other->number ? -1 : 1;
    return (one->index > other->index) - (one->index < other->index);
}

static int order_numbers(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;

    return (*one > *other) - (*one < *other);
}

static bool make_space(void **array, size_t n, size_t *space, size_t size)
{
    if (n < *space)
        return true;
    const size_t wanted = *space ? 2 * *space : 64;
    void *grown = reallocarray(*array, wanted, size);

    if (!grown)
        return false;
    *array = grown;
    *space = wanted;
    return true;
}

static void add_to(struct finding *finding, struct nta_wanted *wanted,
                   const struct nta_wanted_id *id)
{
    if (!make_space((void **)&wanted->ids, wanted->n, &wanted->size, sizeof(*wanted->ids)))
        finding->is_failed = true;
    else
        wanted->ids[wanted->n++] = *id;
}

static void add_id(struct finding *finding, const struct nta_wanted_id *id)
{
    add_to(finding, finding->wanted, id);
}

static void add_number(struct finding *finding, struct numbers *numbers, uint64_t number)
{
    if (number == 0 || (numbers->n && numbers->all[numbers->n - 1] == number))
        return;
    if (!make_space((void **)&numbers->all, numbers->n, &numbers->size, sizeof(number)))
        finding->is_failed = true;
    else
        numbers->all[numbers->n++] = number;
}

static void sort_numbers(struct numbers *numbers)
{
    if (numbers->n)
        qsort(numbers->all, numbers->n, sizeof(*numbers->all), order_numbers);
}

static bool has_number(const struct numbers *numbers, uint64_t number)
{
    return numbers->n && bsearch(&number, numbers->all, numbers->n, sizeof(number), order_numbers);
}

static void sort_ids(struct nta_wanted *wanted)
{
    size_t n = 0;

    if (wanted->n)
        qsort(wanted->ids, wanted->n, sizeof(*wanted->ids), order_ids);
    for (size_t i = 0; i < wanted->n; i++)
        if (n == 0 || order_ids(&wanted->ids[n - 1], &wanted->ids[i]) != 0)
            wanted->ids[n++] = wanted->ids[i];
    wanted->n = n;
}

static bool has_id(const struct nta_wanted *wanted, const struct nta_wanted_id *id)
{
    return wanted->n && bsearch(id, wanted->ids, wanted->n, sizeof(*id), order_ids);
}

/* ---- the incident ---- */

static bool parse_id(const char *text, struct nta_wanted_id *ret_id)
{
    char *end = NULL;

    if (!nta_hex_parse(text, NTA_SENSOR_ID_LEN, ret_id->sensor))
        return false;
    text += 2 * sizeof(ret_id->sensor);
    if (*text++ != '-')
        return false;
    ret_id->number = strtoull(text, &end, 10);
    if (*end != '-')
        return false;
    ret_id->index = strtoull(end + 1, &end, 10);
    return *end == '\0';
}

static void on_id(void *owner, const char *text)
{
    struct nta_wanted_id id;

    if (parse_id(text, &id))
        add_id(owner, &id);
}

static int find_incident(struct finding *finding, const char *id, struct nta_err *err)
{
    NTA_AUTO(nta_incidents_free) struct nta_incidents *incidents = NULL;
    const struct nta_find_options find = {.stop = finding->stop, .quiet = finding->filters->quiet};
    struct nta_found_incident found = {.incident = NULL};
    int r = nta_find_incident(finding->filters, finding->search, id, &find, &found, err);

    incidents = found.incidents;
    nta_progress_wipe();
    if (r < 0)
        return r;
    nta_incident_each_id(incidents, found.incident, false, on_id, finding);
    nta_incident_each_id(incidents, found.incident, true, on_id, finding);
    /* and what contradicts that, so that a case does not leave it out */
    if (nta_incident_each_binding(incidents, found.incident, on_id, finding) < 0 ||
        nta_incident_each_disputing(incidents, found.incident, on_id, finding) < 0)
        return nta_err_sys(err, -ENOMEM, "evidence");
    finding->wanted->n_joined = found.incident->n_joined;
    (void)snprintf(finding->wanted->incident, sizeof(finding->wanted->incident), "%s",
                   found.incident->id);
    sort_ids(finding->wanted);
    finding->begin_ns = found.incident->begin_ns;
    finding->end_ns = found.incident->end_ns;
    return 0;
}

/* ---- what belongs to it ---- */

static void id_of(const struct nta_found *found, struct nta_wanted_id *ret_id)
{
    memcpy(ret_id->sensor, found->header->sensor, sizeof(ret_id->sensor));
    ret_id->number = found->header->number;
    ret_id->index = found->index;
}

/** Which connections, and under which policies. */
static int on_record(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    struct nta_wanted_id id;

    (void)err;
    id_of(found, &id);
    if (!has_id(finding->wanted, &id))
        return 0;
    add_number(finding, &finding->abouts, found->record->about);
    add_number(finding, &finding->stamps, found->record->policy);
    return 0;
}

static int order_sealed(const void *a, const void *b)
{
    const struct sealed *one = a, *other = b;
    const int order = memcmp(one->sensor, other->sensor, sizeof(one->sensor));

    return order ? order : (one->wall_ns > other->wall_ns) - (one->wall_ns < other->wall_ns);
}

/** And when they were sealed: the start before that says whether the sensor saw it itself. */
static int on_binding(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    struct sealed sealed = {.wall_ns = found->header->sealed_ns};
    struct nta_wanted_id id;

    id_of(found, &id);
    if (!has_id(finding->wanted, &id))
        return 0;
    memcpy(sealed.sensor, found->header->sensor, sizeof(sealed.sensor));
    if (!make_space((void **)&finding->sealed, finding->n_sealed, &finding->sealed_size,
                    sizeof(*finding->sealed)))
        finding->is_failed = true;
    else
        finding->sealed[finding->n_sealed++] = sealed;
    return on_record(owner, found, err);
}

static int on_lease(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    struct nta_wanted_id id;

    (void)err;
    if (found->unverified || found->header->class != NTA_CLASS_EVIDENCE ||
        !has_number(&finding->abouts, found->record->about))
        return 0;
    id_of(found, &id);
    add_id(finding, &id);
    add_number(finding, &finding->stamps, found->record->policy);
    return 0;
}

static void take(struct finding *finding, const struct nta_found *found)
{
    struct nta_wanted_id id;

    id_of(found, &id);
    add_id(finding, &id);
    add_number(finding, &finding->stamps, found->record->policy);
}

/** Of the incident's own sensors: what others watched proves nothing of it. */
static bool is_its_sensor(const struct finding *finding, const struct nta_found *found)
{
    for (size_t i = 0; i < finding->wanted->n; i++)
        if (memcmp(finding->wanted->ids[i].sensor, found->header->sensor, NTA_SENSOR_ID_LEN) == 0)
            return true;
    return false;
}

/** A minute of it. */
static int on_loss(void *owner, const struct nta_found *found, struct nta_err *err)
{
    (void)err;
    if (!found->unverified && is_its_sensor(owner, found))
        take(owner, found);
    return 0;
}

static bool is_during(const struct finding *finding, int64_t from_ns, int64_t to_ns)
{
    return from_ns <= finding->end_ns && to_ns >= finding->begin_ns;
}

/** Did this sensor seal a binding of the case between these times? */
static bool has_sealed(const struct finding *finding, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                       int64_t from_ns, int64_t to_ns)
{
    struct sealed wanted = {.wall_ns = from_ns};
    size_t low = 0, high = finding->n_sealed;

    memcpy(wanted.sensor, sensor, sizeof(wanted.sensor));
    while (low < high) { /* the first that is no earlier */
        const size_t middle = low + (high - low) / 2;

        if (order_sealed(&finding->sealed[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < finding->n_sealed && finding->sealed[low].wall_ns <= to_ns &&
           memcmp(finding->sealed[low].sensor, sensor, sizeof(wanted.sensor)) == 0;
}

/**
 * What went on from the starts to this time is over, as `until_ns` was when it ended; true: it was
 * at the time of the incident, or a binding of the case was sealed meanwhile.
 */
static bool end_watch(struct finding *finding, int64_t from_ns, int64_t to_ns, int64_t until_ns)
{
    const bool is_wanted =
        finding->watched.n &&
        (is_during(finding, from_ns, to_ns) ||
         has_sealed(finding, finding->watched.ids[0].sensor, finding->begun_ns, until_ns));

    for (size_t i = 0; is_wanted && i < finding->watched.n; i++)
        add_id(finding, &finding->watched.ids[i]);
    for (size_t i = 0; is_wanted && i < finding->under.n; i++)
        add_number(finding, &finding->stamps, finding->under.all[i]);
    finding->watched.n = finding->under.n = 0;
    return is_wanted;
}

static void begin_watch(struct finding *finding, const struct nta_found *found)
{
    const struct nta_record *record = found->record;
    const bool is_read = record->log && record->log->n_inputs;
    struct nta_wanted_id id;

    if (finding->watched.n && !(is_read && finding->is_read)) /* how that ended is not told */
        (void)end_watch(finding, finding->watched_ns, record->time_ns, record->time_ns);
    if (finding->watched.n == 0) { /* of a reading only its stop says of which time its files are */
        finding->watched_ns = is_read ? INT64_MIN : record->time_ns;
        finding->begun_ns = record->time_ns;
    }
    finding->is_read = is_read;
    id_of(found, &id);
    add_to(finding, &finding->watched, &id);
    add_number(finding, &finding->under, record->policy);
}

/**
 * Starts and stops of what covers the time, and gaps: sensor by sensor, in the order in which they
 * were recorded.  The stop of a reading says of which time its files are.
 */
static int on_watch(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    const struct nta_record *record = found->record;
    const struct nta_record_log *log = record->log;
    bool is_wanted = false;

    (void)err;
    if (found->unverified || !is_its_sensor(finding, found))
        return 0;
    if (finding->watched.n &&
        memcmp(finding->watched.ids[0].sensor, found->header->sensor, NTA_SENSOR_ID_LEN) != 0)
        (void)end_watch(finding, finding->watched_ns, INT64_MAX, INT64_MAX);
    if (record->event == NTA_RECORD_START)
        begin_watch(finding, found);
    else if (record->event == NTA_RECORD_GAP)
        is_wanted = log && is_during(finding, log->from_ns, log->to_ns);
    else if (finding->is_read)
        is_wanted = log && end_watch(finding, log->from_ns, log->to_ns, record->time_ns);
    else
        is_wanted = end_watch(finding, finding->watched_ns, record->time_ns, record->time_ns);
    if (is_wanted)
        take(finding, found);
    return 0;
}

static int on_policy(void *owner, const struct nta_found *found, struct nta_err *err)
{
    struct finding *finding = owner;
    uint8_t hash[NTA_HASH_LEN];
    struct nta_wanted_id id;

    (void)err;
    nta_hash_of(found->encoded, hash);
    struct nta_reader r = nta_reader_of(hash, sizeof(hash));

    if (found->unverified || !is_its_sensor(finding, found) ||
        !has_number(&finding->stamps, nta_read_be64(&r)))
        return 0;
    id_of(found, &id);
    add_id(finding, &id);
    return 0;
}

/** What is looked for beside the incident's own records; a row a walk. */
static const struct
{
    nta_found_fn *each;
    unsigned events; ///< 0: those of the incident.
    bool any_time;
} walks[] = {
    {on_record,
     1U << NTA_RECORD_FLOW | 1U << NTA_RECORD_LOOKUP | 1U << NTA_RECORD_REQUEST |
         1U << NTA_RECORD_ALERT | 1U << NTA_RECORD_PACKETS | 1U << NTA_RECORD_DOWNLOAD,
     false},
    {on_binding, 1U << NTA_RECORD_LEASE, true}, /* bindings: begun before, under a policy of then */
    {on_lease, 1U << NTA_RECORD_LEASE, false},
    {on_loss, 1U << NTA_RECORD_LOSS, false},
    {on_watch, 1U << NTA_RECORD_START | 1U << NTA_RECORD_STOP | 1U << NTA_RECORD_GAP, true},
    {on_policy, 1U << NTA_RECORD_POLICY, true},
};

int nta_wanted_find(const struct nta_filters *filters, struct nta_search *search, const char *id,
                    const volatile sig_atomic_t *stop, struct nta_wanted *ret_wanted,
                    struct nta_err *err)
{
    NTA_AUTO(finding_done)
    struct finding finding = {
        .filters = filters, .search = search, .stop = stop, .wanted = ret_wanted};
    int r = find_incident(&finding, id, err);

    for (size_t i = 0; i < NTA_N_ELEMENTS(walks) && r == 0; i++) {
        const struct nta_search_options options = {
            .each = walks[i].each, .owner = &finding, .stop = stop};
        struct nta_query query = {
            .events = (uint16_t)walks[i].events,
            .since_ns = walks[i].any_time ? 0 : finding.begin_ns,
            .until_ns = walks[i].any_time ? 0 : finding.end_ns + 1,
        };

        sort_numbers(&finding.abouts);
        sort_numbers(&finding.stamps);
        if (finding.n_sealed)
            qsort(finding.sealed, finding.n_sealed, sizeof(*finding.sealed), order_sealed);
        r = nta_search_each(search, &query, &options, NULL, err);
        (void)end_watch(&finding, finding.watched_ns, INT64_MAX, INT64_MAX); /* it goes on */
    }
    sort_ids(ret_wanted);
    return r == 0 && finding.is_failed ? nta_err_sys(err, -ENOMEM, "evidence") : r;
}

/* ---- asked ---- */

const struct nta_wanted_id *nta_wanted_of(const struct nta_wanted *wanted,
                                          const struct nta_header *header)
{
    struct nta_wanted_id first = {.number = header->number};
    size_t low = 0, high = wanted->n;

    memcpy(first.sensor, header->sensor, sizeof(first.sensor));
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (order_ids(&wanted->ids[middle], &first) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == wanted->n || wanted->ids[low].number != header->number ||
        memcmp(wanted->ids[low].sensor, first.sensor, sizeof(first.sensor)) != 0)
        return NULL;
    return &wanted->ids[low];
}

bool nta_wanted_goes_on(const struct nta_wanted *wanted, const struct nta_wanted_id *id)
{
    const struct nta_wanted_id *next = id + 1;

    return next < wanted->ids + wanted->n && next->number == id->number &&
           memcmp(next->sensor, id->sensor, sizeof(id->sensor)) == 0;
}
