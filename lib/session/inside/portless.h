/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets of protocols without ports that say what hides in them: pings (ICMP), and ESP. */

#include "session/state/parts.h"

/**
 * A packet of the session's connection, behind its IP header.  True: what the connection is known
 * to be may have changed with it.
 */
bool nta_portless_packet(const struct nta_session *session, struct nta_span packet);
