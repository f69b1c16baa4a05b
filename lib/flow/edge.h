/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: bytes that come in the opener's name where it cannot have sent them
 * (enum nta_flow_owned).  Whose address somebody else writes on his packets answers with a reset
 * what he is answered (RFC 9293 section 3.10.7.1); the forger goes on.  The bytes are read all the
 * same, since resets and ends are also made up to end what a sensor reads.
 */

#include "flow/entry.h"

/** Does it speak for who opened the connection, or for its client if nobody knows who did? */
bool nta_flow_edge_is_opener(const struct nta_flow_entry *entry,
                             const struct nta_flow_stream *stream);

/** A reset that counts came; `packet` at `bytes`. */
void nta_flow_edge_reset(struct nta_flow_entry *entry, struct nta_flow_stream *sender,
                         struct nta_flow_stream *other, const struct nta_packet *packet,
                         const uint8_t *bytes);

/** Bytes up to `end_seq` came; before a FIN that they lie behind is forgotten. */
void nta_flow_edge_bytes(struct nta_flow_entry *entry, const struct nta_flow_stream *sender,
                         uint32_t end_seq);

/** What lies before `seq` is given up, and nobody who is heard has taken it. */
void nta_flow_edge_hole(struct nta_flow_entry *entry, struct nta_flow_stream *stream, uint32_t seq);

/**
 * `sender` acknowledges what `other` sent; before that is noted.  True: the bytes behind the edge
 * are no claim any more.
 */
bool nta_flow_edge_acked(struct nta_flow_entry *entry, const struct nta_flow_stream *sender,
                         const struct nta_flow_stream *other, uint32_t ack);

/** Has the other side acknowledged all that the opener said? */
bool nta_flow_edge_is_taken(const struct nta_flow_entry *entry);
