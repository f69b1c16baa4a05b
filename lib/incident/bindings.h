/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What records of bindings (`lease`) say of addresses, for this module alone: who had one, from
 * when to when.  They come in any order and from any sensor, so it is decided once all are there
 * (nta_incidents_bind()): what one sensor says of one address is told in the order of time, and
 * another device, another login of the same source or its end ends what was before.
 *
 * Only what a server said counts: leases and logins, not what stations say of themselves.  What was
 * told beside the wire, by a login's server or through a relay is about the address in whatever
 * network.
 */

#include "incident/set.h"

/** Of a record that says who has an address; others are passed over.  0 or -ENOMEM. */
int nta_incidents_add_binding(struct nta_incidents *set, const struct nta_record *record,
                              struct nta_span cbor, const char *id);

/** Free what it owns. */
void nta_fact_binding_done(struct nta_fact_binding *binding);
