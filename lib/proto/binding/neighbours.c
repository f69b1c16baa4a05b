/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/binding/neighbours.h"

#include <string.h>

#define SECOND_NS   INT64_C(1000000000)
#define ANSWERED_NS (5 * SECOND_NS)   ///< An answer comes at once, or is none.
#define AGAIN_NS    (600 * SECOND_NS) ///< What was told is told again, and no sooner.
#define HOLDS_NS    (600 * SECOND_NS) ///< So long another's claim is held against what was said.

enum
{
    WAYS = 4, ///< Places in which an address may stand.
    SETS = NTA_NEIGHBOURS_MAX / WAYS,
    LINK_OFF = 2 * NTA_ADDR_LEN, ///< In a key.
};

static const uint8_t no_mac[6];

static bool is_mac(const uint8_t mac[6])
{
    return memcmp(mac, no_mac, sizeof(no_mac)) != 0;
}

static bool same_mac(const uint8_t a[6], const uint8_t b[6])
{
    return memcmp(a, b, sizeof(no_mac)) == 0;
}

static bool is_addr(const struct nta_addr *addr)
{
    static const struct nta_addr none;

    return !nta_addr_equal(addr, &none);
}

/** Was it less than `age_ns` ago?  What lies ahead was before the clock went back. */
static bool is_fresh(int64_t then_ns, int64_t wall_ns, int64_t age_ns)
{
    int64_t age;

    return then_ns != 0 && !__builtin_sub_overflow(wall_ns, then_ns, &age) && age >= 0 &&
           age < age_ns;
}

static struct nta_asked_key key_of(const struct nta_proto_io *io, const struct nta_addr *asker,
                                   const struct nta_addr *target)
{
    struct nta_asked_key key = {0};

    memcpy(key.bytes, asker->bytes, NTA_ADDR_LEN);
    memcpy(key.bytes + NTA_ADDR_LEN, target->bytes, NTA_ADDR_LEN);
    memcpy(key.bytes + LINK_OFF, &io->link, sizeof(io->link));
    return key;
}

/** Is `a` the better one to forget?  What was only claimed, and then what was said longest ago. */
static bool goes_before(const struct nta_neighbour_known *a, const struct nta_neighbour_known *b)
{
    if (!a->used || !b->used)
        return !a->used;
    if (is_mac(a->mac) != is_mac(b->mac))
        return !is_mac(a->mac);
    return a->seen_ns < b->seen_ns;
}

/** What is known of an address; a new one takes the place of another. */
static struct nta_neighbour_known *known_of(const struct nta_proto_io *io,
                                            const struct nta_addr *addr)
{
    struct nta_neighbours *all = io->shared;
    uint32_t sum = (uint32_t)(io->link ^ io->link >> 32);

    for (size_t i = 0; i < NTA_ADDR_LEN; i++)
        sum = (sum ^ addr->bytes[i]) * 16777619U;
    struct nta_neighbour_known *set = &all->known[(size_t)(sum % SETS) * WAYS];
    struct nta_neighbour_known *oldest = set;

    for (size_t i = 0; i < WAYS; i++) {
        struct nta_neighbour_known *known = &set[i];

        if (known->used && known->link == io->link && nta_addr_equal(&known->addr, addr))
            return known;
        if (goes_before(known, oldest))
            oldest = known;
    }
    *oldest = (struct nta_neighbour_known){.addr = *addr, .link = io->link, .used = true};
    return oldest;
}

static void tell(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                 const struct nta_neighbour *station, enum nta_binding_state state,
                 enum nta_side whose)
{
    struct nta_binding binding = {
        .source = words->source,
        .state = state,
        .has_mac = true,
        .of_server = whose == NTA_FROM_SERVER,
        .prefix = {.addr = station->addr, .len = 8 * NTA_ADDR_LEN},
    };
    const struct nta_event event = {
        .kind = NTA_EVENT_BINDING, .app = words->app, .binding = &binding};

    memcpy(binding.mac, station->mac, sizeof(binding.mac));
    io->emit(io->owner, &event);
}

/** It is so: told if it is new, or was told long ago. */
static void learn(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                  const struct nta_neighbour *station, enum nta_side whose)
{
    struct nta_neighbour_known *known = known_of(io, &station->addr);
    const bool is_same = same_mac(known->mac, station->mac);

    known->seen_ns = io->wall_ns;
    if (is_same && is_fresh(known->told_ns, io->wall_ns, AGAIN_NS))
        return;
    memcpy(known->mac, station->mac, sizeof(known->mac));
    known->told_ns = io->wall_ns;
    tell(io, words, station, is_same ? NTA_BINDING_RENEW : NTA_BINDING_BEGIN, whose);
}

static void claim(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                  const struct nta_neighbour *owner, enum nta_side whose)
{
    if (!io->shared || !is_addr(&owner->addr) || !is_mac(owner->mac))
        return;
    struct nta_neighbour_known *known = known_of(io, &owner->addr);

    if (same_mac(known->mac, owner->mac) || (same_mac(known->claimant, owner->mac) &&
                                             is_fresh(known->claimed_ns, io->wall_ns, AGAIN_NS)))
        return;
    memcpy(known->claimant, owner->mac, sizeof(known->claimant));
    known->claimed_ns = io->wall_ns;
    if (!is_mac(known->mac))
        known->seen_ns = io->wall_ns;
    tell(io, words, owner, NTA_BINDING_CLAIMED, whose);
}

void nta_neighbours_claim(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                          const struct nta_neighbour *owner)
{
    claim(io, words, owner, io->side);
}

void nta_neighbours_ask(const struct nta_proto_io *io, const struct nta_neighbour *asker,
                        const struct nta_addr *target)
{
    struct nta_neighbours *all = io->shared;
    const struct nta_asked_key key = key_of(io, &asker->addr, target);

    if (!all || !is_addr(target))
        return;
    const size_t place = nta_asked_put(&all->asked, &key, io->wall_ns);

    memcpy(all->askers[place], asker->mac, sizeof(all->askers[place]));
}

/** The answer went to who asked: he has his address, or must not take the one he probed. */
static void learn_asker(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                        const struct nta_neighbour *owner, const struct nta_neighbour *asker,
                        const uint8_t mac[6])
{
    const enum nta_side whose = io->side == NTA_FROM_CLIENT ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
    struct nta_neighbour station = {.addr = asker->addr};

    memcpy(station.mac, mac, sizeof(station.mac));
    if (!is_mac(mac) || (is_mac(asker->mac) && !same_mac(asker->mac, mac)))
        return;
    if (!is_addr(&asker->addr)) {
        station.addr = owner->addr;
        if (!same_mac(owner->mac, mac))
            tell(io, words, &station, NTA_BINDING_REFUSED, whose);
        return;
    }
    const struct nta_neighbour_known *known = known_of(io, &asker->addr);

    if (is_mac(known->mac) && !same_mac(known->mac, mac) &&
        is_fresh(known->seen_ns, io->wall_ns, HOLDS_NS))
        claim(io, words, &station, whose);
    else
        learn(io, words, &station, whose);
}

void nta_neighbours_answer(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                           const struct nta_neighbour *owner, const struct nta_neighbour *asker)
{
    const struct nta_neighbours *all = io->shared;
    const struct nta_asked_key key = key_of(io, &asker->addr, &owner->addr);

    if (!all || !is_addr(&owner->addr) || !is_mac(owner->mac))
        return;
    const size_t place = nta_asked_find(&all->asked, &key, io->wall_ns, ANSWERED_NS);

    if (place == NTA_ASKED_MAX) {
        nta_neighbours_claim(io, words, owner);
        return;
    }
    learn(io, words, owner, io->side);
    learn_asker(io, words, owner, asker, all->askers[place]);
}
