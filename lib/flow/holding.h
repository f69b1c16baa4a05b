/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: which flow holds which stream memory, taken and given back.
 */

#include "flow/entry.h"

/**
 * A block for the flow; if there is none, flows that took memory longest ago lose theirs.  0: none.
 */
uint32_t nta_flow_hold_block(struct nta_flows *flows, struct nta_flow_entry *entry, size_t size);
/** Give a block of this flow's back; 0 is none, and nothing happens. */
void nta_flow_release_block(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t block);
/**
 * A block of `size` with the `len` bytes at `off` of `block`, which is released; or 0, nothing
 * changed.
 */
uint32_t nta_flow_grow_block(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t block,
                             struct nta_span bytes, size_t size);
/** A segment, zeroed; 0: none. */
uint32_t nta_flow_hold_segment(struct nta_flows *flows, struct nta_flow_entry *entry);
/** Give a segment of this flow's back, which is in no list any more; its block stays held. */
void nta_flow_release_segment(struct nta_flows *flows, struct nta_flow_entry *entry, uint32_t id);
/** Show nothing more of this direction and free its bytes. */
void nta_flow_stream_stop(struct nta_flows *flows, struct nta_flow_entry *entry,
                          struct nta_flow_stream *stream);
/** Drop the bytes the owner left. */
void nta_flow_stream_drop_kept(struct nta_flows *flows, struct nta_flow_entry *entry,
                               struct nta_flow_stream *stream);
/** Give back all memory of both directions. */
void nta_flow_stream_release(struct nta_flows *flows, struct nta_flow_entry *entry);

/** Take the first segment out; the caller releases its block. */
struct nta_flow_segment nta_flow_segments_pop(struct nta_flows *flows, struct nta_flow_entry *entry,
                                              struct nta_flow_stream *stream);
