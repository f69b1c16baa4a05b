/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names learnt from DNS, per client: this client asked for this name and was given this address.
 *
 * So an address gets a name only for whoever asked for it, and only while the answer is valid: from
 * the moment that it came until its time to live has passed, and NTA_PDNS_GRACE_NS more, since
 * resolvers on the way and browsers keep answers a little longer.  A client may hold several names
 * for one address (shared hosting); the newest is the best guess, and all can be asked after.
 *
 * A client is an address, and where frames show it the MAC of the machine that has it.  Another
 * machine on the same address did not ask; another address of the same machine did (a resolver is
 * reached over IPv6 and the site over IPv4).  A MAC with many addresses behind it is a router's and
 * says nothing (stations.h).
 *
 * Shared by all workers: a lookup and the connection that follows it meet in different ones.  A
 * shard is a mutex and a set-associative table of fixed size (the oldest entry of a set goes
 * first), so no call allocates and memory is bounded by n_entries.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"

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
 * Space for about `n_entries` names.  Not `shared`: one thread's, and without locks.  0, or
 * negative errno with `err`.
 */
int nta_pdns_new(size_t n_entries, bool shared, struct nta_pdns **ret_pdns, struct nta_err *err);
/** Takes NULL too. */
void nta_pdns_free(struct nta_pdns **pdns);

/** Who asks, or has a connection. */
struct nta_pdns_client
{
    const struct nta_addr *addr;
    const uint8_t *mac; ///< 6 bytes, of its frames; NULL: not known.
    bool is_alone;      ///< The machine has no other address; nta_pdns_saw() tells.
};

/** What an answer says. */
struct nta_pdns_answer
{
    const struct nta_addr *addr;
    struct nta_span name;  ///< Asked for; longer than NTA_PDNS_NAME_MAX: nothing is learnt.
    struct nta_span alias; ///< Of that name, on the way to the address; empty: none worth noting.
    uint32_t ttl_s;
    int64_t wall_ns; ///< When it came.
};

/** `client` asked and was told this. */
void nta_pdns_learn(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                    const struct nta_pdns_answer *answer);

/**
 * A client was seen, at this moment, on its address: so its machine has it.  True: it is the only
 * one that it is known to have, so that names learnt on others need not be looked for.
 */
bool nta_pdns_saw(struct nta_pdns *pdns, const struct nta_pdns_client *client, int64_t wall_ns);

/**
 * The newest name that `client` held for `addr` at `wall_ns`, into `buf`, and how many such names
 * there are; gives the name's length, 0 if there is none.  What was learnt later does not count.
 */
size_t nta_pdns_find(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                     const struct nta_addr *addr, int64_t wall_ns, char buf[NTA_PDNS_NAME_MAX + 1],
                     size_t *ret_n_names);

/** Were any aliases learnt?  Mostly not. */
bool nta_pdns_has_aliases(const struct nta_pdns *pdns);

/** The alias that led from `name` to `addr`, likewise; 0: none was noted. */
size_t nta_pdns_find_alias(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                           const struct nta_addr *addr, struct nta_span name, int64_t wall_ns,
                           char buf[NTA_PDNS_NAME_MAX + 1]);

/** What DNS says of a name that something else claims. */
enum nta_pdns_agreement
{
    NTA_PDNS_SILENT,    ///< The client asked for nothing that gave this address.
    NTA_PDNS_AGREES,    ///< It asked for this name and got this address.
    NTA_PDNS_DISAGREES, ///< It got this address for other names only.
};

/** What the client's own lookups, valid at `wall_ns`, say of this name at this address. */
enum nta_pdns_agreement nta_pdns_ask(struct nta_pdns *pdns, const struct nta_pdns_client *client,
                                     const struct nta_addr *addr, struct nta_span name,
                                     int64_t wall_ns);
