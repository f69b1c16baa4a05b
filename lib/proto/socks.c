/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/socks.h"

#include "base/addr.h"
#include "base/own.h"
#include "base/text.h"

#include <assert.h>

enum
{
    V4 = 4,
    V5 = 5,
    CONNECT = 1,
    BIND = 2,
    ASSOCIATE = 3,    ///< Version 5: datagrams.
    AUTH_VERSION = 1, ///< RFC 1929.
    AUTH_NONE = 0,
    AUTH_PASSWORD = 2,
    ADDR_V4 = 1, ///< RFC 1928 section 5.
    ADDR_NAME = 3,
    ADDR_V6 = 4,
    GRANTED_V4 = 90,
    TEXT_LEN_MAX = 256, ///< Of a user or host name that ends with a NUL.
    METHOD_NAMED_MAX = 9,
    METHOD_PRIVATE = 0x80, ///< From here on methods are for private use.
};

/* Where a message says to go. */
struct nta_socks_target
{
    uint16_t port;
    uint8_t len; ///< Of `host`.
    uint8_t host[UINT8_MAX];
};

struct nta_socks_state
{
    int64_t begin_wall_ns;
    uint64_t bytes[2]; ///< Of datagrams, by side.
    struct nta_socks_target target;
    uint8_t command;     ///< What was asked.
    bool begun, emitted; ///< TRANSFER_BEGIN and TRANSFER_END were given.
    uint8_t version;     ///< 0: nothing seen.
    uint8_t n_replies;   ///< Until data flows: BIND is answered twice.
    bool greeted;        ///< Version 5: the client's methods were seen.
    bool chosen;         ///< The proxy chose one.
    bool served;         ///< Something came from the proxy.
    bool swapped;        ///< The proxy is the one that connected.
    bool requested;      ///< The client's request is complete.
};

static void set_host(struct nta_socks_target *target, struct nta_span host)
{
    target->len = (uint8_t)(host.len < sizeof(target->host) ? host.len : sizeof(target->host));
    if (target->len > 0)
        memcpy(target->host, host.ptr, target->len);
}

static void set_addr(struct nta_socks_target *target, const struct nta_addr *addr)
{
    char text[NTA_ADDR_TEXT_SIZE];

    set_host(target, nta_span_of(nta_addr_text(addr, text)));
}

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_transfer *transfer)
{
    const struct nta_event event = {.kind = kind, .app = NTA_APP_SOCKS, .transfer = transfer};

    io->emit(io->owner, &event);
}

static struct nta_transfer transfer_of(const struct nta_socks_state *state)
{
    static const char *const methods[] = {"", "CONNECT", "BIND", "ASSOCIATE"};

    static_assert(NTA_N_ELEMENTS(methods) == 4, "two bits choose one");

    return (struct nta_transfer){
        .method = nta_span_of(methods[state->command & 3]),
        .host = {state->target.host, state->target.len},
        .port = state->target.port,
        .begin_wall_ns = state->begin_wall_ns,
    };
}

static void emit_begin(struct nta_socks_state *state, struct nta_proto_io *io)
{
    state->begin_wall_ns = io->wall_ns;
    state->begun = true;

    const struct nta_transfer transfer = transfer_of(state);

    emit(io, NTA_EVENT_TRANSFER_BEGIN, &transfer);
}

static void emit_end(struct nta_socks_state *state, struct nta_proto_io *io, uint16_t status)
{
    struct nta_transfer transfer = transfer_of(state);

    if (!state->begun || state->emitted)
        return;
    state->emitted = true;
    transfer.status = status;
    transfer.complete = true;
    transfer.bytes_up = state->bytes[NTA_FROM_CLIENT];
    transfer.bytes_down = state->bytes[NTA_FROM_SERVER];
    emit(io, NTA_EVENT_TRANSFER_END, &transfer);
}

/* The text up to its NUL.  MORE: no NUL yet. */
static enum nta_parse read_text(struct nta_reader *r, struct nta_span *ret_text)
{
    struct nta_span text = nta_reader_rest(r); /* all of it, while its end is not there */
    enum nta_parse verdict = nta_read_until(r, '\0', TEXT_LEN_MAX, &text);

    if (verdict == NTA_PARSE_BAD)
        return verdict;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ')
            return NTA_PARSE_BAD;
    }
    if (verdict == NTA_PARSE_OK)
        *ret_text = text;
    return verdict;
}

/*
 * Version 4: command, port, address, user name; 4a: an address 0.0.0.x says that a host name
 * follows.
 */
static enum nta_parse read_request_v4(struct nta_reader *r, uint8_t *ret_command,
                                      struct nta_socks_target *ret_target)
{
    uint8_t version = nta_read_u8(r), command = nta_read_u8(r);
    uint16_t port = nta_read_be16(r);
    const struct nta_span four = nta_read_span(r, 4);
    struct nta_span text;
    enum nta_parse verdict;

    if (version != V4 || command > BIND)
        return NTA_PARSE_BAD;
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (command < CONNECT || port == 0)
        return NTA_PARSE_BAD;
    const struct nta_addr addr = nta_addr_v4(four.ptr);

    *ret_command = command;
    ret_target->port = port;
    set_addr(ret_target, &addr);
    verdict = read_text(r, &text);
    if (verdict == NTA_PARSE_OK && memcmp(four.ptr, "\0\0\0", 3) == 0 && four.ptr[3] != 0) {
        verdict = read_text(r, &text);
        if (verdict == NTA_PARSE_OK)
            set_host(ret_target, text);
    }
    return verdict;
}

/* RFC 1928 section 3: version, number of methods, methods. */
static enum nta_parse read_greeting(struct nta_reader *r)
{
    uint8_t version = nta_read_u8(r), n = nta_read_u8(r);
    unsigned n_read = 0;

    if (version != V5)
        return NTA_PARSE_BAD;
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (n == 0)
        return NTA_PARSE_BAD;
    for (unsigned i = 0; i < n && nta_reader_left(r) > 0; i++) {
        uint8_t method = nta_read_u8(r);

        if (method == 0xff || (method > METHOD_NAMED_MAX && method < METHOD_PRIVATE))
            return NTA_PARSE_BAD;
        n_read++;
    }
    return n_read == n ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

/* RFC 1928 section 5: type, address or name; then the port. */
static enum nta_parse read_target(struct nta_reader *r, struct nta_socks_target *ret_target)
{
    const uint8_t type = nta_read_u8(r);
    size_t len = type == ADDR_V4 ? 4 : 16;

    if (nta_reader_ok(r) && type != ADDR_V4 && type != ADDR_V6 && type != ADDR_NAME)
        return NTA_PARSE_BAD;
    if (type == ADDR_NAME)
        len = nta_read_u8(r);
    const struct nta_span host = nta_read_span(r, len);
    const uint16_t port = nta_read_be16(r);

    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    *ret_target = (struct nta_socks_target){.port = port};
    if (type == ADDR_NAME) {
        set_host(ret_target, host);
    } else {
        const struct nta_addr addr =
            type == ADDR_V4 ? nta_addr_v4(host.ptr) : nta_addr_v6(host.ptr);

        set_addr(ret_target, &addr);
    }
    return NTA_PARSE_OK;
}

/* RFC 1928 sections 4 and 6: request and reply have one shape. */
static enum nta_parse read_message_v5(struct nta_reader *r, uint8_t *ret_code,
                                      struct nta_socks_target *ret_target)
{
    uint8_t version = nta_read_u8(r), code = nta_read_u8(r), zero = nta_read_u8(r);

    if (nta_reader_ok(r) && (version != V5 || zero != 0))
        return NTA_PARSE_BAD;
    *ret_code = code;
    return read_target(r, ret_target);
}

/* RFC 1929: version, user name, password. */
static enum nta_parse skip_password(struct nta_reader *r)
{
    nta_reader_skip(r, 1);
    nta_reader_skip(r, nta_read_u8(r));
    nta_reader_skip(r, nta_read_u8(r));
    return nta_reader_ok(r) ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    enum nta_parse verdict = NTA_PARSE_OTHER;
    struct nta_socks_target target;
    uint8_t command;

    if (!io->is_stream)
        return io->expected_by == NTA_APP_SOCKS ? NTA_PARSE_OK : NTA_PARSE_OTHER;
    if (first.len == 0)
        return NTA_PARSE_MORE;
    if (first.ptr[0] == V4 && io->side == NTA_FROM_CLIENT)
        verdict = read_request_v4(&r, &command, &target);
    else if (first.ptr[0] == V5)
        verdict = read_greeting(&r);
    return verdict == NTA_PARSE_BAD ? NTA_PARSE_OTHER : verdict;
}

/* The request is complete: what the proxy must answer. */
static enum nta_parse set_requested(struct nta_socks_state *state, struct nta_proto_io *io,
                                    uint8_t command)
{
    if (command < CONNECT || command > (state->version == V5 ? ASSOCIATE : BIND))
        return NTA_PARSE_OTHER;
    state->requested = true;
    state->command = command;
    state->n_replies = command == BIND ? 2 : 1;
    if (command == ASSOCIATE)
        state->target = (struct nta_socks_target){0}; /* where the client will send from */
    else
        emit_begin(state, io);
    return NTA_PARSE_OK;
}

static enum nta_parse step_client(struct nta_socks_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    enum nta_parse verdict;
    uint8_t command = 0;

    if (state->requested) {
        io->handover = !state->served;
        if (io->handover)
            emit_end(state, io, 0);
        return state->served ? NTA_PARSE_MORE : NTA_PARSE_OK;
    }
    if (state->version == 0)
        state->version = nta_reader_peek(r);
    if (state->version == V4) {
        verdict = read_request_v4(r, &command, &state->target);
    } else if (!state->greeted) {
        verdict = read_greeting(r);
        state->greeted = verdict == NTA_PARSE_OK;
        return verdict;
    } else if (nta_reader_peek(r) == AUTH_VERSION) {
        return skip_password(r);
    } else {
        verdict = read_message_v5(r, &command, &state->target);
    }
    return verdict == NTA_PARSE_OK ? set_requested(state, io, command) : verdict;
}

/* Datagrams go to a port of the proxy's (RFC 1928 section 7): announce it. */
static void announce(struct nta_socks_state *state, struct nta_proto_io *io,
                     const struct nta_socks_target *relay)
{
    struct nta_transfer transfer = transfer_of(state);

    transfer.elsewhere = true;
    transfer.data = (struct nta_transfer_data){.port = relay->port, .over_udp = true};
    emit(io, NTA_EVENT_TRANSFER_BEGIN, &transfer);
    io->done_both = true;
}

/* The reply to the request. */
static enum nta_parse take_reply(struct nta_socks_state *state, struct nta_proto_io *io,
                                 uint8_t code, const struct nta_socks_target *bound)
{
    const bool granted = code == (state->version == V4 ? GRANTED_V4 : 0);

    if (!state->requested)
        return NTA_PARSE_OTHER;
    if (granted && state->command == ASSOCIATE) {
        announce(state, io, bound);
        return NTA_PARSE_OK;
    }
    if (!granted || --state->n_replies == 0)
        emit_end(state, io, code);
    io->handover = granted && state->n_replies == 0;
    return granted ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

/*
 * Where the proxy is the one that connected, it may say something of its own before the greeting
 * comes.  Those bytes were left for later, and stand before its answer now.
 */
static void pass_preamble(const struct nta_socks_state *state, struct nta_reader *r)
{
    if (state->version == V4 || state->chosen || !state->swapped || nta_reader_peek(r) == V5)
        return;
    nta_reader_skip(r, nta_span_find_byte(nta_reader_rest(r), V5));
}

static enum nta_parse step_server(struct nta_socks_state *state, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    struct nta_socks_target bound = {0};
    uint8_t code = 0;
    enum nta_parse verdict;

    pass_preamble(state, r);
    if (nta_reader_left(r) == 0)
        return NTA_PARSE_OK;
    state->served = true;
    if (state->version == V4) {
        nta_reader_skip(r, 1);
        code = nta_read_u8(r);
        nta_reader_skip(r, 6);
        return nta_reader_ok(r) ? take_reply(state, io, code, &bound) : NTA_PARSE_MORE;
    }
    if (!state->chosen || nta_reader_peek(r) == AUTH_VERSION) {
        nta_reader_skip(r, 1);
        code = nta_read_u8(r);
        if (!nta_reader_ok(r))
            return NTA_PARSE_MORE;
        if (state->chosen ? code != 0 : code != AUTH_NONE && code != AUTH_PASSWORD)
            return NTA_PARSE_OTHER;
        state->chosen = true;
        return NTA_PARSE_OK;
    }
    verdict = read_message_v5(r, &code, &bound);
    return verdict == NTA_PARSE_OK ? take_reply(state, io, code, &bound) : verdict;
}

/* RFC 1928 section 7: two zeros, fragment number, target; the first one of the client's is told. */
static enum nta_parse feed_datagram(struct nta_socks_state *state, struct nta_proto_io *io,
                                    struct nta_reader *r)
{
    struct nta_socks_target target;
    const uint16_t zero = nta_read_be16(r);

    nta_reader_skip(r, 1);
    if (zero != 0 || read_target(r, &target) != NTA_PARSE_OK)
        return NTA_PARSE_BAD;
    state->bytes[io->side] += nta_reader_left(r);
    nta_reader_skip(r, nta_reader_left(r));
    if (!state->begun && io->side == NTA_FROM_CLIENT) {
        state->command = ASSOCIATE;
        state->target = target;
        emit_begin(state, io);
    }
    return NTA_PARSE_OK;
}

static void turn(void *state_ptr)
{
    struct nta_socks_state *state = state_ptr;

    NTA_TURN(state->bytes);
    state->swapped = !state->swapped;
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_socks_state *state = state_ptr;

    if (!io->is_stream)
        return feed_datagram(state, io, r);
    /* Who greets is the client; a proxy may well be the one that connected. */
    io->swap = state->version == 0 && io->side == NTA_FROM_SERVER && nta_reader_left(r) > 0;
    if (io->swap)
        turn(state);
    while (nta_reader_left(r) > 0 && !io->handover && !io->done_both) {
        bool from_client = (io->side == NTA_FROM_CLIENT) != io->swap;
        struct nta_reader at = *r;
        enum nta_parse verdict =
            from_client ? step_client(state, io, &at) : step_server(state, io, &at);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        *r = at;
    }
    return NTA_PARSE_OK;
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    emit_end(state_ptr, io, 0);
}

NTA_PROTO(socks, struct nta_socks_state, probe, feed, turn, .app = NTA_APP_SOCKS, .over_tcp = true,
          .over_udp = true, .settles_sides = true, .end = end);
