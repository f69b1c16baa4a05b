/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/relayed.h"

#include "base/own.h"
#include "proto/dns/dns.h"
#include "proto/http/http.h"
#include "proto/registry.h"

#include <string.h>

enum
{
    PORT_DNS = 53
};

/** As the parser's own connection would be; ports and numbers of the relay's mean nothing in it. */
static struct nta_proto_io inner_of(const struct nta_proto_io *io, const struct nta_proto *proto)
{
    struct nta_proto_io inner = *io;

    inner.side = nta_proto_side(io);
    inner.is_stream = proto == &nta_proto_http;
    inner.at = (struct nta_proto_at){0};
    inner.lend = NULL;
    inner.extra = inner.shared = NULL;
    inner.skip = 0;
    inner.idle = inner.done = inner.done_both = inner.handover = inner.swap = false;
    return inner;
}

/* Its first datagrams are a hello. */
static bool is_sealed(const struct nta_proto *proto)
{
    return proto == nta_protos[NTA_PROTO_PLACE_dtls] || proto == nta_protos[NTA_PROTO_PLACE_quic];
}

static const struct nta_proto *find(const struct nta_proto_io *io, struct nta_span content)
{
    static const uint8_t places[] = {NTA_PROTO_PLACE_dtls, NTA_PROTO_PLACE_quic,
                                     NTA_PROTO_PLACE_dns, NTA_PROTO_PLACE_http};

    for (size_t i = 0; i < NTA_N_ELEMENTS(places); i++) {
        const struct nta_proto *proto = nta_protos[places[i]];
        const struct nta_proto_io inner = inner_of(io, proto);

        if ((io->is_stream || !is_sealed(proto)) && proto->probe(&inner, content) == NTA_PARSE_OK)
            return proto;
    }
    return NULL;
}

/** An event of the parser inside, whose wishes are those of its own call. */
struct passing
{
    struct nta_proto_io *outer;
    const struct nta_proto_io *inner;
    struct nta_relayed *relayed;
};

/** The relay's connection has the sides that what is inside has.  False: it had turned before. */
static bool turn_outer(const struct passing *passing)
{
    struct nta_relayed *relayed = passing->relayed;

    if (nta_proto_side(passing->inner) == nta_proto_side(passing->outer))
        return true;
    if (relayed->was_turned) {
        relayed->is_barred = passing->outer->limited = true;
        return false;
    }
    relayed->was_turned = true;
    passing->outer->swap = !passing->outer->swap;
    return true;
}

/** Who asked is known before it is told what. */
static void pass_on(void *owner, const struct nta_event *event)
{
    const struct passing *passing = owner;

    if (turn_outer(passing))
        passing->outer->emit(passing->outer->owner, event);
}

/** Begin with one of them; what was before it is told. */
static bool begin(struct nta_relayed **relayed, struct nta_proto_io *io,
                  const struct nta_proto *proto)
{
    if (!*relayed)
        *relayed = io->lend ? io->lend(io->owner) : NULL;
    if (!*relayed) {
        io->limited = true;
        return false;
    }
    nta_relayed_end(*relayed, io);
    const bool was_turned = (*relayed)->was_turned;

    memset(*relayed, 0, NTA_RELAYED_ZEROED);
    (*relayed)->was_turned = was_turned;
    memset((*relayed)->state, 0, proto->zeroed ? proto->zeroed : proto->state_size);
    (*relayed)->proto = proto;
    return true;
}

static void feed(struct nta_relayed *relayed, struct nta_proto_io *io, struct nta_span content)
{
    struct nta_proto_io inner = inner_of(io, relayed->proto);
    struct passing passing = {.outer = io, .inner = &inner, .relayed = relayed};
    uint64_t *skip = &relayed->skip[nta_proto_side(io)];
    const size_t passed = *skip < content.len ? (size_t)*skip : content.len;
    struct nta_reader r = nta_reader_of(content.ptr + passed, content.len - passed);

    *skip -= passed;
    inner.memo = relayed->memo;
    inner.unskipped[inner.side] = *skip;
    inner.emit = pass_on;
    inner.owner = &passing;
    if (relayed->proto == &nta_proto_dns)
        inner.server_port = PORT_DNS;
    const enum nta_parse verdict = relayed->proto->feed(relayed->state, &inner, &r);

    relayed->memo = inner.memo;
    if (inner.swap)
        NTA_TURN(relayed->skip);
    relayed->skip[nta_proto_side(&inner)] += inner.skip;
    relayed->is_over = inner.is_stream && (inner.done_both || inner.handover ||
                                           (verdict != NTA_PARSE_OK && verdict != NTA_PARSE_MORE));
    io->done_both |= is_sealed(relayed->proto) && inner.done_both;
    io->limited |= inner.limited;
    (void)turn_outer(&passing);
    if (relayed->is_barred)
        relayed->proto =
            NULL; /* both sides are the client's: what is inside is not what it seems */
}

bool nta_relayed_take(struct nta_relayed **relayed, struct nta_proto_io *io,
                      struct nta_span content)
{
    const struct nta_proto *running = *relayed ? (*relayed)->proto : NULL;
    const bool goes_on = running && running != &nta_proto_dns && !(*relayed)->is_over;
    const struct nta_proto *proto = goes_on ? running : find(io, content);

    if (!proto || content.len == 0 || (*relayed && (*relayed)->is_barred))
        return false;
    if ((proto != running || (*relayed)->is_over) && !begin(relayed, io, proto))
        return false;
    feed(*relayed, io, content);
    return true;
}

void nta_relayed_end(struct nta_relayed *relayed, struct nta_proto_io *io)
{
    if (!relayed || !relayed->proto || !relayed->proto->end)
        return;
    struct nta_proto_io inner = inner_of(io, relayed->proto);

    inner.memo = relayed->memo;
    memcpy(inner.unskipped, relayed->skip, sizeof(inner.unskipped));
    if (relayed->proto == &nta_proto_dns)
        inner.server_port = PORT_DNS;
    relayed->proto->end(relayed->state, &inner);
    relayed->proto = NULL;
}

void nta_relayed_turn(struct nta_relayed *relayed)
{
    if (!relayed || !relayed->proto)
        return;
    NTA_TURN(relayed->skip);
    relayed->proto->turn(relayed->state);
}
