/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When the open batch of each class is to be closed.
 *
 *     evidence   half of record.alert_time after an alert, the other half is for the commit; else
 *                with record.batch_time, and after 2 s at the latest
 *     traffic    with record.batch_time
 *     who        after 60 s
 *     log        after 60 s; with a canary as evidence with an alert; at once with what is rare:
 *                policy, start, stop, gap, audit, note
 *
 * Each batch has a header that is kept for years, so evidence has 1,000 of them an hour: beyond
 * that one every 4 s.  The alerts themselves leave in time all the same (pipeline/emit.h).
 *
 * Pure: time is a parameter.  Where nothing is stored there is one class, NTA_CLASS_NONE, which is
 * closed as evidence is.
 */

#include "record/class.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_due
{
    int64_t batch_ns, alert_ns; ///< record.batch_time and record.alert_time.
    /* private */
    int64_t at_mono_ns[NTA_N_CLASSES]; ///< Of the classes that have an open batch.
    bool is_hurried[NTA_N_CLASSES];    ///< An alert has moved it.
    int64_t spent_ns;                  ///< Of an hour, what batches of evidence took.
    int64_t spent_mono_ns;             ///< As of then.
    int64_t closed_mono_ns;            ///< When the last of these was closed.
};

/** What came into an open batch. */
struct nta_due_added
{
    enum nta_class class;
    bool is_first;  ///< It was empty.
    bool has_alert; ///< An alert or a canary.
    bool is_rare;   ///< Of the log, what is stored at once.
};

/** Move the time at which its class is due. */
void nta_due_add(struct nta_due *due, const struct nta_due_added *added, int64_t mono_ns);

/** True if the open batch of the class, which is not empty, is to be closed. */
bool nta_due_is(const struct nta_due *due, enum nta_class class, int64_t mono_ns);

/** It was closed, due or full. */
void nta_due_closed(struct nta_due *due, enum nta_class class, int64_t mono_ns);
