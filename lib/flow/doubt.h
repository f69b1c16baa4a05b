/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: would the receiver of this segment take its bytes?  Programs that are to
 * hide a site send bytes before the true ones, of a kind that no receiver gets or takes: on their
 * way they die of a low TTL, or they have a wrong checksum, an acknowledgement of long ago, a
 * signature that nobody asked for.  Devices pad bare acknowledgements and count that in the
 * length.  And what comes with a SYN is taken only if the answer says so (RFC 7413).
 *
 * A doubt is no verdict: such bytes wait until the receiver has acknowledged them, or others have
 * come in their place (second.h).
 */

#include "decode/decode.h"
#include "flow/segments.h"

/** What is common for the sender is learnt from the packet, a SYN above all. */
void nta_flow_doubt_learn(struct nta_flow_stream *sender, const struct nta_packet *packet,
                          const uint8_t *bytes);

/** Is it in doubt?  `segment`: what its headers say; NULL: nobody knows. */
bool nta_flow_doubt_is(const struct nta_flow_stream *sender, const struct nta_flow_stream *other,
                       const struct nta_packet *packet, const struct nta_segment *segment,
                       const uint8_t *bytes);

/** Is it unlike what the sender sends, by its TTL, checksum or signature? */
bool nta_flow_doubt_is_odd(const struct nta_flow_stream *sender, const struct nta_packet *packet,
                           const struct nta_segment *segment, const uint8_t *bytes);

/** The receiver took it all the same: what it was doubted for says nothing. */
void nta_flow_doubt_wrong(struct nta_flow_stream *sender, uint8_t ttl);

/* ---- whose bytes they are (edge.c) ---- */

/*
 * Bytes that come in the opener's name where it cannot have sent them (enum nta_flow_owned).  Whose
 * address somebody else writes on his packets answers with a reset what he is answered (RFC 9293
 * section 3.10.7.1); the forger goes on.  The bytes are read all the same, since resets and ends
 * are also made up to end what a sensor reads.
 */

/**
 * Whose the opener's bytes are behind an edge, which is where it, or who it speaks to, said that
 * nothing more comes, or what came before was never taken.  Who adds bytes there may be anybody:
 * one who writes its address on his packets, and whom its own reset gave away.
 */
enum nta_flow_owned
{
    NTA_FLOW_OWNED,      ///< There is no edge, or
    NTA_FLOW_EDGE_ENDED, ///< nothing came behind it.  The opener reset it, as it should;
    NTA_FLOW_EDGE_RESET, ///< with another number, or unlike what it sends: anybody may have;
    NTA_FLOW_EDGE_OTHER, ///< the other side reset it.
    /* from here on bytes came behind the edge: they are a claim until */
    NTA_FLOW_UNTAKEN, ///< they are acknowledged,
    NTA_FLOW_UNSEEN,  ///< the opener acknowledges what is answered;
    NTA_FLOW_DISOWNED ///< and for good.
};

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
