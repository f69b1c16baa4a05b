/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the owner of flows tells the table of one of them, and asks it, from within its calls. */

#include "flow/flow.h"

/**
 * Owner: what this flow of datagrams was there for is over.  It is kept as long as a connection
 * that was closed is, unless more comes.
 */
void nta_flows_rest(struct nta_flows *flows, struct nta_flow *flow);

/**
 * Several connections may share the ports of this flow from now on (QUIC): each is a flow of its
 * own, a part, and `part` of the owner says which of them a packet belongs to.  At most
 * NTA_FLOW_PARTS_MAX: then the oldest ends.
 */
void nta_flow_part(struct nta_flow *flow);

enum
{
    NTA_FLOW_PARTS_MAX = 8,
    /** With the same addresses and ports in different networks: then the oldest ends. */
    NTA_FLOW_TWINS_MAX = 16,
};

/** The part begun before this one; NULL: none that still lives. */
struct nta_flow *nta_flows_older_part(const struct nta_flows *flows, const struct nta_flow *flow);

/**
 * Owner: what the connection carries has told who is who; a SYN, which anybody can send, does not
 * change it any more.
 */
void nta_flow_settle(struct nta_flow *flow);

/** Owner: an end of this flow of datagrams showed that it sees what the other one sends. */
void nta_flow_prove(struct nta_flow *flow);

/**
 * The sides were taken the wrong way round: client and server change places, with all that the flow
 * keeps by direction, and `turned` is called.  The one way to do it; the owner may from within any
 * call but `turned`.
 */
void nta_flows_swap(struct nta_flows *flows, struct nta_flow *flow);

/** Where the bytes lie that are shown, or told to be missing, at this moment. */
struct nta_flow_at
{
    uint32_t seq; ///< Sequence number of the first of them.
    uint32_t ack; ///< Acknowledgement number of the segment that brought the newest of them.
    bool has_ack; ///< There was one.
    uint32_t cut; ///< Of a datagram: so many bytes more were not captured.
};

/** Within `data`, `gap` and `datagram`: where that lies. */
struct nta_flow_at nta_flows_at(const struct nta_flows *flows);

/**
 * How long before its last packet the slice at work began: with the first packet, where
 * `active_timeout` was called last, or with the first packet after it was quiet.
 */
uint64_t nta_flow_slice_ns(const struct nta_flow *flow);

/** Of what the owner asked to skip in this direction: so many bytes have not gone by yet. */
uint64_t nta_flow_skip_left(const struct nta_flow *flow, enum nta_dir dir);

/**
 * Of the numbers of this direction, so many came to nobody: their receiver did not acknowledge
 * them, and reset the connection, or bytes before them are missing at its end.
 */
uint64_t nta_flow_refused(const struct nta_flow *flow, enum nta_dir dir);

/**
 * Of TCP: did bytes come in its opener's name behind its own reset, or behind an end that the other
 * side took, or that nobody took?  They are a claim until the opener shows that they are its own.
 */
bool nta_flow_is_disowned(const struct nta_flow *flow);

/**
 * Of TCP: has the other side acknowledged all that its opener said so far?  False: `taken` of
 * nta_flow_ops is called when it has.
 */
bool nta_flow_wait(struct nta_flow *flow);

/** Of TCP: TTL or hop limit of this side's packets, by the first of them; 0: not known. */
uint8_t nta_flow_ttl(const struct nta_flow *flow, enum nta_dir dir);

/** Of TCP: has this side said that it sends no more (FIN), and was all before that shown? */
bool nta_flow_is_over(const struct nta_flow *flow, enum nta_dir dir);
