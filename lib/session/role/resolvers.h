/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * DNS that cannot be read: over TLS (RFC 7858), HTTPS (RFC 8484), QUIC (RFC 9250).  Recognised by
 * port 853, by ALPN, by the names of well-known resolvers, and in clear by the path that RFC 8484
 * has in its examples and all resolvers use.
 */

#include "session/state/conn.h"

/** NTA_APP_DOT, _DOH, _DOQ, or NONE: not recognised as one of them. */
enum nta_app nta_resolvers_service(const struct nta_flow *flow, const struct nta_conn *conn);

/** True for the target of a request to a resolver. */
bool nta_resolvers_is_query(struct nta_span target);
