/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/bindings.h"

#include "base/own.h"
#include "incident/room.h"
#include "who/told.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_given(const struct nta_addr *addr)
{
    static const struct nta_addr none = {0};

    return !nta_addr_equal(addr, &none);
}

/**
 * An address that somebody wished for is nobody's, and a computer's account no login; a login
 * without an address is of a device.
 */
static bool tells(const struct nta_record *record)
{
    const struct nta_record_side *user = &record->user;

    if (nta_who_tells_reset(record))
        return true;
    return user->strength >= NTA_STRENGTH_LEASE && !nta_who_is_computer(user->login) &&
           !nta_span_is(record->binding.state, "claimed") &&
           (is_given(&user->addr) || (user->login.len && user->has_mac));
}

static struct nta_fact_binding binding_of(const struct nta_incidents *set,
                                          const struct nta_record *record, const char *id)
{
    const enum nta_who_source source = nta_who_source_of(record->user.source);
    const int64_t since_ns = record->user.since_ns;
    const struct nta_record by = {.user = {.addr = record->peer.addr}};
    struct nta_user_key here, anywhere, server;

    nta_record_address_key(record, &here);
    nta_record_anywhere_key(record, &anywhere);
    nta_record_anywhere_key(&by, &server);
    struct nta_fact_binding binding = {
        .told_ns = record->time_ns,
        .since_ns = since_ns > 0 && since_ns < record->time_ns ? since_ns : record->time_ns,
        .until_ns = nta_who_tells_until(record),
        .address = hash_key(set, nta_who_tells_anywhere(record) ? &anywhere : &here),
        .place = hash_key(set, &anywhere),
        .login = user_of(set, record->user.login, (struct nta_span){0}),
        .source = (uint8_t)source,
        .server = source == NTA_WHO_RADIUS && is_given(&by.user.addr) ? hash_key(set, &server) : 0,
        .is_anywhere = nta_who_tells_anywhere(record),
        .is_reset = nta_who_tells_reset(record),
        .is_over = nta_who_tells_end(record),
    };

    set_device(set, record, &binding);
    if (!is_given(&record->user.addr)) {
        binding.address = 0;
        binding.place = binding.device;
    }
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
            binding->is_reset ||
            bsearch(&binding->address, wanted, n, sizeof(*wanted), order_u64) ||
            bsearch(&binding->place, wanted, n, sizeof(*wanted), order_u64) ||
            (binding->device && bsearch(&binding->device, wanted, n, sizeof(*wanted), order_u64));
    }
}

/** Which of them joined facts rely on stays so. */
static void renumber(struct nta_incidents *set, const uint32_t *numbers)
{
    for (size_t i = 0; i < set->n_facts; i++)
        for (size_t k = 0; k < 3; k++) {
            uint32_t *number = k < 2 ? &set->facts[i].disputing[k] : &set->facts[i].binding;

            *number = *number ? numbers[*number - 1] : 0;
        }
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
