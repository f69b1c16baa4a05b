/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bytes of a stream, in their order, to the parser whose they are: what it does not want is
 * passed over, what it hands over is recognised anew, and so is what it turns out not to know.
 */

#include "session/state/parts.h"

/** The next bytes of a side, in a session that is open; what was done with them (nta_flow_ops). */
struct nta_taken nta_read_stream(struct nta_session *session, struct nta_span bytes);

/** The next `len` bytes of a side are lost.  False: no more need be shown of it. */
bool nta_read_stream_gap(struct nta_session *session, uint64_t len);
