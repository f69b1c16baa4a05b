/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tables of addresses.
 *
 * Single IPv4 addresses: a sorted array of address and value (8 bytes), found through an index by
 * the upper 16 bits.  In front stands a bitmap with one bit for each 1,024 addresses, which answers
 * most questions alone.  Everything else (IPv4 and IPv6 prefixes, ranges, single IPv6 addresses) is
 * kept as intervals of the 128-bit form; the space is cut into disjoint segments, each with the
 * interval that decides there: the smallest, then an important one, then an allow, then the first
 * line.
 *
 * Filled by one thread, then read by any number.
 */

#include "base/addr.h"
#include "blacklist/table/addr_table.h"
#include "blacklist/table/names.h"

/** Free what it owns; it is empty afterwards. */
void nta_addrs_done(struct nta_addrs *addrs);

/** Note an entry.  0, or -ENOMEM. */
int nta_addrs_add(struct nta_addrs *addrs, const struct nta_addr *first,
                  const struct nta_addr *last, uint32_t value);

/** Take out the entries of which `drops` says so, before the tables are made. */
void nta_addrs_drop(struct nta_addrs *addrs,
                    bool (*drops)(void *owner, uint32_t value, bool single), void *owner);

/**
 * Make the tables; the first of two equal entries stays, and the other goes if `goes` says so
 * (NULL: always).  0, or -ENOMEM.
 */
int nta_addrs_fill(struct nta_addrs *addrs, nta_value_goes_fn *goes, nta_addr_twice_fn *twice,
                   void *owner);

/** So that nta_addrs_each() is quick, too.  0, or -ENOMEM. */
int nta_addrs_link(struct nta_addrs *addrs);

/** Call `each` with the ranges that hold the address, in no order. */
void nta_addrs_each(const struct nta_addrs *addrs, const struct nta_addr *addr,
                    void (*each)(void *owner, const struct nta_addr_range *range), void *owner);

/**
 * The range that decides for an address; if there is none, for the IPv4 address inside it.  Value
 * 0: none.
 */
struct nta_addr_range nta_addrs_decide(const struct nta_addrs *addrs, const struct nta_addr *addr);

/**
 * All ranges that hold the address, in the order in which they decide, as far as there is space;
 * gives how many.
 */
size_t nta_addrs_find(const struct nta_addrs *addrs, const struct nta_addr *addr,
                      struct nta_addr_range *ranges, size_t size);

/** Bytes of memory it holds. */
size_t nta_addrs_memory(const struct nta_addrs *addrs);

/** An address as a number, so that ranges can be compared. */
nta_u128 nta_u128_of(const struct nta_addr *addr);
/** And back. */
struct nta_addr nta_addr_of(nta_u128 number);
