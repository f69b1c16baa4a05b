/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a parser is.  It turns bytes into events.  It knows neither flows nor files: it gets a piece
 * of state (zeroed at the start, plain memory, no pointers into anything, no destructor; it may be
 * moved between calls), a direction, and a reader; it never logs, allocates, or reads a clock.
 */

#include "base/bytes.h"
#include "base/parse.h"
#include "proto/event.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Direction of the bytes; same numbers as enum nta_dir of flow/. */
enum nta_side
{
    NTA_FROM_CLIENT,
    NTA_FROM_SERVER
};

/**
 * Where a call's bytes, or its hole, lie in a TCP connection.  An answer cannot acknowledge what
 * its sender did not have when it was sent, which ties answers to questions whatever was lost.
 */
struct nta_proto_at
{
    bool known;   ///< `seq` is.
    bool has_ack; ///< `ack` is.
    uint32_t seq; ///< Sequence number of the first byte.
    uint32_t ack; ///< Of the other side's bytes, what the newest segment acknowledges.
};

/** One end of the connection, as its packets name it; borrowed for the call. */
struct nta_proto_end
{
    const struct nta_addr *addr; ///< NULL: not known.
    const uint8_t *mac;          ///< Of its frames, 6 bytes; NULL: they have none.
};

/** What a parser gets with every call, and what it may ask for. */
struct nta_proto_io
{
    enum nta_side side;
    int64_t wall_ns;
    uint16_t client_port, server_port;
    struct nta_proto_end ends[2]; ///< By enum nta_side.
    bool is_stream;               ///< TCP; false: each call is one datagram.
    bool saw_syn;                 ///< The opening was seen: who is the client is known.
    bool wants_content;           ///< CONTENT events are asked for.
    struct nta_proto_at at;       ///< Stream, feed() and gap().
    uint32_t cut;                 ///< Datagram: so many bytes behind it were not captured.
    /** Stream: bytes of each side never seen so far, a hole that is told included; modulo 2^32. */
    uint32_t lost[2];
    /** end(): of what was asked to be skipped of each side, so many bytes did not go by. */
    uint64_t unskipped[2];
    /** end(): so many of the last bytes of each side were never received. */
    uint64_t refused[2];
    enum nta_app expected_by; ///< Another connection expects this one as its own; NONE: none does.

    /** Give an event to whoever runs the parser. */
    void (*emit)(void *owner, const struct nta_event *event);
    void *owner;

    /**
     * Memory beside the state, of the parser's `extra_size`, the first `extra_zeroed` bytes zeroed;
     * NULL: there is none.  From then on it is `extra`, until the state goes.  May be NULL.
     */
    void *(*lend)(void *owner);
    void *extra; ///< NULL: none is lent.
    /**
     * Of the parser's `shared_size`, zeroed at the very start: all its calls of a worker have it,
     * whatever the connection.  What is said on a link comes to one worker.
     */
    void *shared;
    uint64_t link; ///< Which link `shared` is asked about: a number of its network and VLAN tags.
    /** Of the parser's own, zero at the start: stays with the connection when the state goes. */
    uint32_t memo;

    /* out, cleared by the caller before each call */
    uint64_t skip; ///< Stream: this many bytes behind the consumed ones need not be shown.
    /**
     * Datagrams: the state holds nothing that the next call needs.  Whoever runs the parser may
     * give it another one then, as at the start, and has nothing to tell if there is no next call.
     */
    bool idle;
    bool done;      ///< Nothing more is wanted from this side.
    bool done_both; ///< Nothing more is wanted from either side.
    bool handover;  ///< What follows (both sides) is another protocol: recognise it anew.
    bool limited;   ///< A bound of the parser's own was met: something is not read.
    bool quoted;    ///< With `handover`: behind other bytes of a segment, which may quote it.
    bool framed;    ///< With `handover`: it lies in the frames of WebSocket (proto/websocket.h).
    /**
     * The sides are the wrong way round: the server spoke first (set before anything is emitted).
     * The parser has turned its own state then; whoever runs it turns the rest.
     */
    bool swap;
};

/** Whose bytes the call is about: after a swap in this same call, the other side's. */
static inline enum nta_side nta_proto_side(const struct nta_proto_io *io)
{
    return (io->side == NTA_FROM_SERVER) != io->swap ? NTA_FROM_SERVER : NTA_FROM_CLIENT;
}

struct nta_proto
{
    const char *name;
    enum nta_app app;
    bool over_tcp, over_udp;
    bool over_link;     ///< Not in a flow: each call is one message of ARP or ICMPv6.
    bool is_beside;     ///< Its datagrams come between another's (RFC 7983) and say nothing of it.
    bool settles_sides; ///< Its bytes tell who is the client, so nothing else has to.
    size_t state_size;  ///< Bytes, both sides share them; at most NTA_PROTO_STATE_MAX.
    size_t zeroed;      ///< So many first bytes of it must be zero at the start; 0: all.
    size_t extra_size;  ///< What nta_proto_io.lend gives; 0: it wants none.
    size_t extra_zeroed;
    size_t shared_size; ///< What nta_proto_io.shared has; 0: it wants none.

    /**
     * Is this mine?  `first` are the first bytes of a side (stream: all there is so far).  OK: yes.
     * MORE: can be, more bytes will tell.  OTHER: no.
     */
    enum nta_parse (*probe)(const struct nta_proto_io *io, struct nta_span first);

    /**
     * Parse.  OK: all that could be was consumed (the reader is empty, or io->skip/done/handover
     * say why not).  MORE: what is left in the reader is wanted again with more behind it; for a
     * datagram it means cut short.  OTHER, BAD: what follows (both sides) is not this protocol, or
     * not any more (stream), or ignore it (datagram).
     *
     * What one side says can be a lie.  The first bytes of the other one must be the protocol's,
     * too (else OTHER), before `done_both` or anything else is concluded of both.
     *
     * The reader may be empty, and its bytes at NULL.  Stream: nothing new, but what io->skip asked
     * for has gone by; OK, and neither an event nor a wish to stop.  An empty datagram is one like
     * any other: it counts where datagrams are counted, its verdict is the protocol's, and there is
     * no event.
     */
    enum nta_parse (*feed)(void *state, struct nta_proto_io *io, struct nta_reader *r);

    /**
     * Stream: `len` bytes of io->side were lost, and with them what was left in the reader; 0: only
     * that was.  OK: synchronised again.  OTHER: give this flow up.  May be NULL.
     */
    enum nta_parse (*gap)(void *state, struct nta_proto_io *io, uint64_t len);

    /** The flow ended: emit what is pending.  May be NULL. */
    void (*end)(void *state, struct nta_proto_io *io);

    /**
     * The sides were taken the wrong way round: all that `state` keeps by side changes places.
     * Twice is not at all.
     */
    void (*turn)(void *state);
};

/** What the frames and packets of `end` say of a station: its address, and its MAC. */
void nta_binding_of_end(struct nta_binding *binding, const struct nta_proto_end *end);

/** `turn` of a parser that keeps nothing by side. */
void nta_proto_turn_nothing(void *state);

enum
{
    NTA_PROTO_STATE_MAX = 8192
};

/**
 * A row: nta_proto_NAME.  What each parser must have stands first, so that one without it does not
 * compile.
 */
#define NTA_PROTO(symbol, state_type, probe_function, feed_function, turn_function, ...)           \
    static_assert(sizeof(state_type) <= NTA_PROTO_STATE_MAX, "state of " #symbol);                 \
    const struct nta_proto nta_proto_##symbol = {.name = #symbol,                                  \
                                                 .state_size = sizeof(state_type),                 \
                                                 .probe = (probe_function),                        \
                                                 .feed = (feed_function),                          \
                                                 .turn = (turn_function),                          \
                                                 __VA_ARGS__}
