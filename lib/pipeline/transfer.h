/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that FTP, TFTP, SMB and BitTorrent move, and what SOCKS proxies are asked for.
 *
 * FTP and TFTP ask on one connection and move the content over another.  What was asked for and announced waits in a
 * table of the worker (both connections are between the same two addresses, so the same worker has both) until the
 * connection that is expected claims it, and is told when that one ends: one record with path, code and bytes.  What
 * nobody claims is told when the server refuses it, the next transfer begins, or the control connection ends.  A port
 * announced for a third host (FXP, RFC 959 section 5.2, or an attack by it) is counted and not waited for.
 *
 * Bounds: NTA_TRANSFERS_MAX at a time, the oldest goes first, reported as it is; NTA_TRANSFER_WAIT_NS to be claimed.
 * Thread: the worker's.
 */

#include "base/runtime/clock.h"
#include "flow/flow.h"
#include "pipeline/conn.h"
#include "proto/file/path.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_TRANSFERS_MAX = 1024,
    NTA_TRANSFER_METHOD_SIZE = 8,
};

#define NTA_TRANSFER_WAIT_NS (120 * NTA_NS_PER_S)

struct nta_worker;

/** Asked for on one connection, moved over another. */
struct nta_transfer_slot
{
    struct nta_addr listener, other; ///< Whom the content's connection is between.
    uint16_t port;                   ///< Of the listener.
    uint8_t ip_proto, app;
    bool used, waiting; ///< `waiting`: no connection has claimed it, and one may.
    bool client_listens, to_server, complete, reported;
    uint16_t status;
    uint16_t path_len; ///< 0: no file (a listing).
    char method[NTA_TRANSFER_METHOD_SIZE];
    uint16_t link;    ///< Number of the next free one, or of the next with this hash.
    const char *type; ///< By content; static text or NULL.
    struct nta_flow *control, *content; ///< While they live.
    int64_t begin_wall_ns, end_wall_ns;
    uint64_t bytes_up, bytes_down;
    bool counted; ///< The parser counted the bytes; else the flow's are the content's.
    uint8_t path[NTA_PATH_SIZE];
};

/** A slot's number is its index + 1; 0 is none. */
struct nta_transfers
{
    struct nta_transfer_slot *slots;     ///< NTA_TRANSFERS_MAX; owned.
    uint16_t by_hash[NTA_TRANSFERS_MAX]; ///< First of those that wait with this hash.
    uint16_t by_port[256];               ///< How many wait, by the low byte of the listener's port.
    uint16_t free, n_touched;            ///< First free one; ever used.
    uint16_t next_to_go;                 ///< Goes first when none is free.
};

/** 0 or -ENOMEM. */
int nta_transfers_init(struct nta_transfers *transfers);
/** Free what it owns. */
void nta_transfers_done(struct nta_transfers *transfers);

/** A new flow: if it was expected, it is that transfer's from now on, and its sides are those of the protocol.
 *  True: they were swapped. */
bool nta_transfers_opened(struct nta_worker *worker, struct nta_flow *flow);

/** The flow's sides changed places: so do those of what it asked for. */
void nta_transfers_turned(struct nta_worker *worker, struct nta_flow *flow);

/** A TRANSFER_… event on worker->flow. */
void nta_transfers_event(struct nta_worker *worker, const struct nta_event *event);

/** A flow ends: report what it moved, or asked for in vain. */
void nta_transfers_ended(struct nta_worker *worker, struct nta_flow *flow);

/** The site of a flow that moves a transfer's content is known: match the connection by its URL, too. */
void nta_transfers_match(struct nta_worker *worker, const struct nta_flow *flow);

/** The transfer whose content this flow moves, or NULL. */
const struct nta_transfer_slot *nta_transfers_of_content(const struct nta_worker *worker,
                                                         const struct nta_flow *flow);

/** The same as an event says it; borrows from `slot`. */
struct nta_transfer nta_transfer_of_slot(const struct nta_transfer_slot *slot);

enum
{
    NTA_TRANSFER_URL_SIZE = 2048
};

/** transfer_url.c: scheme://host[:port]/path with what a URL cannot hold percent-coded (RFC 3986); gives the span in
 *  `buf`, empty if there is no URL for it. */
struct nta_span nta_transfer_url(enum nta_app app, struct nta_span site,
                                 const struct nta_transfer *transfer,
                                 char buf[NTA_TRANSFER_URL_SIZE]);

/* ---- transfer_report.c ---- */

/** The record of a transfer that `flow` asked for or moved; `type` may be NULL. */
void nta_report_transfer(struct nta_worker *worker, const struct nta_flow *flow, enum nta_app app,
                         const struct nta_transfer *transfer, const char *type);

/** A list forbids what was asked for now: the alert. */
void nta_report_transfer_alert(struct nta_worker *worker, enum nta_app app,
                               const struct nta_transfer *transfer);

/** What a flow's own record says of the file it moves. */
void nta_report_transfer_content(struct nta_worker *worker, const struct nta_transfer_slot *slot,
                                 char url[NTA_TRANSFER_URL_SIZE], struct nta_record *record);
