/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Classes of records: each has batches of its own, with data keys and a time to be kept of their
 * own, so that what proves something outlives what was merely seen (docs/format.md).
 */

#include "record/record.h"

enum nta_class
{
    NTA_CLASS_NONE,     ///< Format 1, which has none.
    NTA_CLASS_EVIDENCE, ///< Alerts, packets, everything with a match.
    NTA_CLASS_TRAFFIC,  ///< The rest of what was seen.
    NTA_CLASS_WHO,      ///< Who had which address.
    NTA_CLASS_LOG       ///< What the sensor says of itself.
};

enum
{
    NTA_N_CLASSES = 5
};

/** Of what class a record is: by its event, and whether a list matched. */
enum nta_class nta_record_class(const struct nta_record *record);

/**
 * Of what classes records of this event can be, as bits 1 << class; `matched`: those with a match
 * alone.
 */
unsigned nta_event_classes(enum nta_record_event event, bool matched);

/** "evidence", "traffic", "who", "log"; "" for NTA_CLASS_NONE.  Static. */
const char *nta_class_name(enum nta_class class);
