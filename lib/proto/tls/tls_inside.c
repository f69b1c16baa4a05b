/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_inside.h"

#include "base/own.h"
#include "proto/tls/tls.h"

#include <assert.h>

struct carrier
{
    const struct nta_proto_io *io;
    enum nta_app app;
};

static void emit(void *owner, const struct nta_event *event)
{
    const struct carrier *carrier = owner;
    struct nta_event ours = *event;

    ours.app = carrier->app;
    carrier->io->emit(carrier->io->owner, &ours);
}

static struct nta_proto_io tls_io_of(struct carrier *carrier, enum nta_side side)
{
    return (struct nta_proto_io){
        .side = side,
        .wall_ns = carrier->io->wall_ns,
        .client_port = carrier->io->client_port,
        .server_port = carrier->io->server_port,
        .is_stream = true,
        .emit = emit,
        .owner = carrier,
    };
}

size_t nta_tls_inside_feed(struct nta_tls_inside *inside, struct nta_proto_io *io,
                           enum nta_side side, enum nta_app app, struct nta_span bytes)
{
    struct carrier carrier = {.io = io, .app = app};
    struct nta_proto_io tls_io = tls_io_of(&carrier, side);
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    assert(nta_proto_tls.state_size <= sizeof(inside->tls));
    const enum nta_parse verdict = nta_proto_tls.feed(inside->tls, &tls_io, &r);

    inside->done[side] |=
        tls_io.done || tls_io.swap || verdict == NTA_PARSE_BAD || verdict == NTA_PARSE_OTHER;
    io->done_both |= tls_io.swap; /* the server says hello first: this is not what it seems */
    return nta_reader_offset(&r);
}

void nta_tls_inside_end(struct nta_tls_inside *inside, struct nta_proto_io *io, enum nta_app app)
{
    struct carrier carrier = {.io = io, .app = app};
    struct nta_proto_io tls_io = tls_io_of(&carrier, io->side);

    nta_proto_tls.end(inside->tls, &tls_io);
}

void nta_tls_inside_turn(struct nta_tls_inside *inside)
{
    NTA_TURN(inside->done);
    nta_proto_tls.turn(inside->tls);
}
