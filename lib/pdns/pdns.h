/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names learnt from DNS, per client: this client asked for this name and was given this address.
 *
 * So an address gets a name only for whoever asked for it, and only while the answer is valid: from
 * the moment that it came until its time to live has passed, and NTA_PDNS_GRACE_NS more, since
 * resolvers on the way and browsers keep answers a little longer.  What was told later names
 * nothing that began before.  A client may hold several names for one address (shared hosting); the
 * newest is the best guess, and all can be asked after.
 *
 * A client is an address in a network, and where frames show it the MAC of the machine that has it:
 * another machine on the same address did not ask, nor did the one that has it in another network.
 *
 * One worker's: a client's lookups and connections have the same owner (decode/owner.h), which
 * takes them in the order of time.  What others must know is told in heard.h.  A set-associative
 * table of fixed size, so no call allocates and memory is bounded by n_entries.  Of a set that is
 * full the entry goes that ends first, one that no list names before all others: whoever asks for
 * many names of an address does not hide the one that counts.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NTA_PDNS_GRACE_NS (INT64_C(60) * 1000 * 1000 * 1000)

enum
{
    NTA_PDNS_NAME_MAX = 253
};

struct nta_pdns; ///< Opaque.

/**
 * Space for about `n_entries` names, found by a hash with `key`.  0, or negative errno with `err`.
 */
int nta_pdns_new(size_t n_entries, const struct nta_hash_key *key, struct nta_pdns **ret_pdns,
                 struct nta_err *err);
/** Takes NULL too. */
void nta_pdns_free(struct nta_pdns **pdns);

/** Who asks, or has a connection. */
struct nta_pdns_client
{
    const struct nta_addr *addr;
    const uint8_t *mac; ///< 6 bytes, of its frames; NULL: not known.
    uint64_t network;   ///< Whichever number stands for it; the same in all calls.
};

/** What an answer says. */
struct nta_pdns_answer
{
    const struct nta_addr *addr;
    struct nta_span name;  ///< Asked for; longer than NTA_PDNS_NAME_MAX: nothing is learnt.
    struct nta_span alias; ///< Of that name, on the way to the address; empty: none worth noting.
    uint32_t ttl_s;
    int64_t wall_ns; ///< When it came.
    bool is_listed;  ///< Some list forbids the name.
};

/** `client` asked and was told this. */
void nta_pdns_learn(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                    const struct nta_pdns_answer *answer);

/** What to look for among what was learnt. */
struct nta_pdns_wish
{
    const struct nta_addr *addr; ///< That it was given.
    int64_t wall_ns;             ///< Known at this moment; what was learnt later does not count.
    struct nta_span alias_of;    ///< Aliases of this name; empty: names that were asked for.
    struct nta_span name;        ///< Is it among them?
    bool only_listed;            ///< Those that some list forbade when they were learnt.
    int64_t before_ns;           ///< Learnt before that one, which is another's time; 0: any.
    char *buf; ///< For the newest, NTA_PDNS_NAME_MAX + 1 bytes; NULL: none is wanted.
};

/** What was found.  Zeroed by the caller; several searches add up. */
struct nta_pdns_found
{
    size_t n;      ///< Names.
    size_t len;    ///< Of the newest.
    bool has_name; ///< The wished-for one is among them.
    int64_t newest_ns;
    bool is_foreign;        ///< Another machine on the client's address learnt some, too.
    uint8_t foreign_mac[6]; ///< Its.
};

/** The names that `client` holds.  Those of another MAC only if the client's is not given. */
void nta_pdns_search(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                     const struct nta_pdns_wish *wish, struct nta_pdns_found *found);

/** Were any aliases learnt?  Mostly not. */
bool nta_pdns_has_aliases(const struct nta_pdns *pdns);
