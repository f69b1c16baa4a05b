/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What lists say when some of them are for some users or hours only (part of blacklist.h).
 *
 * Whoever asks says which lists count, by a filter.  It is called only for lists that are narrowed
 * (their source says so) and only after one of their entries was hit, so that a question without a
 * hit costs nothing more.  Where a list does not count, the next entry decides, as if it were not
 * there.
 */

#include "blacklist/blacklist.h"

/** Whether a list counts for a question. */
enum nta_list_weight
{
    NTA_LIST_OUT,    ///< It is as if it were not there.
    NTA_LIST_YIELDS, ///< It counts, but another one that has an equal entry decides.
    NTA_LIST_COUNTS,
};

/** Asked of narrowed lists alone, and only when one of their entries covers the question. */
struct nta_list_filter
{
    enum nta_list_weight (*weigh)(const void *owner, const struct nta_list_report *list);
    const void *owner;
};

enum nta_decision
{
    NTA_DECIDES_NOTHING, ///< No list has it, or none that counts.
    NTA_DECIDES_ALLOWED,
    NTA_DECIDES_FORBIDDEN,
};

/**
 * What the lists that count say of a name (in normal form), `ret_hit` filled if they say anything;
 * its entry text borrows from `name` or, if it has a sign, from `buf`.  `filter` NULL: all count.
 */
enum nta_decision nta_blacklist_decide_name(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            struct nta_span name, char buf[NTA_NAME_SIZE],
                                            struct nta_hit *ret_hit);

/** The same of an address: as nta_blacklist_match_addr(). */
enum nta_decision nta_blacklist_decide_addr(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            const struct nta_addr *addr, char buf[NTA_NAME_SIZE],
                                            struct nta_hit *ret_hit);

/** The same of a server: as nta_blacklist_match_server(). */
enum nta_decision nta_blacklist_decide_server(const struct nta_blacklist *set,
                                              const struct nta_list_filter *filter,
                                              const struct nta_addr *addr, uint16_t port,
                                              char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit);

/** The same of a request: as nta_blacklist_match_url(). */
enum nta_decision nta_blacklist_decide_url(const struct nta_blacklist *set,
                                           const struct nta_list_filter *filter,
                                           struct nta_span host, struct nta_span target,
                                           struct nta_hit *ret_hit);
