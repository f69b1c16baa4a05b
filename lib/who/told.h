/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What records tell of who had an address, one after the other, and which ends what was told
 * before: one rule for whoever reads them (incidents, `nta who`).
 *
 * Addresses, devices and logins are numbers of the caller's: alike if what they stand for is.
 * Pure.
 */

#include "who/who.h"

/** One binding as it was told. */
struct nta_who_told
{
    uint64_t address;       ///< In its network, or in all.
    uint64_t device, login; ///< 0: none is said.
    uint64_t on;            ///< The device that has the address, whoever says so; 0: not known.
    int64_t since_ns;       ///< Since when.
    int64_t seen_ns;        ///< When it was told last.
    uint8_t source;         ///< enum nta_who_source.
    bool is_anywhere;       ///< Whoever says it knows no networks: nta_who_tells_anywhere().
};

/** Does whoever says so know the address, and not in which network it is? */
bool nta_who_tells_anywhere(const struct nta_record *lease);

/** Does it tell of an access server that starts or stops (RFC 2866 section 5.1)? */
bool nta_who_tells_reset(const struct nta_record *lease);

/** A computer's account, as Windows has them, and no login: its name ends with a dollar sign. */
bool nta_who_is_computer(struct nta_span login);

/** Does it tell that a binding is over, or refused? */
bool nta_who_tells_end(const struct nta_record *lease);

/** Until when it holds, as it says or as its source's hold; INT64_MAX: for ever. */
int64_t nta_who_tells_until(const struct nta_record *lease);

/** Do both say the same login, and no two devices? */
bool nta_who_told_agree(const struct nta_who_told *one, const struct nta_who_told *other);

/** Is it what `over` says to be over: the binding of the login or device, or all of the source? */
bool nta_who_told_is_over(const struct nta_who_told *one, const struct nta_who_told *over);

/**
 * Has somebody else the address since `next`: the same source says so, or it is another machine's?
 * What is less than a lease ends nothing that is stronger.
 */
bool nta_who_told_is_followed(const struct nta_who_told *one, const struct nta_who_told *next);

/**
 * A machine gets the address by DHCP after somebody logged in from it, nobody knows by which: that
 * may be another one.  A lease that is told together with the login is of the same.
 */
bool nta_who_told_is_given_anew(const struct nta_who_told *login, const struct nta_who_told *next);
