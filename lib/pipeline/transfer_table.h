/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table of transfers: slots that are free, used, and among these those that wait for a connection, found by its two ends.
 * Nothing is told here.  Private to transfer.c.
 */

#include "pipeline/transfer.h"

/** A free slot, zeroed and used from now on; NULL: there is none. */
struct nta_transfer_slot *nta_transfer_take(struct nta_transfers *transfers);

/** When all are used: which one goes next. */
struct nta_transfer_slot *nta_transfer_oldest(struct nta_transfers *transfers);

/** It is free; its flows know nothing of it any more. */
void nta_transfer_release(struct nta_worker *worker, struct nta_transfer_slot *slot);

/** The flow, if any, has nothing to do with the slot any more. */
void nta_transfer_forget(struct nta_worker *worker, struct nta_flow *flow,
                         const struct nta_transfer_slot *slot);

/** The slot's number, from 1, by which flows and lists name it. */
uint16_t nta_transfer_number(const struct nta_worker *worker, const struct nta_transfer_slot *slot);

/** The one that the flow asked for last, or moves; or NULL. */
struct nta_transfer_slot *nta_transfer_slot_of(const struct nta_worker *worker,
                                               const struct nta_flow *flow);

/** Wait for a connection between the ends in the slot, which does not wait yet. */
void nta_transfer_wait(struct nta_worker *worker, struct nta_transfer_slot *slot);
/** The slot waits no more; nothing if it did not. */
void nta_transfer_stop_waiting(struct nta_worker *worker, struct nta_transfer_slot *slot);

/** The slot that waits for this flow, or NULL; `ret_as_server`: the listener is what the flow takes for its server. */
struct nta_transfer_slot *nta_transfer_find(struct nta_worker *worker, const struct nta_flow *flow,
                                            bool *ret_as_server);
