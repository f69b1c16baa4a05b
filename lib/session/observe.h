/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is known of a connection, as it gets more. */

#include "session/parts.h"

/**
 * The first sight of a flow: hold its address against the lists, ask what its client learnt from
 * DNS.
 */
void nta_observe_opened(const struct nta_session *session);

/**
 * User and peer may have changed places: what is known by the peer's address alone is looked up
 * anew.
 */
void nta_observe_turned(const struct nta_session *session);

/** An event of the connection's parser. */
void nta_observe_event(const struct nta_session *session, const struct nta_event *event);

/** A lookup that an ICMP error told of: recorded, but it teaches no name, and a match is weak. */
void nta_observe_icmp_error(const struct nta_session *session, enum nta_app app,
                            const struct nta_dns_lookup *dns);

/** An answer that every worker hears: what it teaches is kept where all know it. */
void nta_observe_heard(const struct nta_session *session, enum nta_app app,
                       const struct nta_dns_lookup *dns);

/**
 * No better evidence of the site will come soon: if what is known is forbidden and was not told
 * yet, tell it.
 */
void nta_observe_decided(const struct nta_session *session);

/**
 * The flow ends: ask DNS again, since the worker that saw the answer may have been later than the
 * connection.
 */
void nta_observe_ended(const struct nta_session *session);
