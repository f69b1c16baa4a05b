/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * TLS whose records lie in another protocol's messages (OpenVPN, TDS), read by the parser of TLS
 * (proto/tls/tls.h).  Whoever unwraps the messages keeps what was not read yet, in order, and shows
 * it again with more behind it.
 *
 * Plain memory, zero is the start.
 */

#include "proto/parser.h"

enum
{
    NTA_TLS_INSIDE_SIZE = 640
};

struct nta_tls_inside
{
    bool done[2]; ///< By side: nothing more can be learnt from it.
    _Alignas(16) uint8_t tls[NTA_TLS_INSIDE_SIZE];
};

/**
 * Read records of `side`; events go to `io`, with `app` as theirs.  Gives how many bytes were read.
 * A server that says hello as a client asks for `io->done_both`.
 */
size_t nta_tls_inside_feed(struct nta_tls_inside *inside, struct nta_proto_io *io,
                           enum nta_side side, enum nta_app app, struct nta_span bytes);

/** The connection ended: what a hello that is not whole said is told. */
void nta_tls_inside_end(struct nta_tls_inside *inside, struct nta_proto_io *io, enum nta_app app);

/** The sides change places. */
void nta_tls_inside_turn(struct nta_tls_inside *inside);
