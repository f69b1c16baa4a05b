/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Incidents out of what is kept: the same ones, with the same numbers, whatever is asked for.  All
 * records that a list forbids are looked through, of the time that is asked for and 36 hours before
 * and behind it: a day in which it may have begun or go on, and time to learn who it was.  So each
 * incident is whole; what is asked for decides only which are shown.  Where their records do not
 * say who it was, what is kept of bindings in that time is asked, too.  If one may have begun even
 * earlier, it is gone back further.  What was said of them is read from there to now.
 */

#include "incident/incident.h"
#include "options/filters.h"

#include <signal.h>

enum
{
    /** Events of the records that incidents are made of. */
    NTA_FIND_EVENTS = 1U << NTA_RECORD_FLOW | 1U << NTA_RECORD_LOOKUP | 1U << NTA_RECORD_REQUEST |
                      1U << NTA_RECORD_ALERT | 1U << NTA_RECORD_PACKETS | 1U << NTA_RECORD_DOWNLOAD
};

struct nta_find_options
{
    const volatile sig_atomic_t *stop; ///< NULL: none.
    bool quiet;                        ///< No progress.
};

/**
 * Incidents of which a record fits the filters are marked `fits`; none of which does may be there,
 * too.  The set is the caller's; `ret_state` (may be NULL) says how far it came.  0, or negative
 * errno with `err`.
 */
int nta_find_incidents(const struct nta_filters *filters, struct nta_search *search,
                       const struct nta_find_options *options, struct nta_incidents **ret_incidents,
                       struct nta_search_state *ret_state, struct nta_err *err);

/** Say on standard error what there was no space for.  True: there is something. */
bool nta_find_say_lacks(const struct nta_incidents *incidents);

/** One incident in the set that it is of. */
struct nta_found_incident
{
    struct nta_incidents *incidents; ///< Owned by the caller, also where it was not found.
    const struct nta_incident *incident;
};

/**
 * The one that an id names (nta_incidents_find()), whatever the filters say.  0, -ENOENT: there is
 * none, -EINVAL: it is not an id, or that of several; each with `err`.
 */
int nta_find_incident(const struct nta_filters *filters, struct nta_search *search, const char *id,
                      const struct nta_find_options *options, struct nta_found_incident *ret_found,
                      struct nta_err *err);
