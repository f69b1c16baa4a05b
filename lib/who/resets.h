/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: access servers that start or stop, and all logins by them with them.  To find
 * those the table is walked, at most once a second, or when as many others as are noted started:
 * how often a server says so is its sender's choice.
 */

#include "who/bindings.h"

/** Is it about an access server, and no login by itself? */
bool nta_who_is_reset(const struct nta_who_fact *fact);

/** Note it; the first ends the logins by it at once.  True: there may have been some. */
bool nta_who_reset(struct nta_who_table *table, const struct nta_who_fact *fact);

/** End what is still to be ended, once it is time. */
void nta_who_sweep(struct nta_who_table *table, int64_t wall_ns);
