/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An incident as one JSON object; docs/format.md has its members. */

#include "incident/detail.h"

/** "holds", "broken", "unchecked": of the batches that its records lie in. */
const char *nta_incident_proof(const struct nta_incident *incident, bool checked);

/**
 * Append the object without a newline.  `checked`: its batches were held against keys.  A failure
 * of memory is sticky in `out`.
 */
void nta_incident_json(struct nta_buf *out, const struct nta_incidents *incidents,
                       const struct nta_incident *incident,
                       const struct nta_incident_detail *detail, bool checked);

/** Append its files alone, as an array. */
void nta_incident_json_files(struct nta_buf *out, const struct nta_incidents *incidents,
                             const struct nta_incident_detail *detail);
