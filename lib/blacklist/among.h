/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What decides when some lists do not count (internal to blacklist/).
 *
 * The tables answer at once what decides when all lists count.  Only if that entry is of a list
 * that is narrowed, all entries that cover the question are gone through, and the one that decides
 * among those whose lists count is taken: the most specific one; of equal ones an important one,
 * then an exception, then one of a list that does not yield, then the first line.
 *
 * Bounds: as many steps as entries cover the question, none is kept.
 */

#include "blacklist/decide.h"
#include "blacklist/table/set.h"

/** Must be asked whether this value's list counts. */
bool nta_among_is_open(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                       uint32_t value);

/** Of one name, among the values that have one of the `cover` flags.  0: none. */
uint32_t nta_among_names(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                         struct nta_name_hash hash, uint32_t cover);

/** Of names with wildcards that cover a name.  NULL: none. */
const struct nta_pattern *nta_among_patterns(const struct nta_blacklist *set,
                                             const struct nta_list_filter *filter,
                                             struct nta_span name);

/** True if the pattern decides before an entry of `n_letters` with this value (0: none). */
bool nta_among_is_above(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                        const struct nta_pattern *pattern, size_t n_letters, uint32_t value);

/** Of an address with a port.  0: none. */
uint32_t nta_among_ports(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                         const struct nta_addr *addr, uint16_t port);

/** Of an address; if none of IPv6 does, of the one of IPv4 inside it.  Value 0: none. */
struct nta_addr_range nta_among_addrs(const struct nta_blacklist *set,
                                      const struct nta_list_filter *filter,
                                      const struct nta_addr *addr);

/** Of a fingerprint.  0: none. */
uint32_t nta_among_marks(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                         enum nta_mark_kind kind, struct nta_span mark);

/** Of a request: `url` is the most specific one.  NULL: none. */
const struct nta_url *nta_among_urls(const struct nta_blacklist *set,
                                     const struct nta_list_filter *filter,
                                     const struct nta_url *url, struct nta_span target);
