/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one record knows better than another: who it was.
 *
 * A record that was made before a login or a device was known has the address only.  It is of that
 * user if another record of the same connection says so, or if it lies in the time in which records
 * of the address, or what is known of its bindings (bindings.h), say that it was his, and nobody
 * else's.  Only what a record says itself counts, so that it is the same however often it is asked.
 */
#include "base/own.h"
#include "incident/set.h"

#include <errno.h>
#include <stdlib.h>

/**
 * Who is known by a connection's number, an address or a device at a time.  Once sorted: of those
 * of this key that begin no later, whose lasts longest, until when, and until when anybody else's.
 */
struct known
{
    uint64_t key;
    int64_t from_ns, to_ns; ///< Ends included.
    uint64_t user;
    int64_t others_to_ns;
    uint32_t binding; ///< Which one says so, + 1; 0: a record of his.
};

struct knowing
{
    struct known *known; ///< Owned.
    size_t n;
};

static int order_known(const void *left, const void *right)
{
    const struct known *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->from_ns != b->from_ns)
        return a->from_ns < b->from_ns ? -1 : 1;
    if (a->to_ns != b->to_ns)
        return a->to_ns < b->to_ns ? -1 : 1;
    if (a->user != b->user)
        return a->user < b->user ? -1 : 1;
    return a->binding < b->binding ? -1 : a->binding > b->binding;
}

/** Into the later what the earlier one says. */
static void carry(const struct known *before, struct known *next)
{
    next->others_to_ns = INT64_MIN;
    if (before->key != next->key)
        return;
    next->others_to_ns = before->others_to_ns;
    if (before->user == next->user) {
        if (before->to_ns >= next->to_ns)
            next->binding = before->binding;
        if (before->to_ns > next->to_ns)
            next->to_ns = before->to_ns;
    } else if (next->to_ns > before->to_ns) {
        next->others_to_ns = before->to_ns;
    } else {
        if (next->to_ns > next->others_to_ns)
            next->others_to_ns = next->to_ns;
        next->user = before->user;
        next->to_ns = before->to_ns;
        next->binding = before->binding;
    }
}

/** The last of this key that begins no later; NULL: none. */
static const struct known *find(const struct knowing *knowing, uint64_t key, int64_t at_ns)
{
    size_t low = 0, high = knowing->n;

    while (low < high) { /* the first behind it */
        const size_t middle = low + (high - low) / 2;
        const struct known *known = &knowing->known[middle];

        if (known->key < key || (known->key == key && known->from_ns <= at_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low && knowing->known[low - 1].key == key ? &knowing->known[low - 1] : NULL;
}

/** Who is known by this key at that time.  NULL: nobody.  `ret_several`: and others, too. */
static const struct known *any_of(const struct knowing *knowing, uint64_t key, int64_t at_ns,
                                  bool *ret_several)
{
    const struct known *known = key ? find(knowing, key, at_ns) : NULL;

    if (!known || known->to_ns < at_ns)
        return NULL;
    *ret_several |= known->others_to_ns >= at_ns;
    return known;
}

/** The only one; NULL: nobody, or several. */
static const struct known *only(const struct knowing *knowing, uint64_t key, int64_t at_ns)
{
    bool are_several = false;
    const struct known *known = any_of(knowing, key, at_ns, &are_several);

    return are_several ? NULL : known;
}

/** By what a fact is found. */
enum by
{
    BY_CONNECTION,
    BY_ADDRESS, ///< In its network, or in all.
    BY_DEVICE
};

static void put(struct knowing *knowing, uint64_t key, const struct known *what)
{
    if (!key)
        return;
    knowing->known[knowing->n] = *what;
    knowing->known[knowing->n++].key = key;
}

/** What records say themselves. */
static void gather_facts(const struct nta_incidents *set, enum nta_user_kind level, enum by by,
                         struct knowing *knowing)
{
    for (size_t i = 0; i < set->n_facts && by != BY_DEVICE; i++) {
        const struct nta_fact *fact = &set->facts[i];
        const struct known always = {.from_ns = INT64_MIN, .to_ns = INT64_MAX, .user = fact->user};
        const struct known then = {
            .from_ns = fact->since_ns, .to_ns = fact->end_ns, .user = fact->user};

        if (fact->known != level)
            continue;
        if (by == BY_CONNECTION)
            put(knowing, fact->about, &always);
        else
            put(knowing, fact->address, &then);
    }
}

/** What bindings say. */
static void gather_bindings(const struct nta_incidents *set, enum nta_user_kind level, enum by by,
                            struct knowing *knowing)
{
    for (size_t i = 0; i < set->n_bindings && by != BY_CONNECTION; i++) {
        const struct nta_fact_binding *binding = &set->bindings[i];
        const uint64_t user = level == NTA_USER_LOGIN ? binding->login : binding->device;
        const struct known then = {.from_ns = binding->from_ns,
                                   .to_ns = binding->to_ns,
                                   .user = user,
                                   .binding = (uint32_t)i + 1};

        if (!user || binding->is_over || binding->is_reset || binding->is_told ||
            binding->to_ns < binding->from_ns)
            continue;
        put(knowing, by == BY_ADDRESS ? binding->address : binding->on, &then);
    }
}

static void gather(const struct nta_incidents *set, enum nta_user_kind level, enum by by,
                   struct knowing *knowing)
{
    knowing->n = 0;
    gather_facts(set, level, by, knowing);
    gather_bindings(set, level, by, knowing);
    if (knowing->n == 0)
        return;
    qsort(knowing->known, knowing->n, sizeof(*knowing->known), order_known);
    knowing->known[0].others_to_ns = INT64_MIN;
    for (size_t i = 1; i < knowing->n; i++)
        carry(&knowing->known[i - 1], &knowing->known[i]);
}

/** Who it was by what is said of this address in its network, and wherever it is: one, or none. */
static const struct known *by_address(const struct knowing *knowing, const struct nta_fact *fact)
{
    bool are_several = false;
    const struct known *here = any_of(knowing, fact->address, fact->time_ns, &are_several);
    const struct known *anywhere = any_of(knowing, fact->anywhere, fact->time_ns, &are_several);

    if (are_several || (here && anywhere && here->user != anywhere->user))
        return NULL;
    return here ? here : anywhere;
}

/** A login of another device than the fact's is somebody else's. */
static bool contradicts(const struct nta_incidents *set, const struct known *known,
                        const struct nta_fact *fact)
{
    const struct nta_fact_binding *binding =
        known->binding ? &set->bindings[known->binding - 1] : NULL;

    return binding && binding->on && fact->known == NTA_USER_DEVICE && binding->on != fact->user;
}

/** Facts that are known less well are of those users. */
static void give(struct nta_incidents *set, enum nta_user_kind level, enum by by,
                 const struct knowing *knowing)
{
    for (size_t i = 0; knowing->n && i < set->n_facts; i++) {
        struct nta_fact *fact = &set->facts[i];
        const struct known *known = NULL;

        if (fact->known_now >= level)
            continue;
        switch (by) {
        case BY_CONNECTION: known = only(knowing, fact->about, fact->time_ns); break;
        case BY_ADDRESS: known = by_address(knowing, fact); break;
        case BY_DEVICE:
            if (fact->known_now == NTA_USER_DEVICE)
                known = only(knowing, fact->who, fact->time_ns);
            break;
        }
        if (!known || contradicts(set, known, fact))
            continue;
        fact->who = known->user;
        fact->known_now = (uint8_t)level;
        fact->binding = known->binding;
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
        if (fact->n <= 1) /* who is joined cannot be learnt anew */
            fact->binding = 0;
        is_login &= fact->known == NTA_USER_LOGIN;
        is_address &= fact->known == NTA_USER_ADDRESS;
    }
    return !is_login && (!is_address || set->n_bindings > 0);
}

int nta_incidents_know(struct nta_incidents *set)
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

    const int r = nta_incidents_bind(set);

    if (r < 0 || !forget(set))
        return r;
    struct knowing knowing = {.known =
                                  calloc(set->n_facts + set->n_bindings, sizeof(*knowing.known))};

    if (!knowing.known)
        return -ENOMEM;
    for (size_t i = 0; i < NTA_N_ELEMENTS(steps); i++) {
        gather(set, steps[i].level, steps[i].by, &knowing);
        give(set, steps[i].level, steps[i].by, &knowing);
    }
    free(knowing.known);
    return 0;
}
