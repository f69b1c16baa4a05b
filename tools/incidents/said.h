/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What incidents add up to, in sentences (incident/say/say.h), as a terminal shows them. */

#include "incident/incident.h"

/**
 * Append the sentences about all that fit, with the local days from the first to the last of them,
 * and an empty line; lines are broken at `columns` (0: they are not).  Nothing where none fits.
 */
void nta_incidents_put_said(struct nta_buf *out, const struct nta_incidents *set, unsigned columns);
