/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whom a relay was told to connect to (RFC 6062), by the number that it gave that connection: its
 * client opens another one to the relay, says the number there, and speaks with the peer from then
 * on (section 4.3).
 *
 * Kept for all connections of a worker (nta_proto_io.shared): NTA_ASKED_MAX of them, the oldest
 * goes first.  A number is its client's alone.
 */

#include "proto/binding/asked.h"
#include "proto/parser.h"

struct nta_relay_peer
{
    struct nta_addr client; ///< Who asked.
    struct nta_addr addr;
    uint16_t port;
};

/** Zeros at the start. */
struct nta_relay_peers
{
    struct nta_asked asked;
    struct nta_relay_peer peers[NTA_ASKED_MAX];
};

/** The relay has connected there, and its client may go on by this number. */
void nta_relay_peers_put(const struct nta_proto_io *io, uint32_t number,
                         const struct nta_addr *addr, uint16_t port);

/** The peer whose number the client says to this relay, within a minute; NULL: there is none. */
const struct nta_relay_peer *nta_relay_peers_find(const struct nta_proto_io *io, uint32_t number);
