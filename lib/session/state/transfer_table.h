/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The table of transfers: slots that are free, used, and among these those that wait for a
 * connection, found by its two ends.  Nothing is told here.
 */

#include "base/hash.h"
#include "base/runtime/clock.h"
#include "flow/flow.h"
#include "proto/file/path.h"
#include "session/state/conn.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_TRANSFERS_MAX = 1024,
    NTA_TRANSFER_METHOD_SIZE = 8,
};

#define NTA_TRANSFER_WAIT_NS (120 * NTA_NS_PER_S)

/** Asked for on one connection, moved over another. */
struct nta_transfer_slot
{
    struct nta_addr listener, other; ///< Whom the content's connection is between.
    uint16_t port;                   ///< Of the listener.
    uint16_t asked_port;             ///< Where it was asked for; 0: at the protocol's own port.
    uint32_t network; ///< That names one, as flows have it (`network_kind`, `network`); else zero,
    uint8_t network_kind; ///< and this, too.
    uint8_t ip_proto, app;
    bool any_port; ///< Announced by what anybody can have made up: for flows of that kind alone.
    bool used, waiting; ///< `waiting`: no connection has claimed it, and one may.
    bool client_listens, to_server, complete, reported;
    uint16_t status;
    uint16_t path_len; ///< 0: no file (a listing).
    char method[NTA_TRANSFER_METHOD_SIZE];
    uint16_t link;    ///< Number of the next free one, or of the next with this hash.
    const char *type; ///< By content; static text or NULL.
    struct nta_flow *control, *content; ///< While they live.
    int64_t begin_wall_ns;
    uint64_t bytes_up, bytes_down;
    uint64_t lost_up, lost_down, expected, first; ///< As of struct nta_transfer.
    bool hole, contested, content_contested, claimed;
    bool altered; ///< As of struct nta_transfer.
    bool hashed;  ///< `sha256` is that of the file.
    uint8_t sha256[32];
    bool counted; ///< The parser counted the bytes; else the flow's are the content's.
    uint8_t path[NTA_PATH_SIZE];
};

/** A slot's number is its index + 1; 0 is none. */
struct nta_transfers
{
    struct nta_hash_key key;
    struct nta_transfer_slot *slots;     ///< NTA_TRANSFERS_MAX; owned.
    uint16_t by_hash[NTA_TRANSFERS_MAX]; ///< First of those that wait with this hash.
    uint16_t by_port[256];               ///< How many wait, by the low byte of the listener's port.
    uint16_t free, n_touched;            ///< First free one; ever used.
    uint16_t next_to_go;                 ///< Goes first when none is free.
};

/** 0 or -ENOMEM. */
int nta_transfers_init(struct nta_transfers *transfers, const struct nta_hash_key *key);
/** Frees the slots; of those still used nothing is told. */
void nta_transfers_done(struct nta_transfers *transfers);

/** A free slot, zeroed and used from now on; NULL: there is none. */
struct nta_transfer_slot *nta_transfer_take(struct nta_transfers *transfers);

/** When all are used: which one goes next. */
struct nta_transfer_slot *nta_transfer_oldest(struct nta_transfers *transfers);

/** It is free; its flows know nothing of it any more. */
void nta_transfer_release(struct nta_transfers *transfers, struct nta_transfer_slot *slot);

/** The flow, if any, has nothing to do with the slot any more. */
void nta_transfer_forget(struct nta_transfers *transfers, struct nta_flow *flow,
                         const struct nta_transfer_slot *slot);

/** The slot's number, as a connection remembers it: its index + 1. */
uint16_t nta_transfer_number(const struct nta_transfers *transfers,
                             const struct nta_transfer_slot *slot);

/** The one that the flow asked for last, or moves; or NULL. */
struct nta_transfer_slot *nta_transfer_slot_of(const struct nta_transfers *transfers,
                                               const struct nta_flow *flow);

/** Wait for a connection between the ends in the slot, which does not wait yet. */
void nta_transfer_wait(struct nta_transfers *transfers, struct nta_transfer_slot *slot);
/** No connection will be found for it any more; nothing happens if it did not wait. */
void nta_transfer_stop_waiting(struct nta_transfers *transfers, struct nta_transfer_slot *slot);

/**
 * The slot that waits for this flow, or NULL; `ret_as_server`: the listener is what the flow takes
 * for its server.
 */
struct nta_transfer_slot *nta_transfer_find(struct nta_transfers *transfers,
                                            const struct nta_flow *flow, bool *ret_as_server);

/** The transfer whose content this flow moves, or NULL. */
const struct nta_transfer_slot *nta_transfers_of_content(const struct nta_transfers *transfers,
                                                         const struct nta_flow *flow);

/** What an event would say of it; borrows from `slot`. */
struct nta_transfer nta_transfer_of_slot(const struct nta_transfer_slot *slot);
