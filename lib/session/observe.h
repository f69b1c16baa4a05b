/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is known of a connection, as it gets more. */

#include "session/state/parts.h"

/**
 * The first sight of a flow: hold its address against the lists, ask what its client learnt from
 * DNS.
 */
void nta_observe_opened(const struct nta_session *session);

/**
 * The first bytes of a flow that was announced: are they what it was announced for?  False: the
 * flow is one like any other, of which this is the first sight.
 */
bool nta_observe_announced(const struct nta_session *session, struct nta_span first);

/**
 * User and peer may have changed places: what is known by the peer's address alone is looked up
 * anew.
 */
void nta_observe_turned(const struct nta_session *session);

/** An event of the connection's parser. */
void nta_observe_event(const struct nta_session *session, const struct nta_event *event);

/** It is a connection of QUIC that went on from other ports: what was known of it is known. */
void nta_observe_goes_on(const struct nta_session *session, const struct nta_quic_known *known);

/**
 * No better evidence of the site will come soon: if what is known is forbidden and was not told
 * yet, tell it.
 */
void nta_observe_decided(const struct nta_session *session);

/** A datagram came: it may show that who opened the flow sees the answers (role/echo.h). */
void nta_observe_echo(const struct nta_session *session, enum nta_dir dir,
                      struct nta_span datagram);

/** What was told while nobody had answered is told again now that somebody has. */
void nta_observe_answered(const struct nta_session *session);

/** An end has acknowledged what only who sees the other one's packets can know (nta_flow_ops). */
void nta_observe_proved(void *owner, struct nta_flow *flow);

/**
 * The flow ends: ask DNS again, since the worker that saw the answer may have been later than the
 * connection.
 */
void nta_observe_ended(const struct nta_session *session);

/** Do other bytes of the stream (other.h) name another site than the connection?  It is noted. */
void nta_observe_compare(struct nta_conn *conn);
