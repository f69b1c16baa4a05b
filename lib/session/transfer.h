/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files that FTP, TFTP, SMB and BitTorrent move, and what SOCKS proxies are asked for.
 *
 * FTP and TFTP ask on one connection and move the content over another.  What was asked for and
 * announced waits in a table of the worker (both connections are between the same two addresses, so
 * the same worker has both) until the connection that is expected claims it, and is told when that
 * one ends: one record with path, code and bytes.  What nobody claims is told when the server
 * refuses it, the next transfer begins, or the control connection ends.  A port announced for a
 * third host (FXP, RFC 959 section 5.2, or an attack by it) is counted and not waited for.
 *
 * Bounds: NTA_TRANSFERS_MAX at a time, the oldest goes first, reported as it is;
 * NTA_TRANSFER_WAIT_NS to be claimed.  Thread: the worker's.
 */

#include "session/state/parts.h"

#include <stdbool.h>

/**
 * A new flow: if it was expected, it is that transfer's from now on, and its sides are those of the
 * protocol.  True: they were swapped.
 */
bool nta_transfers_opened(const struct nta_session *session);

/**
 * The first bytes of a flow that was expected: are they what was announced?  False: the file would
 * go the other way, or this is a hello of TLS, so the announcement, which can name any port, waits
 * on, and the flow is recognised like any other.
 */
bool nta_transfers_begins(const struct nta_session *session, struct nta_span first);

/** The flow's sides changed places: so do those of what it asked for. */
void nta_transfers_turned(const struct nta_session *session);

/**
 * TRANSFER_BEGIN on session->flow: what it says of a connection elsewhere is kept and waited for; a
 * path or host that a list forbids is an alert at once.
 */
void nta_transfers_begin(const struct nta_session *session, const struct nta_event *event);
/**
 * TRANSFER_REPLY: path and ends that only the server knew, and its code; one of 400 or more before
 * any content ends the transfer, which is reported.
 */
void nta_transfers_reply(const struct nta_session *session, const struct nta_event *event);
/** TRANSFER_DATA: the content's first bytes, which tell its type. */
void nta_transfers_data(const struct nta_session *session, const struct nta_event *event);
/**
 * TRANSFER_END: moved.  On a connection of the transfer's own it is counted there, and reported
 * when that one ends; else it is reported now.
 */
void nta_transfers_end(const struct nta_session *session, const struct nta_event *event);

/** Other bytes of this connection came, and nothing tells which were taken. */
void nta_transfers_contested(const struct nta_session *session);

/** A flow ends: report what it moved, or asked for in vain. */
void nta_transfers_ended(const struct nta_session *session);

/**
 * The site of a flow that moves a transfer's content is known: match the connection by its URL,
 * too.
 */
void nta_transfers_match(const struct nta_session *session);
