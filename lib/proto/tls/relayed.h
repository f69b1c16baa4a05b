/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a relay passes on: DNS, and HTTP, whose requests and answers each begin a datagram.  They
 * are read within the relay's own connection, which may carry others beside and after them, by
 * their parsers, with a state of their own.  Over TCP the first hello of DTLS or QUIC is, too; over
 * UDP the flow is handed over to these.
 *
 * Who asks through a relay may be its peer, an outsider: then the sides change places before
 * anything of what he asked is told.  What would turn them once more is not read.
 *
 * Of a message whose datagrams were lost the rest is not told from what would have been next.
 * Memory: one state, lent when the first of them comes (parser.h).
 */

#include "proto/parser.h"

#include <stddef.h>

struct nta_relayed
{
    const struct nta_proto *proto; ///< NULL: none so far.
    uint64_t skip[2];              ///< Of each side, what need not be shown.
    uint32_t memo;
    bool is_over;    ///< Nothing more is read.
    bool was_turned; ///< By what is inside: once, whatever follows.
    bool is_barred;  ///< It wanted that again.

    /** The parser's. */
    union
    {
        uint8_t state[NTA_PROTO_STATE_MAX];
        max_align_t aligned; ///< So that any state may lie there.
    };
};

/** What of it need be zero at the start, bytes. */
#define NTA_RELAYED_ZEROED offsetof(struct nta_relayed, state)

/**
 * Content of a datagram; `*relayed` is lent with the first that is one of these.  True: it is.
 * `io->done_both`: it was the hello.
 */
bool nta_relayed_take(struct nta_relayed **relayed, struct nta_proto_io *io,
                      struct nta_span content);

/** No more comes: what is pending is told.  Takes NULL. */
void nta_relayed_end(struct nta_relayed *relayed, struct nta_proto_io *io);

/** The sides change places.  Takes NULL. */
void nta_relayed_turn(struct nta_relayed *relayed);
