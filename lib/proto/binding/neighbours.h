/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which station of a link has which address, as ARP and neighbour discovery say it: who asks, who
 * answers, who only claims.
 *
 * Nothing is learnt from a claim.  A fact is an answer to a question that was asked, and that the
 * asker has his own address, too, since the answer went to him there; unless another station is
 * known to have it: then he claims.  A prober whose question was answered is refused the address
 * (RFC 5227 section 2.1.1, RFC 4862 section 5.4).  What was told is told again after ten minutes.
 *
 * Whoever sees all of a link's answers can answer falsely, too: whether two stations contradict
 * each other is for who reads these events to see; both are told.
 *
 * Memory: NTA_NEIGHBOURS_MAX addresses, NTA_ASKED_MAX questions; of a few the oldest goes first,
 * and what was only claimed before what is known, so that no flood of claims makes it forgotten.
 */

#include "proto/binding/asked.h"
#include "proto/parser.h"

enum
{
    NTA_NEIGHBOURS_MAX = 1024,
};

/** An address and the station that has it. */
struct nta_neighbour
{
    struct nta_addr addr; ///< All zeros: it has none yet.
    uint8_t mac[6];       ///< All zeros: not said.
};

struct nta_neighbour_known
{
    struct nta_addr addr;
    uint64_t link;
    bool used;
    uint8_t mac[6];      ///< Whose it is; all zeros: nobody's yet.
    uint8_t claimant[6]; ///< Who claimed it last.
    int64_t told_ns;     ///< When `mac` was told last,
    int64_t seen_ns;     ///< was said last,
    int64_t claimed_ns;  ///< and `claimant` was told.
};

/** Shared by all calls of a worker; zeroed at the start. */
struct nta_neighbours
{
    struct nta_asked asked;
    uint8_t askers[NTA_ASKED_MAX][6]; ///< MAC of each; all zeros: not said.
    struct nta_neighbour_known known[NTA_NEIGHBOURS_MAX];
};

/** What the protocol is called in the events. */
struct nta_neighbour_words
{
    enum nta_app app;
    enum nta_binding_source source;
};

/** `asker` wants to know who has `target`; without an address of its own it probes. */
void nta_neighbours_ask(const struct nta_proto_io *io, const struct nta_neighbour *asker,
                        const struct nta_addr *target);

/** `owner` says to `asker` that he has his address.  Nobody asked: it is a claim. */
void nta_neighbours_answer(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                           const struct nta_neighbour *owner, const struct nta_neighbour *asker);

/** `owner` says to all that he has his address. */
void nta_neighbours_claim(const struct nta_proto_io *io, const struct nta_neighbour_words *words,
                          const struct nta_neighbour *owner);
