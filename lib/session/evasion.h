/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Connections that hide what their user does: VPNs, Tor, tunnels, proxies, and resolvers that
 * cannot be read.  What a connection shows itself to be has a name, and lists have entries for
 * such names ("program:openvpn"); the built-in list is policy/evasion.h.
 *
 * It is a deed of the user only where he opened the connection, was answered, and the other side is
 * not at home: what stays inside the network hides nothing from it, and what others open to a
 * server of ours is no deed of his.
 */

#include "session/state/parts.h"

/**
 * Something more may be known of what the connection is: if nothing else forbids it, and a list
 * forbids such programs, that does.  Cheap where nothing changed.  `is_last`: nothing more comes,
 * so that an answer is enough, though nobody showed that he saw it.
 */
void nta_evasion_look(const struct nta_session *session, bool is_last);
