/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the flow table do for each other: to entries (table.c), lists (list.c), TCP connections (tcp.c). */

#include "flow/entry.h"

/** table.c: the flow of this packet with the sender's direction, or NULL. */
struct nta_flow_entry *nta_flow_find(const struct nta_flows *flows, const struct nta_packet *packet,
                                     enum nta_dir *ret_dir);
/** table.c: a new flow, its sides from this packet; the oldest goes if there is no space. */
struct nta_flow_entry *nta_flow_open(struct nta_flows *flows, const struct nta_packet *packet,
                                     bool src_is_client);
/** table.c: `entry` was seen now. */
void nta_flow_touch(struct nta_flows *flows, struct nta_flow_entry *entry);
/** table.c: from now on this time-out holds; the flow goes to the end of its list. */
void nta_flow_set_timeout(struct nta_flows *flows, struct nta_flow_entry *entry,
                          enum nta_flow_timeout timeout);
/** table.c: show what is held, tell the owner, take the flow out. */
void nta_flow_end(struct nta_flows *flows, struct nta_flow_entry *entry, enum nta_flow_end why);
/** table.c: end the first flow of a list; those behind it, which were not looked at for long, are asked for. */
void nta_flow_end_first(struct nta_flows *flows, enum nta_flow_timeout timeout,
                        enum nta_flow_end why);
/** table.c: longer unseen than its time-out allows. */
bool nta_flow_is_idle(const struct nta_flows *flows, const struct nta_flow_entry *entry);

/** list.c */
void nta_flow_list_append(struct nta_flow_list *list, struct nta_flow_link *links, uint32_t id);
/** list.c: take a flow out of the list that it is in. */
void nta_flow_list_remove(struct nta_flow_list *list, struct nta_flow_link *links, uint32_t id);

/** tcp.c: true if this packet opens, or belongs to, another connection than the flow's on the same ports. */
bool nta_flow_tcp_is_other(const struct nta_flows *flows, struct nta_flow_entry *entry,
                           struct nta_flow_stream *sender, const struct nta_packet *packet);
/** tcp.c: one packet of `sender`'s direction. */
void nta_flow_tcp(struct nta_flows *flows, struct nta_flow_entry *entry,
                  struct nta_flow_stream *sender, const struct nta_packet *packet,
                  const uint8_t *payload);
/** tcp.c: the connection is over: show what is held, with its holes. */
void nta_flow_tcp_finish(struct nta_flows *flows, struct nta_flow_entry *entry);
