/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the forms of the status are made from; main only. */

#include "inside.h"

/** What is shown: all of it of one moment. */
struct nta_status_seen
{
    const struct nta_daemon *daemon;
    const struct nta_policy *policy;
    struct nta_pipeline_state state;
    struct nta_health_state health[NTA_N_CAUSES];
    size_t n_sources;
    uint64_t memory_bytes; ///< Resident; 0: not known.
    struct nta_buf *out;
    size_t n; ///< Rows written so far in a JSON list.
};

/** Entries of a list that count. */
static inline uint64_t nta_seen_entries(const struct nta_list_report *list)
{
    return nta_list_report_entries(list) - list->n_duplicates;
}

/** A counter, over all threads. */
static inline uint64_t nta_seen_counted(const struct nta_status_seen *status, unsigned i)
{
    return nta_pipeline_counted(status->daemon->pipeline, (enum nta_counter)i);
}

/** Flows that are open; those that have closed and wait for late packets included. */
uint64_t nta_seen_flows(const struct nta_status_seen *status);

/** What can be seen of an interface, in a word. */
const char *nta_seen_sight(enum nta_sight sight);

/** Append to `out`, one a line, what could be done against losses; how many there are. */
size_t nta_seen_hints(const struct nta_status_seen *status, struct nta_buf *out);
