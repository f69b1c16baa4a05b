/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a connection is beside its protocol: a tunnel, a proxy, a resolver, by the names that
 * policy/evasion.h lists.
 */

#include "session/state/conn.h"

/** Its name in lists, static; "": nothing more than its app says. */
const char *nta_role_of(const struct nta_flow *flow, const struct nta_conn *conn);

/** A certificate as relays of Tor make them up (tor-spec, "Certificates"; up to TLS 1.2). */
bool nta_role_is_tor(const struct nta_tls_certificate *certificate);

/** A server name as clients of Tor make it up, and no word: "www.ct7ctrgb6cr7.com". */
bool nta_role_is_made_up(struct nta_span name);
