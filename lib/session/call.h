/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A call of a connection's parser: what it is given, the memory that it holds between calls, and
 * its end.
 *
 * Memory is held only while it is good for something; at the limit of a pool, whoever was not heard
 * of for longest tells what is pending and gives up: of a stream nothing more is read then, of
 * datagrams the next one begins anew.
 */

#include "session/state/parts.h"

/** Fill `io` for a call about bytes of this side. */
void nta_call_open(struct nta_session *session, enum nta_side side, int64_t wall_ns);

/** Forget what the parser wished in the call before. */
void nta_call_clear_wishes(struct nta_proto_io *io);

/** On which link this side's packets came. */
uint64_t nta_call_link(const struct nta_flow *flow, enum nta_side side);

/** If the running parser says that the sides are the wrong way round: so are those of its call. */
void nta_call_apply_swap(struct nta_session *session);

/** What all calls of this parser share; NULL: nothing. */
void *nta_call_shared(const struct nta_session_parts *parts, const struct nta_proto *proto);

/** Of a protocol, its place among all. */
size_t nta_call_index(const struct nta_proto *proto);

/**
 * Memory of this pool for the connection; NULL only if even the oldest holder had none to give.
 */
void *nta_call_take(struct nta_session *session, struct nta_states *states,
                    struct nta_holder *holder);

/** What the parser holds goes back; it begins anew if it is called again. */
void nta_call_release_memory(struct nta_session_parts *parts, struct nta_conn *conn);

/** The same, and no parser is at work any more. */
void nta_call_release(struct nta_session_parts *parts, struct nta_conn *conn);

/** The parser tells what it still has to.  Without a state there is nothing. */
void nta_call_end(struct nta_session *session);

/** It is told of: what nobody recognised may be known by what an end announced. */
void nta_call_name(const struct nta_session *session);

/**
 * Nothing more is read of this connection: what is pending is told, then the parser's state goes
 * back.
 */
void nta_call_over(struct nta_session *session);

/** A state for one call: most datagrams are whole messages, behind which nothing is to be kept. */
void nta_call_lend_state(struct nta_session *session);

/** After the call: a state that is good for something is kept, and no other. */
void nta_call_keep_state(struct nta_session *session);
