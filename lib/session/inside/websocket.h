/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Connections whose bytes are frames of WebSocket, which stand between read/ and what reads
 * them.
 */

#include "session/state/parts.h"

/** Who reads what frames carry, as the bytes of a stream; both may turn the session's sides. */
struct nta_websocket_ops
{
    struct nta_taken (*data)(struct nta_session *session, struct nta_span bytes);
    bool (*gap)(struct nta_session *session, uint64_t len);
};

/**
 * What follows lies in frames.  False: no more of them can be followed; those inside frames are
 * not.
 */
bool nta_websocket_begin(const struct nta_session *session);

/** Frames of the session's connection: what they carry goes to `inside`. */
struct nta_taken nta_websocket_data(struct nta_session *session, struct nta_span bytes,
                                    const struct nta_websocket_ops *inside);

/** `len` bytes of them were lost.  False: nothing more of this direction is wanted. */
bool nta_websocket_gap(struct nta_session *session, uint64_t len,
                       const struct nta_websocket_ops *inside);
