/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A witness over HTTP/1.1 (libmicrohttpd): POST /add-checkpoint, and nothing else.  TLS is a
 * proxy's; what is posted is public and signed.
 *
 * One thread of its own for all connections.  Bounds: NTA_WITNESS_CONNECTIONS connections, ten
 * seconds without a byte, NTA_WITNESS_BODY_MAX of a request.
 */

#include "base/addr.h"
#include "witness/witness.h"

enum
{
    NTA_WITNESS_CONNECTIONS = 64
};

struct nta_witness_server; ///< Opaque.

/** Listen there; `witness` is borrowed until the stop.  0, or negative errno with the sentence. */
int nta_witness_server_start(struct nta_witness *witness, const struct nta_addr *addr,
                             uint16_t port, struct nta_witness_server **ret_server,
                             struct nta_err *err);

/** The TCP port: the one chosen by the system, if 0 was asked for. */
uint16_t nta_witness_server_port(const struct nta_witness_server *server);

/** Ends all connections and the thread. */
void nta_witness_server_stop(struct nta_witness_server **server);
