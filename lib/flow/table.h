/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the flow module: the table of flows, opened and ended by their age (table.c).
 */

#include "flow/entry.h"

/**
 * A new flow, its sides from this packet; the oldest goes if there is no space.  `is_part`: one
 * more on the ports of a parted one, if that is still there.
 */
struct nta_flow_entry *nta_flow_open(struct nta_flows *flows, const struct nta_packet *packet,
                                     bool src_is_client, bool is_part);
/**
 * The part of a parted flow, of which nta_flow_find() gave the newest, that the packet belongs to,
 * with the sender's direction in it; NULL: a new one.
 */
struct nta_flow_entry *nta_flow_part_of(struct nta_flows *flows, struct nta_flow_entry *newest,
                                        const struct nta_packet *packet, struct nta_span payload,
                                        enum nta_dir *ret_dir);
/** `entry` was seen now. */
void nta_flow_touch(struct nta_flows *flows, struct nta_flow_entry *entry);
/**
 * From now on it ages by that time-out.  Only while its packet is looked at: it becomes the list's
 * last, and lists are in last-seen order.
 */
void nta_flow_set_timeout(struct nta_flows *flows, struct nta_flow_entry *entry,
                          enum nta_flow_timeout timeout);
/** Show what is held, tell the owner, take the flow out. */
void nta_flow_end(struct nta_flows *flows, struct nta_flow_entry *entry, enum nta_flow_end why);
/**
 * End the first flow of a list; those behind it, which were not looked at for long, are asked for.
 */
void nta_flow_end_first(struct nta_flows *flows, enum nta_flow_timeout timeout,
                        enum nta_flow_end why);
/** Longer unseen than its time-out allows: it is over. */
bool nta_flow_is_idle(const struct nta_flows *flows, const struct nta_flow_entry *entry);
/** Of TCP: unseen for as long as a slice lasts, but not over. */
bool nta_flow_is_quiet(const struct nta_flows *flows, const struct nta_flow_entry *entry);
/** What it was so far is told, and it rests until its next packet. */
void nta_flow_be_quiet(struct nta_flows *flows, struct nta_flow_entry *entry);
