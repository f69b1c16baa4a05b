/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names of addresses by reverse lookup (PTR, RFC 1035 section 3.5; RFC 3596 section 2.5), for who
 * asks with --resolve: it tells the DNS server which addresses are of interest, and what comes back
 * is what the address's owner says of himself.
 *
 * Asked in parallel, up to 64 at a time, each address once: answers, also that there is none, are
 * kept for 65,536 addresses.  One thread.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "base/err.h"

struct nta_resolve; ///< Opaque.

/**
 * `server` is "ADDRESS" or "ADDRESS:PORT", several with commas; NULL: the system's.  0, or negative
 * errno.
 */
int nta_resolve_new(const char *server, struct nta_resolve **ret_resolve, struct nta_err *err);
/** Takes NULL too; questions that were not answered are dropped. */
void nta_resolve_free(struct nta_resolve **resolve);

/** Ask, unless it was asked before. */
void nta_resolve_ask(struct nta_resolve *resolve, const struct nta_addr *addr);

/**
 * Wait until all that was asked is answered or given up: 3 s at most for one that nobody answers.
 */
void nta_resolve_wait(struct nta_resolve *resolve);

/**
 * The name, untrusted; empty if there is none or it was not asked.  Borrows until the next
 * nta_resolve_ask().
 */
struct nta_span nta_resolve_find(const struct nta_resolve *resolve, const struct nta_addr *addr);
