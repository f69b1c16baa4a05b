/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who is connected to the console, so that connections which come to nothing keep nobody out.
 *
 * A connection is a stranger's until a request with a session came over it.  Strangers may stay for
 * ten seconds, whatever they send meanwhile.  When there are too many, of one address or in all,
 * the oldest stranger's is closed; when all are known, the one that was used least lately, and
 * never one over which events go.  So whoever comes is let in, and has the time that it takes for
 * that many others to come after.  It costs the address of a reader nothing that all of loopback is
 * one address.
 *
 * Closed means shut down: the server's thread that has the connection sees its end, and closes it.
 * Time is a parameter; a lock inside: any thread.  Private to the console.
 */

#include "base/addr.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_GUESTS_MAX = 128,    ///< Stay when one more comes.
    NTA_GUESTS_ADDRESS = 96, ///< Strangers of one address.
    NTA_GUESTS_SLOTS = 384,  ///< With those that are on their way out.
    NTA_GUESTS_STRANGER_S = 10,
};

struct nta_guest
{
    int fd; ///< Borrowed; negative: free.
    struct nta_addr addr;
    int64_t since_ns, seen_ns;
    bool is_known, streams;
    bool is_leaving; ///< Shut down.
};

struct nta_guests
{
    pthread_mutex_t lock;
    struct nta_guest guests[NTA_GUESTS_SLOTS];
};

/** Nobody is there yet. */
void nta_guests_init(struct nta_guests *guests);
/** All have left. */
void nta_guests_done(struct nta_guests *guests);

/**
 * Somebody comes; others may have to go.  Gives the slot, or NULL: there is none, the connection is
 * not watched.
 */
struct nta_guest *nta_guests_enter(struct nta_guests *guests, int fd, const struct nta_addr *addr,
                                   int64_t mono_ns);

/**
 * A request with a session came over it; events go over it from now on if it `streams`.  NULL does
 * nothing.
 */
void nta_guests_know(struct nta_guests *guests, struct nta_guest *guest, bool streams,
                     int64_t mono_ns);

/** Before its descriptor is closed.  NULL does nothing. */
void nta_guests_leave(struct nta_guests *guests, struct nta_guest *guest);
