/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is left of a forbidden connection of HTTP, whose bytes its requests count: all of it if none
 * of them is forbidden, what is more than theirs if it has holes.  Requests are recorded before
 * their connection, and both have its number (`about`), so one walk is enough.
 *
 * 65,536 connections are remembered, the last ones.
 */

#include "record/counted.h"

struct nta_connections; ///< Opaque.

/** NULL: out of memory. */
struct nta_connections *nta_connections_new(void);
/** Takes NULL too. */
void nta_connections_free(struct nta_connections **connections);

/** Note what a forbidden request counts; other records are passed over. */
void nta_connections_note(struct nta_connections *connections, const struct nta_record *record,
                          const struct nta_counted *counted);

/** What a forbidden flow counts beside its requests; zeros for what is none, or is told of. */
struct nta_counted nta_connections_left(const struct nta_connections *connections,
                                        const struct nta_record *record,
                                        const struct nta_counted *counted);
