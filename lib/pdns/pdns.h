/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names learnt from DNS, per client: this client asked for this name and was given this address.
 *
 * So an address gets a name only for whoever asked for it, and only while the answer is valid: from
 * the answer on, until its time to live has passed, and NTA_PDNS_GRACE_NS more, since resolvers on
 * the way and browsers keep answers a little longer.  What was told later names nothing that began
 * before.  A client may hold several names for one address (shared hosting); the newest is the best
 * guess, and all can be asked after.
 *
 * One worker's: a client's lookups and connections have the same owner (decode/owner.h), which
 * takes them in the order of time.  What others must know is told in heard.h.  A set-associative
 * table of fixed size (the entry of a set that ended first goes first), so no call allocates and
 * memory is bounded by n_entries.
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

/**
 * `client` was told at `wall_ns` that `name` (<= NTA_PDNS_NAME_MAX bytes, else ignored) is at
 * `addr`.
 */
void nta_pdns_learn(struct nta_pdns *pdns, const struct nta_addr *client,
                    const struct nta_addr *addr, struct nta_span name, uint32_t ttl_s,
                    int64_t wall_ns);

/**
 * The newest name valid at `wall_ns` into `buf`, and how many valid names there are; gives the
 * name's length, 0 if there is none.
 */
size_t nta_pdns_find(struct nta_pdns *pdns, const struct nta_addr *client,
                     const struct nta_addr *addr, int64_t wall_ns, char buf[NTA_PDNS_NAME_MAX + 1],
                     size_t *ret_n_names);

/** What DNS says of a name that something else claims. */
enum nta_pdns_agreement
{
    NTA_PDNS_SILENT,    ///< The client asked for nothing that gave this address.
    NTA_PDNS_AGREES,    ///< It asked for this name and got this address.
    NTA_PDNS_DISAGREES, ///< It got this address for other names only.
};

/** What the client's own lookups, valid at `wall_ns`, say of this name at this address. */
enum nta_pdns_agreement nta_pdns_ask(struct nta_pdns *pdns, const struct nta_addr *client,
                                     const struct nta_addr *addr, struct nta_span name,
                                     int64_t wall_ns);
