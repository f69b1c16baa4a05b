/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What comes first: by act, severity and bytes, never by a name that somebody chose. */

#include "incident/types.h"

/** Weight of NTA_ACT_...: a download, an upload, a contact, a question; larger is more. */
unsigned nta_act_weight(uint8_t act);

/** Less than 0: `a` is weightier than `b`; 0 only if they are the same. */
int nta_incident_order(const struct nta_incident *a, const struct nta_incident *b);
