/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A datagram to the parser whose it is.  One side can say anything in one: until the other one has
 * answered, each is recognised anew where the parser at work would not begin with it.
 */

#include "session/state/parts.h"

/** The next datagram of a side, in a session that is open. */
void nta_read_datagram(struct nta_session *session, struct nta_span bytes);

/**
 * What is to be read of a datagram: once the first words through a relay were known, what that
 * carries.  Borrows from `bytes`.
 */
struct nta_span nta_read_inside(const struct nta_session *session, struct nta_span bytes);
