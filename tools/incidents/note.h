/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is said of an incident: a `note` record in the chain of the sensor that saw its first record
 * (trace/say.h).
 */

#include "incident/incident.h"
#include "options/filters.h"

enum
{
    NTA_NOTE_TEXT_MAX = 1000 ///< Bytes of a note.
};

/** Status and text of one, and where its store is. */
struct nta_incident_note
{
    const char *id; ///< The incident's, whole.
    uint8_t status; ///< enum nta_status.
    const char *text;
};

/**
 * Write it and wait until it is stored; says so on standard output.  An exit status; what went
 * wrong has been said.
 */
int nta_incident_say(const struct nta_filters *filters, const struct nta_incident_note *note);
