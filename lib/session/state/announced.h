/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Peers of BitTorrent that told their own network where they take others (BEP 14): what goes to or
 * comes from that port, and nobody recognises, is BitTorrent, too, encrypted as most of it is.
 * What is recognised stays what it is: anybody can announce anything.
 *
 * A peer says so every five minutes.  Memory: NTA_ANNOUNCED_MAX peers, of one address no more than
 * NTA_ANNOUNCED_PORTS; the one that was heard longest ago gives its place.  A worker's own: an
 * announcement comes to the worker that has all traffic of who sent it, so that connections of two
 * machines at home may be missed.
 */

#include "base/addr.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_ANNOUNCED_MAX = 64,
    NTA_ANNOUNCED_PORTS = 4,
};

struct nta_announced_peer
{
    struct nta_addr addr;
    uint64_t network; ///< nta_conn_network().
    uint16_t port;    ///< 0: free.
};

struct nta_announced
{
    struct nta_announced_place
    {
        struct nta_announced_peer peer;
        int64_t wall_ns; ///< Heard last.
    } places[NTA_ANNOUNCED_MAX];
};

/** It says so now. */
void nta_announced_note(struct nta_announced *announced, const struct nta_announced_peer *peer,
                        int64_t wall_ns);

/** Did it say so lately? */
bool nta_announced_has(const struct nta_announced *announced, const struct nta_announced_peer *peer,
                       int64_t wall_ns);
