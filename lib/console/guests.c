/* SPDX-License-Identifier: Apache-2.0 */
#include "console/guests.h"

#include "base/runtime/clock.h"

#include <sys/socket.h>

void nta_guests_init(struct nta_guests *guests)
{
    (void)pthread_mutex_init(&guests->lock, NULL);
    for (size_t i = 0; i < NTA_GUESTS_SLOTS; i++)
        guests->guests[i] = (struct nta_guest){.fd = -1};
}

void nta_guests_done(struct nta_guests *guests)
{
    (void)pthread_mutex_destroy(&guests->lock);
}

/**
 * The descriptor is its owner's until nta_guests_leave(), which waits for the lock: it is not yet
 * another file's.
 */
static void send_away(struct nta_guest *guest)
{
    if (!guest)
        return;
    guest->is_leaving = true;
    (void)shutdown(guest->fd, SHUT_RDWR);
}

static bool is_there(const struct nta_guest *guest)
{
    return guest->fd >= 0 && !guest->is_leaving;
}

/** Strangers before those that are known, then who was there or used longest ago. */
static bool goes_before(const struct nta_guest *a, const struct nta_guest *b)
{
    if (!b)
        return true;
    if (a->is_known != b->is_known)
        return !a->is_known;
    return a->seen_ns < b->seen_ns;
}

/** How many stay, and who has to go first; of one address only its strangers, NULL: of all. */
static size_t count(struct nta_guests *guests, const struct nta_addr *addr,
                    struct nta_guest **ret_first)
{
    size_t n = 0;

    *ret_first = NULL;
    for (size_t i = 0; i < NTA_GUESTS_SLOTS; i++) {
        struct nta_guest *guest = &guests->guests[i];

        if (!is_there(guest) || (addr && (guest->is_known || !nta_addr_equal(addr, &guest->addr))))
            continue;
        n++;
        if (!guest->streams && goes_before(guest, *ret_first))
            *ret_first = guest;
    }
    return n;
}

static void make_space(struct nta_guests *guests, const struct nta_addr *addr, int64_t mono_ns)
{
    struct nta_guest *first;

    for (size_t i = 0; i < NTA_GUESTS_SLOTS; i++) {
        struct nta_guest *guest = &guests->guests[i];

        if (is_there(guest) && !guest->is_known &&
            mono_ns - guest->since_ns > NTA_GUESTS_STRANGER_S * NTA_NS_PER_S)
            send_away(guest);
    }
    if (count(guests, addr, &first) >= NTA_GUESTS_ADDRESS)
        send_away(first);
    if (count(guests, NULL, &first) >= NTA_GUESTS_MAX)
        send_away(first);
}

struct nta_guest *nta_guests_enter(struct nta_guests *guests, int fd, const struct nta_addr *addr,
                                   int64_t mono_ns)
{
    struct nta_guest *guest = NULL;

    (void)pthread_mutex_lock(&guests->lock);
    make_space(guests, addr, mono_ns);
    for (size_t i = 0; i < NTA_GUESTS_SLOTS && !guest; i++) {
        if (guests->guests[i].fd < 0)
            guest = &guests->guests[i];
    }
    if (guest)
        *guest =
            (struct nta_guest){.fd = fd, .addr = *addr, .since_ns = mono_ns, .seen_ns = mono_ns};
    (void)pthread_mutex_unlock(&guests->lock);
    return guest;
}

void nta_guests_know(struct nta_guests *guests, struct nta_guest *guest, bool streams,
                     int64_t mono_ns)
{
    if (!guest)
        return;
    (void)pthread_mutex_lock(&guests->lock);
    guest->is_known = true;
    guest->streams = streams;
    guest->seen_ns = mono_ns;
    (void)pthread_mutex_unlock(&guests->lock);
}

void nta_guests_leave(struct nta_guests *guests, struct nta_guest *guest)
{
    if (!guest)
        return;
    (void)pthread_mutex_lock(&guests->lock);
    *guest = (struct nta_guest){.fd = -1};
    (void)pthread_mutex_unlock(&guests->lock);
}
