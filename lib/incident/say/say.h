/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What incidents add up to, in a few sentences for whoever must tell others: who downloaded how
 * much from where; how grave; who uploaded, visited, asked; for how long traffic was hidden; and
 * how many are hints only, which accuse nobody.
 *
 *     Ann Example and Bob Example downloaded 4 files, 1 of them a program, from 2 forbidden sites
 *     on Monday.  1 incident is critical.  ...
 *
 * Each incident is counted in one of these sentences.  Names are in shown form.
 */

#include "base/buf.h"
#include "base/language.h"
#include "incident/incident.h"

/**
 * Append the sentences about all incidents that fit, without a line end; `period`, as " on Monday"
 * in that language, stands in the first of them.  Of none: "Nobody was seen at a forbidden site on
 * Monday."  Where memory is out, `out` has failed.
 */
void nta_incidents_say(struct nta_buf *out, const struct nta_incidents *set,
                       enum nta_language language, const char *period);
