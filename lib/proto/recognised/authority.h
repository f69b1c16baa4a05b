/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where a client goes, by its own words: hosts with ports, and URLs (RFC 3986 section 3.2). */

#include "proto/event.h"

/**
 * Into `transfer`: the host, without brackets' port, and the port, if it has one ("host:9418",
 * "[::1]").  Nothing, if what stands for the port is none.  The host borrows from `text`.
 */
void nta_authority_read(struct nta_span text, struct nta_transfer *transfer);

/** The same of a URL, of which the scheme is passed over, and its path.  False: it is none. */
bool nta_authority_of_url(struct nta_span url, struct nta_transfer *transfer);
