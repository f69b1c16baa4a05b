/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The answer in a table: who fetched how much of what from which forbidden site, and where that is.
 *
 * Rows are those of incidents (incident/incident.h), the weightiest first: one for each file, one
 * for what else was moved, and what is weak is not summed with what is not.  Bounded; what is not
 * shown is counted and said.
 */

#include "base/err.h"
#include "record/record.h"

#include <stdint.h>
#include <stdio.h>

struct nta_summary; ///< Opaque.

/** NULL: out of memory. */
struct nta_summary *nta_summary_new(void);
/** Takes NULL too. */
void nta_summary_free(struct nta_summary **summary);

/** Take a record in, with its encoded form and its id ("": none).  0, or -ENOMEM with `err`. */
int nta_summary_add(struct nta_summary *summary, const struct nta_record *record,
                    struct nta_span cbor, const char *id, struct nta_err *err);

/**
 * Put rows together.  How many incidents there are; 0 also if memory is out.  Before it is printed.
 */
size_t nta_summary_settle(struct nta_summary *summary);

/** What the rows are made of.  Borrows from the summary. */
const struct nta_incidents *nta_summary_incidents(const struct nta_summary *summary);

/** The table; a line may be longer than a terminal: evidence is not cut. */
void nta_summary_print(struct nta_summary *summary, FILE *out, bool colour);
