/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whom an incident shows: what is known of its user, by whichever of its records or bindings. */

#include "incident/set.h"

/** True if what the fact is known by stands in its own record. */
bool nta_fact_knows_itself(const struct nta_fact *fact);

/**
 * Into `record`, which is one of the incident's: who it was, where another of its records or a
 * binding knows it better.  Borrows from the set; `buf` keeps what it holds.
 */
void nta_incident_complete(const struct nta_incidents *set, const struct nta_incident *incident,
                           struct nta_record_buf *buf, struct nta_record *record);
