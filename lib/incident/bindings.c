/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/bindings.h"

#include "base/own.h"
#include "incident/room.h"
#include "who/who.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
    OPEN_MAX = 16 ///< Of one address at a time: sources, and networks that have it, too.
};

void nta_fact_binding_done(struct nta_fact_binding *binding)
{
    free(binding->cbor);
    binding->cbor = NULL;
}

/* ---- one record ---- */

static uint64_t hash_key(const struct nta_incidents *set, const struct nta_user_key *key)
{
    const struct nta_span bytes = nta_user_key_span(key);

    return nta_hash_bytes(&set->key, bytes.ptr, bytes.len);
}

/** The user that a record would be of which knew this alone; 0: nobody. */
static uint64_t user_of(const struct nta_incidents *set, struct nta_span login,
                        struct nta_span device)
{
    const struct nta_record record = {.user = {.login = login, .device = device}};
    struct nta_user_key key;

    if (login.len + device.len == 0)
        return 0;
    (void)nta_record_user_key(&record, &key);
    return hash_key(set, &key);
}

/** Of a lease its own MAC is the device's, if it is not said better. */
static void set_device(const struct nta_incidents *set, const struct nta_record *record,
                       struct nta_fact_binding *binding)
{
    const uint8_t *mac = record->user.mac;

    if (record->user.device.len == 0 && record->user.has_mac)
        (void)snprintf(binding->mac, sizeof(binding->mac), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
                       mac[1], mac[2], mac[3], mac[4], mac[5]);
    binding->device =
        user_of(set, (struct nta_span){0},
                record->user.device.len ? record->user.device : nta_span_of(binding->mac));
}

/** Whoever says so knows the address, and not in which network it is. */
static bool is_anywhere(const struct nta_record *record, enum nta_who_source source)
{
    return source == NTA_WHO_RADIUS || source == NTA_WHO_FILE || source == NTA_WHO_LEASES ||
           record->binding.circuit.len > 0;
}

static int64_t until_of(const struct nta_record *record, enum nta_who_source source)
{
    const int64_t said_ns = record->binding.until_ns ? record->binding.until_ns : record->end_ns;
    int64_t until_ns;

    if (said_ns)
        return said_ns;
    return __builtin_add_overflow(record->time_ns, nta_who_holds_ns(source), &until_ns) ? INT64_MAX
                                                                                        : until_ns;
}

/** An address that somebody wished for is nobody's; what nobody gave is none. */
static bool tells(const struct nta_record *record)
{
    static const struct nta_addr none = {0};

    return record->event == NTA_RECORD_LEASE && record->user.strength >= NTA_STRENGTH_LEASE &&
           !nta_addr_equal(&record->user.addr, &none) &&
           !nta_span_is(record->binding.state, "claimed");
}

static struct nta_fact_binding binding_of(const struct nta_incidents *set,
                                          const struct nta_record *record, const char *id)
{
    const enum nta_who_source source = nta_who_source_of(record->user.source);
    const int64_t since_ns = record->user.since_ns;
    struct nta_user_key here, anywhere;

    nta_record_address_key(record, &here);
    nta_record_anywhere_key(record, &anywhere);
    struct nta_fact_binding binding = {
        .told_ns = record->time_ns,
        .since_ns = since_ns > 0 && since_ns < record->time_ns ? since_ns : record->time_ns,
        .until_ns = until_of(record, source),
        .address = hash_key(set, is_anywhere(record, source) ? &anywhere : &here),
        .place = hash_key(set, &anywhere),
        .login = user_of(set, record->user.login, (struct nta_span){0}),
        .source = (uint8_t)source,
        .is_anywhere = is_anywhere(record, source),
        .is_over = nta_span_is(record->binding.state, "end") ||
                   nta_span_is(record->binding.state, "refused"),
    };

    set_device(set, record, &binding);
    if (!nta_fact_id_parse(nta_span_of(id), &binding.id))
        binding.id = (struct nta_fact_id){.number = 0};
    return binding;
}

/* ---- space ---- */

static int order_u64(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

/** Those that a record of the set may be about; `wanted` has space for three of each. */
static void mark_needed(struct nta_incidents *set, uint64_t *wanted)
{
    size_t n = 0;

    for (size_t i = 0; i < set->n_facts; i++) {
        wanted[n++] = set->facts[i].address;
        wanted[n++] = set->facts[i].anywhere;
        wanted[n++] = set->facts[i].user; /* of a device */
    }
    if (n)
        qsort(wanted, n, sizeof(*wanted), order_u64);
    for (size_t i = 0; n && i < set->n_bindings; i++) {
        struct nta_fact_binding *binding = &set->bindings[i];

        binding->is_needed =
            bsearch(&binding->address, wanted, n, sizeof(*wanted), order_u64) ||
            bsearch(&binding->place, wanted, n, sizeof(*wanted), order_u64) ||
            (binding->device && bsearch(&binding->device, wanted, n, sizeof(*wanted), order_u64));
    }
}

/** Which of them joined facts rely on stays so. */
static void renumber(struct nta_incidents *set, const uint32_t *numbers)
{
    for (size_t i = 0; i < set->n_facts; i++)
        if (set->facts[i].binding)
            set->facts[i].binding = numbers[set->facts[i].binding - 1];
}

static int64_t median_told(const struct nta_incidents *set, int64_t *times)
{
    for (size_t i = 0; i < set->n_bindings; i++)
        times[i] = set->bindings[i].told_ns;
    qsort(times, set->n_bindings, sizeof(*times), order_u64); /* none is before 1970 */
    return times[set->n_bindings / 2];
}

/** Only what some record may be about stays; is that too much, the later half. */
static int make_space(struct nta_incidents *set)
{
    NTA_AUTO_FREE uint64_t *wanted = calloc(3 * set->n_facts + 1, sizeof(*wanted));
    NTA_AUTO_FREE uint32_t *numbers = calloc(set->n_bindings, sizeof(*numbers));
    NTA_AUTO_FREE int64_t *times = calloc(set->n_bindings, sizeof(*times));
    size_t n = 0, n_needed = 0;

    if (!wanted || !numbers || !times)
        return -ENOMEM;
    mark_needed(set, wanted);
    for (size_t i = 0; i < set->n_bindings; i++)
        n_needed += set->bindings[i].is_needed;
    const int64_t from_ns =
        n_needed > NTA_INCIDENT_BINDINGS / 2 ? median_told(set, times) : INT64_MIN;

    for (size_t i = 0; i < set->n_bindings; i++) {
        struct nta_fact_binding *binding = &set->bindings[i];

        if (!binding->is_needed || binding->told_ns <= from_ns) {
            set->n_forgotten += binding->is_needed;
            nta_fact_binding_done(binding);
            continue;
        }
        set->bindings[n] = *binding;
        numbers[i] = (uint32_t)++n;
    }
    set->n_bindings = n;
    renumber(set, numbers);
    return 0;
}

int nta_incidents_add_binding(struct nta_incidents *set, const struct nta_record *record,
                              struct nta_span cbor, const char *id)
{
    int r = 0;

    if (!tells(record))
        return 0;
    if (set->n_bindings == NTA_INCIDENT_BINDINGS)
        r = make_space(set);
    if (r == 0)
        r = nta_room_grow((void **)&set->bindings, set->n_bindings, &set->bindings_size,
                          sizeof(*set->bindings));
    if (r < 0)
        return r;
    struct nta_fact_binding binding = binding_of(set, record, id);

    binding.cbor = malloc(cbor.len ? cbor.len : 1);
    if (!binding.cbor)
        return -ENOMEM;
    if (cbor.len)
        memcpy(binding.cbor, cbor.ptr, cbor.len);
    binding.cbor_len = (uint32_t)cbor.len;
    set->bindings[set->n_bindings++] = binding;
    return 0;
}

/* ---- from when to when ---- */

/** Of one sensor and address, in the order in which it was told. */
static int order_told(const void *left, const void *right, void *owner)
{
    const struct nta_incidents *set = owner;
    const struct nta_fact_binding *a = &set->bindings[*(const uint32_t *)left];
    const struct nta_fact_binding *b = &set->bindings[*(const uint32_t *)right];
    const int order = memcmp(a->id.sensor, b->id.sensor, sizeof(a->id.sensor));

    if (order)
        return order;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    if (a->told_ns != b->told_ns)
        return a->told_ns < b->told_ns ? -1 : 1;
    return nta_fact_id_order(&a->id, &b->id);
}

/** What holds of one address at the moment that is looked at. */
struct open
{
    struct nta_fact_binding *all[OPEN_MAX];
    size_t n;
};

static int64_t right_before(int64_t at_ns)
{
    return at_ns == INT64_MIN ? at_ns : at_ns - 1;
}

static void end(struct open *open, size_t i, int64_t at_ns)
{
    if (open->all[i]->to_ns >= at_ns)
        open->all[i]->to_ns = right_before(at_ns);
    open->all[i] = open->all[--open->n];
}

static bool is_same_user(const struct nta_fact_binding *a, const struct nta_fact_binding *b)
{
    return a->login == b->login && (!a->device || !b->device || a->device == b->device);
}

/** What is said to be over: that of the login or device, or all of the source. */
static bool is_ended_by(const struct nta_fact_binding *open, const struct nta_fact_binding *over)
{
    if (open->source != over->source || open->address != over->address)
        return false;
    return over->login ? open->login == over->login
                       : !over->device || !open->device || open->device == over->device;
}

/** Somebody else has it since: the same source says so, or it is another machine's. */
static bool is_followed_by(const struct nta_fact_binding *open, const struct nta_fact_binding *next)
{
    const bool is_here = open->address == next->address || open->is_anywhere || next->is_anywhere;

    if (open->source == next->source && open->address == next->address)
        return !is_same_user(open, next);
    return is_here && next->device && open->on && open->on != next->device;
}

/** It goes on: what is told again is as one. */
static bool goes_on(struct open *open, const struct nta_fact_binding *next)
{
    for (size_t i = 0; i < open->n; i++) {
        struct nta_fact_binding *one = open->all[i];

        if (one->source != next->source || one->address != next->address ||
            !is_same_user(one, next) || one->to_ns < next->since_ns)
            continue;
        one->to_ns = right_before(next->until_ns);
        return true;
    }
    return false;
}

/** The device that all say has the address; 0: nobody does, or they do not agree. */
static uint64_t device_now(const struct open *open, int64_t at_ns)
{
    uint64_t device = 0;

    for (size_t i = 0; i < open->n; i++) {
        const struct nta_fact_binding *one = open->all[i];

        if (one->to_ns < at_ns || !one->on || one->on == device)
            continue;
        if (device)
            return 0;
        device = one->on;
    }
    return device;
}

static void look_at(struct open *open, struct nta_fact_binding *next)
{
    for (size_t i = open->n; i > 0; i--) {
        if (next->is_over ? is_ended_by(open->all[i - 1], next)
                          : is_followed_by(open->all[i - 1], next))
            end(open, i - 1, next->is_over ? next->told_ns : next->since_ns);
    }
    next->from_ns = next->since_ns;
    next->to_ns = right_before(next->until_ns);
    next->is_told = false;
    if (next->is_over)
        return;
    next->on = next->device ? next->device : device_now(open, next->since_ns);
    if (goes_on(open, next)) { /* the first of them tells it */
        next->is_told = true;
        return;
    }
    if (open->n == OPEN_MAX) { /* the oldest is not looked at any more */
        for (size_t i = 1; i < OPEN_MAX; i++)
            open->all[i - 1] = open->all[i];
        open->n--;
    }
    open->all[open->n++] = next;
}

int nta_incidents_bind(struct nta_incidents *set)
{
    NTA_AUTO_FREE uint32_t *order = calloc(set->n_bindings + 1, sizeof(*order));
    struct open open = {.n = 0};

    if (!order)
        return -ENOMEM;
    for (size_t i = 0; i < set->n_bindings; i++)
        order[i] = (uint32_t)i;
    if (set->n_bindings)
        qsort_r(order, set->n_bindings, sizeof(*order), order_told, set);
    for (size_t i = 0; i < set->n_bindings; i++) {
        struct nta_fact_binding *next = &set->bindings[order[i]];
        const struct nta_fact_binding *before = i ? &set->bindings[order[i - 1]] : next;

        if (before->place != next->place ||
            memcmp(before->id.sensor, next->id.sensor, sizeof(next->id.sensor)) != 0)
            open.n = 0;
        look_at(&open, next);
    }
    return 0;
}
