/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records that name nobody (record.who, alert.who, viewers of the console): the one place where a
 * user's name, login, person, MAC, device and address are taken out of a record.
 *
 * In their place stands a pseudonym (vault/crypto/pseudonym.h) of his login, else device, else
 * network and address: as `device` "p-0123456789abcdef", as address that number in 100::/64, which
 * is nobody's (RFC 6666).  An address in the home networks is one of a user wherever it stands: as
 * peer, as site, in a name ("10-1-0-9.example"), in an answer, in what contradicts something.  So
 * is what machines call themselves (mDNS, LLMNR, NetBIOS, names of one label, below .arpa, .local,
 * .lan and the like).  Numbers that link records would give an address away to who tries all;
 * others stand for them.  Packets are not kept, and bindings lose what else is in them.
 *
 * Who a pseudonym is, is told by a record of its own (NTA_RECORD_PSEUDONYM): `user` as in the
 * records it is about, `peer` as he is.  It goes where these go, once for each user, class and day
 * as far as a table of 4,096 remembers.
 *
 * What texts of others say is not looked through: URLs, names of files and sites.
 *
 * One thread; no allocation.
 */

#include "policy/policy.h"
#include "record/record.h"
#include "vault/crypto/pseudonym.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HIDE_TEXT_SIZE = 20, ///< "p-", 16 digits and NUL.
    NTA_HIDE_TOLD = 4096,
};

/** One thread's; zeros, but for the first two. */
struct nta_hide
{
    const struct nta_pseudonyms *names; ///< Borrows.
    bool is_for_good;                   ///< The same as long as `names` are there, not for a day.
    /** The record that was asked for last, and what it borrows. */
    struct nta_record record;
    char user[NTA_HIDE_TEXT_SIZE], peer[NTA_HIDE_TEXT_SIZE], site[NTA_ADDR_TEXT_SIZE];
    struct nta_record_answer answers[NTA_RECORD_ANSWERS];
    uint64_t requests[NTA_RECORD_REQUESTS];
    struct nta_record_conflict conflicts[NTA_RECORD_CONFLICTS];
    struct nta_span via[NTA_RECORD_VIA];
    struct nta_record opening;
    uint64_t told[NTA_HIDE_TOLD]; ///< Hashes of what was told of users.
};

/**
 * What is kept of a record: a copy that borrows from it and from `hide` until the next call; NULL:
 * nothing of it.  Without a `policy` nobody knows which networks are at home: every address is
 * taken for one of ours.
 */
const struct nta_record *nta_hide_record(struct nta_hide *hide, const struct nta_policy *policy,
                                         enum nta_naming naming, const struct nta_record *record);

/**
 * The record that says who the pseudonym of the user (or peer) in `hidden` is, which was made of
 * `record`; borrows from both.  NULL: there is none in it, or that was told.
 */
const struct nta_record *nta_hide_opening(struct nta_hide *hide, const struct nta_record *record,
                                          const struct nta_record *hidden, bool of_peer);

/** Does it name nobody by now?  Its user, if there is one, is a pseudonym. */
bool nta_hide_is_hidden(const struct nta_record *record);

/** A number that links records, as hidden ones have it. */
uint64_t nta_hide_link(const struct nta_hide *hide, uint64_t about);
