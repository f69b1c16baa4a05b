/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: one direction's bytes in order, and what is shown when.  What came early
 * waits in segments.h.
 */

#include "flow/segments.h"

enum
{
    /** A SYN seen late lies at most this far before what was seen of its stream. */
    NTA_FLOW_SYN_REACH = 1 << 16
};

/** Where a number lies, seen from what is next. */
enum nta_flow_place
{
    NTA_FLOW_PLACE_NEAR,    ///< Old, next, or early.
    NTA_FLOW_PLACE_AHEAD,   ///< Too far ahead to be believed at once.
    NTA_FLOW_PLACE_NOWHERE, ///< Not of this stream's numbers.
};

/** Take one segment, wire_len > 0, of a started stream. */
void nta_flow_stream_take(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream, struct nta_flow_piece piece);
/** Where `seq` lies in a started stream, by distance (RFC 1982) and by what was acknowledged. */
enum nta_flow_place nta_flow_stream_place(const struct nta_flow_stream *stream, uint32_t seq);
/** So many packets came from elsewhere that the next one of them will be believed. */
bool nta_flow_stream_is_lost(const struct nta_flow_stream *stream);
/** The other side has everything before `ack`. */
void nta_flow_stream_acked(struct nta_flow_stream *stream, uint32_t ack);

/** It has said all (FIN), and all of that was shown. */
bool nta_flow_stream_is_over(const struct nta_flow_stream *stream);
/** Show the captured bytes of a piece, which are in order. */
void nta_flow_stream_show(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream, struct nta_flow_piece piece);
/** Give up holes that the other side has acknowledged, if there was time for mere reordering. */
void nta_flow_stream_check(struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *stream);
/**
 * The other side says something, and has bytes that are held: give up the holes before these, so
 * that what it says is shown behind what it answers.
 */
void nta_flow_stream_answered(struct nta_flows *flows, struct nta_flow_entry *entry,
                              struct nta_flow_stream *stream);
/**
 * The stream ends: give up every hole, and what is missing up to its FIN or to what was
 * acknowledged.
 */
void nta_flow_stream_finish(struct nta_flows *flows, struct nta_flow_entry *entry,
                            struct nta_flow_stream *stream);

/** It is quiet: of both directions what was acknowledged and is missing is given up. */
void nta_flow_streams_rest(struct nta_flows *flows, struct nta_flow_entry *entry);

/** The connection is over: both directions end, the client's first. */
void nta_flow_streams_finish(struct nta_flows *flows, struct nta_flow_entry *entry);
