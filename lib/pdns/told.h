/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which names DNS told the user of a connection for its peer.
 *
 * What a user asked is known to his worker.  A connection that only its pair of addresses owns goes
 * by what all workers heard, however many there are, so that their number changes nothing; and
 * where nothing is known under the user's address, the same device may have asked over the other
 * address family (heard.h).
 */

#include "pdns/heard.h"
#include "pdns/pdns.h"

/** One worker's. */
struct nta_told
{
    struct nta_pdns *own;    ///< Owned; what its users learnt.
    struct nta_heard *heard; ///< Owned.
};

/** Whose connection is asked about. */
struct nta_told_asker
{
    const struct nta_addr *user, *peer; ///< Borrowed.
    const uint8_t *mac;                 ///< The user's, borrowed; NULL: not known.
    bool is_pairs;                      ///< The pair of addresses owns it.
    int64_t began_wall_ns;
};

/** One answer of DNS. */
struct nta_told_answer
{
    const struct nta_addr *client, *addr; ///< Borrowed.
    struct nta_span name;
    uint32_t ttl_s;
    int64_t wall_ns;
};

/** Space for about `n_names` of its users.  0, or negative errno with `err`: nothing is owned. */
int nta_told_init(struct nta_told *told, size_t n_names, const struct nta_hash_key *key,
                  struct nta_err *err);
/** A zeroed one is fine. */
void nta_told_done(struct nta_told *told);

/**
 * The newest name that was valid when the connection began, into `buf`; gives its length, 0 if
 * there is none.  `ret_is_guess`: it may be another one.
 */
size_t nta_told_find(struct nta_told *told, const struct nta_told_asker *asker,
                     char buf[NTA_PDNS_NAME_MAX + 1], bool *ret_is_guess);

/** What DNS says of a name that something else claims. */
enum nta_pdns_agreement nta_told_ask(struct nta_told *told, const struct nta_told_asker *asker,
                                     struct nta_span name);

/** An answer that the client's own worker saw. */
void nta_told_learn(struct nta_told *told, const struct nta_told_answer *answer);

/**
 * The same, as every worker hears it.  `mac`: the client's, NULL if not known; `for_pair`: a
 * connection between the two may belong to the pair.
 */
void nta_told_hear(struct nta_told *told, const struct nta_told_answer *answer, const uint8_t *mac,
                   bool for_pair);
