/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names that a worker hears of although their client is another one's.
 *
 * Each answer of DNS over UDP is told to all workers, in its place in the order of time.  Two kinds
 * of connections need what it says, and nothing else is kept:
 *
 * Those that a pair of addresses owns, since their ports do not tell who is the client
 * (decode/owner.h): the names stand under the client's address, as in pdns.h.
 *
 * Those of the same device over the other address family (dual stack): asked over IPv4 where a host
 * is in IPv6, or the other way round, it connects from an address under which nobody asked.  So a
 * name for an address of the other family than the client's stands under the client's MAC address,
 * too.  One that has more addresses than a host has, a router's, is no device: it names nothing.
 *
 * All workers hear the same in the same order and hash it with the same key, so all know the same.
 * Bounds: a table of names and one of devices, each of fixed size, the oldest first to go.
 */

#include "pdns/pdns.h"

enum
{
    NTA_HEARD_MAC_LEN = 6
};

struct nta_heard; ///< Opaque; one worker's.

/** 0, or negative errno with `err`.  `key`: the same for all workers. */
int nta_heard_new(const struct nta_hash_key *key, struct nta_heard **ret_heard,
                  struct nta_err *err);
/** Takes NULL too. */
void nta_heard_free(struct nta_heard **heard);

/** The names under clients' addresses; borrowed. */
struct nta_pdns *nta_heard_names(struct nta_heard *heard);

/** An answer went to `client` at this MAC address. */
void nta_heard_client(struct nta_heard *heard, const uint8_t mac[NTA_HEARD_MAC_LEN],
                      const struct nta_addr *client);

/**
 * Under which key the names of this device stand in nta_heard_names().  False: it is none, or was
 * never told one, or has more addresses than a host has.
 */
bool nta_heard_device(const struct nta_heard *heard, const uint8_t mac[NTA_HEARD_MAC_LEN],
                      struct nta_addr *ret_key);
