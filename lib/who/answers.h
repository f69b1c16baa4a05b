/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: answers that were given lately, since most flows are of few users.
 *
 * An answer is good for the moments between two changes of all that was looked at for it, and until
 * something is learnt of its address or its device, or a binding is forgotten.  Bounded: a table of
 * fixed size, of which each place holds the last.
 */

#include "who/who.h"

enum
{
    NTA_WHO_ANSWERS = 4096,
    NTA_WHO_EPOCHS = 4096,
};

struct nta_who_kept
{
    uint64_t network;
    struct nta_addr addr;
    uint8_t mac[6];
    bool has_mac, of_addr, is_used;
    uint32_t addr_epoch, device_epoch, forgotten;
    int64_t from_ns, until_ns; ///< The moments for which it is good: [from, until).
    struct nta_who_answer answer;
};

struct nta_who_answers
{
    struct nta_hash_key key;
    struct nta_who_kept *kept; ///< Owned.
    uint32_t *epochs;          ///< Owned; by the hash of an address or MAC: facts so far.
    uint32_t forgotten;        ///< Bindings so far.
};

/** 0 or -ENOMEM. */
int nta_who_answers_init(struct nta_who_answers *answers, const struct nta_hash_key *key);
/** Frees the memory; takes one of zeros, too. */
void nta_who_answers_done(struct nta_who_answers *answers);

/** Something is learnt of an address, or (its last 6 bytes) of a MAC. */
void nta_who_answers_learnt(struct nta_who_answers *answers, const struct nta_addr *key);

/** The place of a question; whether it holds its answer nta_who_kept_is_good() says. */
struct nta_who_kept *nta_who_answers_place(const struct nta_who_answers *answers,
                                           const struct nta_who_question *question);

/** Is it the answer? */
bool nta_who_kept_is_good(const struct nta_who_answers *answers, const struct nta_who_kept *kept,
                          const struct nta_who_question *question);

/** It is from now on, for these moments. */
void nta_who_answers_keep(const struct nta_who_answers *answers, struct nta_who_kept *kept,
                          const struct nta_who_question *question,
                          const struct nta_who_answer *answer, const int64_t good_ns[2]);
