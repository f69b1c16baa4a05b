/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which names DNS told the user of a connection for its peer.
 *
 * What a user asked is known to his worker.  A connection that only its pair of addresses owns goes
 * by what all workers heard, however many there are, so that their number changes nothing; and
 * where nothing is known under the user's address, the same machine may have asked from another one
 * (heard.h).
 *
 * Another machine on the same address did not ask, nor one in another network; but where one of the
 * two MACs is a router's, the machine behind both may be the same.
 */

#include "pdns/asked.h"
#include "pdns/heard.h"
#include "pdns/pdns.h"

/** One worker's. */
struct nta_told
{
    struct nta_pdns *own;    ///< Owned; what its users learnt.
    struct nta_heard *heard; ///< Owned.
    struct nta_asked *asked; ///< Owned; of all clients that are heard.
};

/** Whose connection is asked about. */
struct nta_told_asker
{
    struct nta_pdns_client user;
    const struct nta_addr *peer; ///< Borrowed.
    bool is_pairs;               ///< The pair of addresses owns it.
    int64_t began_wall_ns;
};

/** Space for about `n_names` of its users.  0, or negative errno with `err`: nothing is owned. */
int nta_told_init(struct nta_told *told, size_t n_names, const struct nta_hash_key *key,
                  struct nta_err *err);
/** A zeroed one is fine. */
void nta_told_done(struct nta_told *told);

/**
 * The newest name that was known when the connection began, into `buf`; gives its length, 0 if
 * there is none.  `ret_is_guess`: it may be another one.
 */
size_t nta_told_find(struct nta_told *told, const struct nta_told_asker *asker,
                     char buf[NTA_PDNS_NAME_MAX + 1], bool *ret_is_guess);

/**
 * The newest name of that address that was learnt before `*before_ns` (0: of all), and when: called
 * again with it, the one before.  `buf` as above; 0: there is none.
 */
size_t nta_told_find_before(struct nta_told *told, const struct nta_told_asker *asker,
                            int64_t *before_ns, char buf[NTA_PDNS_NAME_MAX + 1]);

/** The newest of its names that some list forbade when it was learnt, likewise. */
size_t nta_told_find_listed(struct nta_told *told, const struct nta_told_asker *asker,
                            char buf[NTA_PDNS_NAME_MAX + 1]);

/** Were any aliases learnt?  Mostly not. */
bool nta_told_has_aliases(const struct nta_told *told);

/** The alias that led from `name` to the peer, likewise; 0: none was noted. */
size_t nta_told_find_alias(struct nta_told *told, const struct nta_told_asker *asker,
                           struct nta_span name, char buf[NTA_PDNS_NAME_MAX + 1]);

/** What DNS says of a name that something else claims. */
enum nta_told_agreement
{
    NTA_TOLD_SILENT,    ///< The user asked for nothing that gave this address.
    NTA_TOLD_AGREES,    ///< He asked for this name and got this address.
    NTA_TOLD_DISAGREES, ///< He got this address for other names only.
};

/** What the user's own lookups, known when the connection began, say of this name. */
enum nta_told_agreement nta_told_ask(struct nta_told *told, const struct nta_told_asker *asker,
                                     struct nta_span name);

/** `client`, whose own worker this is, asked for `name`, and got some answer. */
void nta_told_note_asked(struct nta_told *told, const struct nta_pdns_client *client,
                         struct nta_span name, int64_t wall_ns);
/** The same, as every worker hears it. */
void nta_told_hear_asked(struct nta_told *told, const struct nta_pdns_client *client,
                         struct nta_span name, int64_t wall_ns);

/**
 * The user never asked for this name, under any address of his machine, though his DNS was seen
 * when the connection began.
 */
bool nta_told_is_unasked(struct nta_told *told, const struct nta_told_asker *asker,
                         struct nta_span name);

/** Is it the own MAC of one machine, for all that was heard?  True of one never heard of, too. */
bool nta_told_is_own(struct nta_told *told, const uint8_t mac[6], int64_t wall_ns);

/** A MAC that was heard of, and with no other address of IPv4 than one: no router's. */
bool nta_told_is_alone(struct nta_told *told, const uint8_t mac[6], int64_t wall_ns);

/** A MAC as a number, never 0 of one that is used. */
uint64_t nta_told_mac(const uint8_t mac[6]);

/** An answer that the client's own worker saw. */
void nta_told_learn(struct nta_told *told, const struct nta_pdns_client *client,
                    const struct nta_pdns_answer *answer);

/**
 * The same, as every worker hears it.  `for_pair`: a connection between the two may belong to the
 * pair.
 */
void nta_told_hear(struct nta_told *told, const struct nta_pdns_client *client,
                   const struct nta_pdns_answer *answer, bool for_pair);
