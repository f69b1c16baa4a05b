/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one record knows better than another: who it was.
 *
 * A record that was made before a login or a device was known has the address only.  It is of that
 * user if another record of the same connection says so, or if it lies in the time in which records
 * of the address, or what is known of its bindings (bindings.h), say that it was his, and nobody
 * else's.  Who says otherwise, be it another sensor, is not passed over: then it is disputed, and
 * nobody's.  Only what a record says itself counts, so that it is the same however often it is
 * asked.
 */
#include "base/own.h"
#include "incident/knowing.h"
#include "incident/set.h"
#include "who/who.h"

#include <errno.h>
#include <stdlib.h>

/** By what a fact is found. */
enum by
{
    BY_CONNECTION,
    BY_ADDRESS, ///< In its network, or in all.
    BY_DEVICE
};

static void put(struct nta_knowing *knowing, uint64_t key, const struct nta_known *what)
{
    if (!key)
        return;
    knowing->known[knowing->n] = *what;
    knowing->known[knowing->n++].key = key;
}

/** What records say themselves. */
static void gather_facts(const struct nta_incidents *set, enum nta_user_kind level, enum by by,
                         struct nta_knowing *knowing)
{
    for (size_t i = 0; i < set->n_facts && by != BY_DEVICE; i++) {
        const struct nta_fact *fact = &set->facts[i];
        const struct nta_known always = {
            .from_ns = INT64_MIN, .to_ns = INT64_MAX, .user = fact->user};
        const struct nta_known then = {
            .from_ns = fact->since_ns, .to_ns = fact->end_ns, .user = fact->user};

        if (fact->known != level)
            continue;
        if (by == BY_CONNECTION)
            put(knowing, fact->about, &always);
        else
            put(knowing, fact->address, &then);
    }
}

/** Does it say of any time who had the address? */
static bool holds(const struct nta_fact_binding *binding)
{
    return !binding->is_over && !binding->is_reset && !binding->is_told &&
           binding->to_ns >= binding->from_ns;
}

/** What bindings say. */
static void gather_bindings(const struct nta_incidents *set, enum nta_user_kind level, enum by by,
                            struct nta_knowing *knowing)
{
    for (size_t i = 0; i < set->n_bindings && by != BY_CONNECTION; i++) {
        const struct nta_fact_binding *binding = &set->bindings[i];
        const uint64_t user = level == NTA_USER_LOGIN ? binding->login : binding->device;
        const struct nta_known then = {.from_ns = binding->from_ns,
                                       .to_ns = binding->to_ns,
                                       .user = user,
                                       .binding = (uint32_t)i + 1};

        if (!user || !holds(binding))
            continue;
        put(knowing, by == BY_ADDRESS ? binding->address : binding->on, &then);
    }
}

static void gather(const struct nta_incidents *set, enum nta_user_kind level, enum by by,
                   struct nta_knowing *knowing)
{
    knowing->n = 0;
    gather_facts(set, level, by, knowing);
    gather_bindings(set, level, by, knowing);
    nta_knowing_sort(knowing);
}

static uint64_t key_of_holder(const struct nta_incidents *set, uint64_t place, uint64_t device)
{
    return nta_hash_words(&set->key, place, device);
}

/** In which networks an address is somebody's, and in which it is that device's. */
static void gather_networks(const struct nta_incidents *set, struct nta_knowing *knowing)
{
    knowing->n = 0;
    for (size_t i = 0; i < set->n_bindings; i++) {
        const struct nta_fact_binding *binding = &set->bindings[i];
        const struct nta_known then = {.from_ns = binding->from_ns,
                                       .to_ns = binding->to_ns,
                                       .user = binding->address,
                                       .binding = (uint32_t)i + 1};

        if (!holds(binding) || !binding->device || binding->is_anywhere)
            continue;
        put(knowing, binding->place, &then);
        put(knowing, key_of_holder(set, binding->place, binding->device), &then);
    }
    nta_knowing_sort(knowing);
}

/** What is known of devices, beside what is asked. */
struct places
{
    struct nta_knowing devices;  ///< By address.
    struct nta_knowing networks; ///< gather_networks().
};

/**
 * What was said of an address without its network is of this one, unless its device has it in
 * another one, or, of no device, somebody has it there: then nobody knows whose it is.
 */
static bool is_of_another_network(const struct nta_incidents *set, const struct places *places,
                                  const struct nta_known *anywhere, const struct nta_fact *fact)
{
    const uint64_t on = anywhere->binding ? set->bindings[anywhere->binding - 1].on : 0;
    const uint64_t key = on ? key_of_holder(set, fact->anywhere, on) : fact->anywhere;
    const struct nta_known_said said = nta_knowing_only(&places->networks, key, fact->time_ns);

    return said.is_disputed || (said.known && said.known->user != fact->address);
}

/** Who it was by what is said of this address in its network, and wherever it is. */
static struct nta_known_said by_address(const struct nta_incidents *set,
                                        const struct nta_knowing *knowing,
                                        const struct places *places, const struct nta_fact *fact)
{
    struct nta_known_said here = nta_knowing_only(knowing, fact->address, fact->time_ns);
    const struct nta_known_said anywhere = nta_knowing_only(knowing, fact->anywhere, fact->time_ns);

    if (here.is_disputed)
        return here;
    if (!here.known && !anywhere.is_disputed && anywhere.known &&
        is_of_another_network(set, places, anywhere.known, fact))
        return (struct nta_known_said){.known = NULL};
    if (!here.known)
        return anywhere;
    if (anywhere.is_disputed)
        nta_known_dispute(&here, anywhere.disputing[0], anywhere.disputing[1]);
    else if (anywhere.known && here.known->user != anywhere.known->user &&
             !is_of_another_network(set, places, anywhere.known, fact))
        nta_known_dispute(&here, here.known->binding, anywhere.known->binding);
    return here;
}

/**
 * A machine gets the address by DHCP after somebody logged in from it, nobody knows by which: that
 * may be another one.  Of what one sensor tells nta_incidents_bind() has ended it.
 */
static bool is_given_anew(const struct nta_incidents *set, const struct nta_fact_binding *login,
                          const struct nta_known *device)
{
    const struct nta_fact_binding *lease =
        device->binding ? &set->bindings[device->binding - 1] : NULL;

    if (!lease)
        return false;
    const struct nta_who_told first = nta_fact_binding_told(login);
    const struct nta_who_told next = nta_fact_binding_told(lease);

    return nta_who_told_is_given_anew(&first, &next);
}

/** A login of another device than the fact's is somebody else's. */
static void hold_against_device(const struct nta_incidents *set, const struct places *places,
                                const struct nta_fact *fact, struct nta_known_said *said)
{
    const uint32_t number = said->known ? said->known->binding : 0;
    const struct nta_fact_binding *login = number ? &set->bindings[number - 1] : NULL;

    if (!login || !login->login)
        return;
    if (login->on && fact->known == NTA_USER_DEVICE) {
        if (login->on != fact->user)
            nta_known_dispute(said, number, 0);
        return;
    }
    const struct nta_known_said device = by_address(set, &places->devices, places, fact);

    if (device.is_disputed && login->on)
        nta_known_dispute(said, device.disputing[0], device.disputing[1]);
    else if (device.known && (login->on ? login->on != device.known->user
                                        : is_given_anew(set, login, device.known)))
        nta_known_dispute(said, number, device.known->binding);
}

static struct nta_known_said ask(const struct nta_incidents *set, enum by by,
                                 const struct nta_knowing *knowing, const struct places *places,
                                 const struct nta_fact *fact)
{
    struct nta_known_said said = {.known = NULL};

    switch (by) {
    case BY_CONNECTION: return nta_knowing_only(knowing, fact->about, fact->time_ns);
    case BY_ADDRESS:
        said = by_address(set, knowing, places, fact);
        hold_against_device(set, places, fact, &said);
        return said;
    case BY_DEVICE:
        return fact->known_now == NTA_USER_DEVICE
                   ? nta_knowing_only(knowing, fact->who, fact->time_ns)
                   : said;
    }
    return said;
}

/** Facts that are known less well are of those users. */
static void give(struct nta_incidents *set, enum nta_user_kind level, enum by by,
                 const struct nta_knowing *knowing, const struct places *places)
{
    for (size_t i = 0; knowing->n && i < set->n_facts; i++) {
        struct nta_fact *fact = &set->facts[i];

        if (fact->known_now >= level)
            continue;
        const struct nta_known_said said = ask(set, by, knowing, places, fact);

        if (said.is_disputed && !fact->is_disputed) {
            fact->is_disputed = true;
            fact->disputing[0] = said.disputing[0];
            fact->disputing[1] = said.disputing[1];
        }
        if (!said.known)
            continue;
        fact->who = said.known->user;
        fact->known_now = (uint8_t)level;
        fact->binding = said.known->binding;
    }
}

/** As each is known by itself.  True: there is more to learn. */
static bool forget(struct nta_incidents *set)
{
    bool is_login = true, is_address = true;

    for (size_t i = 0; i < set->n_facts; i++) {
        struct nta_fact *fact = &set->facts[i];

        fact->who = fact->user;
        fact->known_now = fact->known;
        fact->is_covered = false;
        if (fact->n <= 1) { /* who is joined cannot be learnt anew */
            fact->binding = fact->disputing[0] = fact->disputing[1] = 0;
            fact->is_disputed = false;
        }
        is_login &= fact->known == NTA_USER_LOGIN;
        is_address &= fact->known == NTA_USER_ADDRESS;
    }
    return !is_login && (!is_address || set->n_bindings > 0);
}

static int make(struct nta_knowing *knowing, size_t n)
{
    knowing->known = calloc(n ? n : 1, sizeof(*knowing->known));
    return knowing->known ? 0 : -ENOMEM;
}

static void know(struct nta_incidents *set, struct nta_knowing *knowing, struct places *places)
{
    static const struct
    {
        enum nta_user_kind level;
        enum by by;
    } steps[] = {
        {NTA_USER_LOGIN, BY_CONNECTION},  {NTA_USER_LOGIN, BY_ADDRESS},
        {NTA_USER_DEVICE, BY_CONNECTION}, {NTA_USER_DEVICE, BY_ADDRESS},
        {NTA_USER_LOGIN, BY_DEVICE},
    };

    gather(set, NTA_USER_DEVICE, BY_ADDRESS, &places->devices);
    gather_networks(set, &places->networks);
    for (size_t i = 0; i < NTA_N_ELEMENTS(steps); i++) {
        gather(set, steps[i].level, steps[i].by, knowing);
        give(set, steps[i].level, steps[i].by, knowing, places);
    }
}

int nta_incidents_know(struct nta_incidents *set)
{
    const size_t n = set->n_facts + set->n_bindings;
    struct places places = {.devices = {NULL, 0}};
    struct nta_knowing knowing = {NULL, 0};
    int r = nta_incidents_bind(set);

    if (r < 0 || !forget(set))
        return r;
    if (make(&knowing, n) < 0 || make(&places.devices, n) < 0 ||
        make(&places.networks, 2 * set->n_bindings) < 0)
        r = -ENOMEM;
    else
        know(set, &knowing, &places);
    free(knowing.known);
    free(places.devices.known);
    free(places.networks.known);
    return r;
}
