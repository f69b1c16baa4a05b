/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The canary: made-up packets that must be found (internal to capture/).
 *
 * When asked, a live capture thread makes packets for each worker, as if they had just been
 * captured, and gives them the way every packet goes: decode, dispatch.  A DNS question and a TLS
 * ClientHello, each for a name below the one that only this process knows:
 * "d-SOURCE-WORKER-TICKET.NAME" and "t-SOURCE-WORKER-TICKET.NAME".  Their addresses are of the
 * documentation prefix 2001:db8::/32 (RFC 3849), which no real packet has, tried until each worker
 * has its own.  Nothing is sent, and nothing is counted as received.
 */

#include "capture/state.h"

/** Capture thread: make the packets, if they were asked for since the last call. */
void nta_canary_serve(struct nta_capture *capture);
