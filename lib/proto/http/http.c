/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http.h"

#include "base/own.h"
#include "proto/http/body/http_body.h"
#include "proto/http/http2.h"
#include "proto/http/http_exchange.h"
#include "proto/http/http_head.h"
#include "proto/http/http_login.h"
#include "proto/http/http_probe.h"

enum
{
    FIND_BLOCK = 256,
    FIND_LINES_MAX = 32, ///< Lines of one call that are looked into for a start line.
};

enum nta_http_mode
{
    NTA_HTTP_HEAD,
    NTA_HTTP_BODY,
    NTA_HTTP_LOST, ///< Where the next message begins is not known.
    /**
     * Client: CONNECT, or a change to WebSocket, waits for the answer, which decides what follows.
     */
    NTA_HTTP_TUNNEL,
};

struct nta_http_side
{
    enum nta_http_mode mode;
    bool begun;        ///< Something of it was HTTP, or lost.
    bool seen;         ///< Some byte of it was, and `next_seq` is known.
    uint32_t next_seq; ///< Behind all that was shown or asked to be skipped.
    struct nta_http_scan scan;
    struct nta_proto_at head_at; ///< Of the head that is being read.
    struct nta_http_body body;
};

struct nta_http_state
{
    struct nta_http_side sides[2];
    struct nta_http_exchanges exchanges;
    struct nta_http_login login;
    bool settled;    ///< Which side is which: a start line was seen.
    bool turned;     ///< It told the sides: who opened the connection speaks like a server.
    bool served;     ///< Some byte came from the server.
    bool is_two;     ///< It goes on as HTTP/2, whose state is lent;
    bool turned_two; ///< what that keeps by side has not changed places yet.
    bool framed;     ///< What waits for its answer is a change to WebSocket.
};

/** What is lent: of HTTP/2, to which the connection was upgraded. */
struct upgraded
{
    struct nta_http2 two;
    struct nta_http2_more more;
};

/* What is left at `r`, looked at as nta_http_probe() does. */
static enum nta_parse look(const struct nta_proto_io *io, const struct nta_reader *r,
                           bool *ret_response)
{
    return nta_http_probe(nta_reader_rest(r), io->server_port == 80 || io->server_port == 8080,
                          ret_response);
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    bool response;

    return look(io, &r, &response);
}

static void turn(void *state_ptr)
{
    struct nta_http_state *state = state_ptr;

    NTA_TURN(state->sides);
    state->turned_two ^= state->is_two;
}

/* The first start line tells who is the server. */
static enum nta_parse settle(struct nta_http_state *state, struct nta_proto_io *io,
                             const struct nta_reader *r)
{
    bool response;
    enum nta_parse verdict = look(io, r, &response);

    if (verdict != NTA_PARSE_OK)
        return verdict;
    state->settled = true;
    if (response != (io->side == NTA_FROM_SERVER)) {
        io->swap = state->turned = true;
        turn(state);
    }
    return NTA_PARSE_OK;
}

/* Where the other side's answers to what comes now would lie, as far as it is shown. */
static void note_place(struct nta_http_side *side, const struct nta_proto_io *io, uint64_t len)
{
    side->seen = io->at.known;
    side->next_seq = io->at.seq + (uint32_t)len;
}

/* The server has acknowledged bytes of the client's that were not shown. */
static bool has_unseen(const struct nta_http_state *state, const struct nta_proto_at *at)
{
    const struct nta_http_side *client = &state->sides[NTA_FROM_CLIENT];

    return at->known && at->has_ack && (!client->seen || (int32_t)(at->ack - client->next_seq) > 0);
}

/* This side is no HTTP for now; what the flow told so far stands. */
static void lose(struct nta_http_state *state, struct nta_proto_io *io)
{
    unsigned i = nta_proto_side(io);

    if (i == NTA_FROM_CLIENT) {
        nta_http_settle_half_request(&state->exchanges, io);
        state->exchanges.body_of_newest = false;
    }
    if (i == NTA_FROM_SERVER)
        nta_http_settle_half_response(&state->exchanges, io);
    if (i == NTA_FROM_SERVER && state->exchanges.in_response) {
        state->exchanges.response.hole = true;
        nta_http_end_response(&state->exchanges, io, false);
    }
    if (i == NTA_FROM_SERVER)
        nta_http_lose_responses(&state->exchanges);
    else
        state->exchanges.request_hole = true;
    state->sides[i] = (struct nta_http_side){.mode = NTA_HTTP_LOST,
                                             .begun = true,
                                             .seen = state->sides[i].seen,
                                             .next_seq = state->sides[i].next_seq};
}

/* RFC 9112 section 6.3, for requests. */
static void begin_request_body(struct nta_http_side *side, const struct nta_http_head *head)
{
    if (head->chunked)
        nta_http_body_begin_chunked(&side->body);
    else if (head->has_transfer || head->content_length == NTA_HTTP_LENGTH_NONE)
        nta_http_body_begin_length(&side->body, 0);
    else
        nta_http_body_begin_length(&side->body, head->content_length);
    side->mode = side->body.state == NTA_HTTP_BODY_OVER ? NTA_HTTP_HEAD : NTA_HTTP_BODY;
}

static void take_request(struct nta_http_state *state, struct nta_proto_io *io,
                         const struct nta_http_head *head)
{
    struct nta_http_side *side = &state->sides[NTA_FROM_CLIENT];

    nta_http_add_request(&state->exchanges, io, head, &side->head_at, true);
    nta_http_login_ask(&state->login, head, state->exchanges.queue.n <= 1);
    begin_request_body(side, head);
    state->framed = side->mode == NTA_HTTP_HEAD && nta_span_is(head->upgrade, "websocket");
    if ((state->framed || nta_span_is(head->method, "CONNECT")) && state->exchanges.body_of_newest)
        side->mode = NTA_HTTP_TUNNEL;
}

/* RFC 9112 section 6.3, for responses. */
static void begin_response_body(struct nta_http_state *state, const struct nta_http_head *head)
{
    struct nta_http_side *side = &state->sides[NTA_FROM_SERVER];

    if (head->status == 204 || head->status == 304 || nta_http_answers(&state->exchanges, "HEAD"))
        nta_http_body_begin_length(&side->body, 0);
    else if (head->chunked)
        nta_http_body_begin_chunked(&side->body);
    else if (head->has_transfer || head->content_length == NTA_HTTP_LENGTH_NONE)
        nta_http_body_begin_close(&side->body);
    else
        nta_http_body_begin_length(&side->body, head->content_length);
    state->exchanges.response.marked = side->body.state == NTA_HTTP_BODY_SIZE;
    side->mode = NTA_HTTP_BODY;
}

/* The response ends HTTP on this connection: tell what is left. */
static void leave(struct nta_http_state *state, struct nta_proto_io *io)
{
    state->exchanges.response.is_early = false; /* it does not wait for its request */
    nta_http_end_response(&state->exchanges, io, true);
    nta_http_flush(&state->exchanges, io, 0);
}

static void end_body(struct nta_http_state *state, struct nta_proto_io *io)
{
    unsigned i = nta_proto_side(io);
    struct nta_http_side *side = &state->sides[i];

    side->mode = NTA_HTTP_HEAD;
    if (i == NTA_FROM_CLIENT)
        state->exchanges.body_of_newest = false;
    else
        nta_http_end_response(&state->exchanges, io, !side->body.is_cut);
}

static struct nta_http_answer answer_of(const struct nta_http_state *state,
                                        const struct nta_http_head *head)
{
    const struct nta_proto_at *at = &state->sides[NTA_FROM_SERVER].head_at;

    return (struct nta_http_answer){
        .head = *head, .at = *at, .unseen_request = has_unseen(state, at)};
}

/*
 * RFC 7540 section 3.2: the answer to the request comes as HTTP/2.  False: there is no memory for
 * that, and it is told without one.
 */
static bool become_two(struct nta_http_state *state, struct nta_proto_io *io)
{
    struct nta_http_exchanges *exchanges = &state->exchanges;
    struct nta_span texts[NTA_HTTP_TEXTS];

    if (exchanges->queue.n != 1 || !exchanges->response.has_request || io->extra || !io->lend)
        return false;
    struct upgraded *upgraded = io->lend(io->owner);

    if (!upgraded)
        return false;
    nta_http_queue_first_texts(&exchanges->queue, texts);
    nta_http2_upgrade(&upgraded->more, io, &exchanges->queue.requests[0], texts);
    nta_http_queue_drop_first(&exchanges->queue);
    exchanges->in_response = exchanges->body_of_newest = exchanges->half_request = false;
    state->is_two = true;
    return true;
}

/* The state of HTTP/2; what it is lent stands behind it, as io->extra until end_two(). */
static struct nta_http2 *begin_two(struct nta_http_state *state, struct nta_proto_io *io)
{
    struct upgraded *upgraded = io->extra;

    if (state->turned_two)
        nta_proto_http2.turn(&upgraded->two);
    state->turned_two = false;
    io->extra = &upgraded->more;
    return &upgraded->two;
}

static void end_two(struct nta_proto_io *io, struct nta_http2 *two)
{
    io->extra = two;
}

static enum nta_parse feed_two(struct nta_http_state *state, struct nta_proto_io *io,
                               struct nta_reader *r)
{
    struct nta_http2 *two = begin_two(state, io);
    const enum nta_parse verdict = nta_proto_http2.feed(two, io, r);

    end_two(io, two);
    return verdict;
}

static void take_response(struct nta_http_state *state, struct nta_proto_io *io,
                          const struct nta_http_head *head)
{
    struct nta_http_side *client = &state->sides[NTA_FROM_CLIENT];

    state->exchanges.half_response = false;
    if (head->status < 200 && head->status != 101)
        return; /* the final response is still to come, RFC 9110 section 15.2 */
    const struct nta_http_answer answer = answer_of(state, head);

    if (state->exchanges.queue.n <= 1) /* of several, whose answer it is would be a guess */
        nta_http_login_answer(&state->login, io, head);
    nta_http_begin_response(&state->exchanges, io, &answer, true);
    if (head->status == 101 && nta_span_is(head->upgrade, "h2c") && become_two(state, io))
        return;
    if (head->status == 101) {
        leave(state, io);
        io->handover = true;
        io->framed = nta_span_is(head->upgrade, "websocket");
    } else if (head->status < 300 && nta_http_answers(&state->exchanges, "CONNECT")) {
        leave(state, io);
        io->handover = true;
    } else {
        /* nothing was read behind what waits, so it is the newest request */
        if (client->mode == NTA_HTTP_TUNNEL && state->exchanges.queue.n <= 1)
            client->mode = NTA_HTTP_HEAD;
        begin_response_body(state, head);
        if (state->sides[NTA_FROM_SERVER].body.state == NTA_HTTP_BODY_OVER)
            end_body(state, io);
        else
            nta_http_tell_response(&state->exchanges, io);
    }
}

/* Half a head is kept, for the case that the rest is lost. */
static void keep_half(struct nta_http_state *state, struct nta_proto_io *io,
                      const struct nta_http_head *head)
{
    if (nta_proto_side(io) == NTA_FROM_CLIENT && head->method.len > 0)
        nta_http_add_request(&state->exchanges, io, head, &state->sides[NTA_FROM_CLIENT].head_at,
                             false);
    if (nta_proto_side(io) == NTA_FROM_SERVER && head->status >= 200) {
        const struct nta_http_answer answer = answer_of(state, head);

        nta_http_begin_response(&state->exchanges, io, &answer, false);
    }
}

static void skip_line_ends(struct nta_reader *r)
{
    while (nta_reader_peek(r) == '\r' || nta_reader_peek(r) == '\n')
        nta_reader_skip(r, 1);
}

static enum nta_parse read_head(struct nta_http_state *state, struct nta_proto_io *io,
                                struct nta_reader *r)
{
    unsigned i = nta_proto_side(io);
    struct nta_http_side *side = &state->sides[i];
    struct nta_http_head head;
    enum nta_parse verdict;

    if (side->scan.searched == 0)
        skip_line_ends(r); /* RFC 9112 section 2.2 */
    if (nta_reader_left(r) == 0)
        return NTA_PARSE_OK;
    if (side->scan.searched == 0) {
        side->head_at = io->at;
        side->head_at.seq += (uint32_t)nta_reader_offset(r);
    }
    verdict = nta_http_head_read(r, &side->scan, &head);
    io->limited |= verdict == NTA_PARSE_BAD && nta_reader_left(r) > NTA_HTTP_HEAD_MAX;
    if (verdict == NTA_PARSE_MORE)
        keep_half(state, io, &head);
    if (verdict == NTA_PARSE_OK && head.is_response != (i == NTA_FROM_SERVER))
        verdict = NTA_PARSE_BAD;
    if (verdict != NTA_PARSE_OK)
        return verdict;
    side->begun = true;
    if (i == NTA_FROM_CLIENT)
        take_request(state, io, &head);
    else
        take_response(state, io, &head);
    return NTA_PARSE_OK;
}

static void count(struct nta_http_state *state, struct nta_proto_io *io, struct nta_span bytes)
{
    if (nta_proto_side(io) == NTA_FROM_CLIENT)
        nta_http_count_request(&state->exchanges, bytes.len);
    else
        nta_http_add_content(&state->exchanges, io, bytes,
                             !state->sides[NTA_FROM_SERVER].body.unsure);
}

/*
 * A response to a request that was not seen may be to HEAD: then no body follows, but perhaps the
 * next head.
 */
static bool body_is_head(const struct nta_http_state *state, const struct nta_proto_io *io,
                         const struct nta_reader *r)
{
    const struct nta_http_response *response = &state->exchanges.response;
    bool is_response;

    return nta_proto_side(io) == NTA_FROM_SERVER && !response->has_request &&
           response->bytes == 0 && look(io, r, &is_response) == NTA_PARSE_OK && is_response;
}

/* The content that follows, up to what may tell its type. */
static void skip_idle(struct nta_http_state *state, struct nta_http_side *side,
                      struct nta_proto_io *io)
{
    const uint64_t idle = nta_http_idle(&state->exchanges);

    if (idle > 0)
        nta_http_body_skip(&side->body, io,
                           idle < NTA_HTTP_SKIP_BYTES ? (uint32_t)idle : NTA_HTTP_SKIP_BYTES);
}

static enum nta_parse read_body(struct nta_http_state *state, struct nta_proto_io *io,
                                struct nta_reader *r)
{
    struct nta_http_side *side = &state->sides[nta_proto_side(io)];
    struct nta_span content;

    if (nta_reader_left(r) > 0 && body_is_head(state, io, r)) {
        end_body(state, io);
        return NTA_PARSE_OK;
    }
    while (nta_reader_left(r) > 0 && side->body.state != NTA_HTTP_BODY_OVER) {
        if (nta_http_body_read(&side->body, r, &content) != NTA_PARSE_OK)
            return NTA_PARSE_BAD;
        count(state, io, content);
    }
    if (side->body.state == NTA_HTTP_BODY_OVER)
        end_body(state, io);
    else if (nta_proto_side(io) == NTA_FROM_CLIENT)
        nta_http_body_skip(&side->body, io, NTA_HTTP_SKIP_BYTES);
    else if (!io->wants_content)
        skip_idle(state, side, io);
    return NTA_PARSE_OK;
}

/* Skip the line, or all there is if it does not end here or `only_line` is not set. */
static void skip_line(struct nta_reader *r, bool only_line)
{
    struct nta_span line;

    if (!only_line || nta_read_line(r, SIZE_MAX, &line) != NTA_PARSE_OK)
        (void)nta_read_rest(r);
}

/* All but the line that is under way, which may become a start line.  MORE: it may. */
static enum nta_parse find_in_tail(const struct nta_proto_io *io, struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    const size_t last = nta_span_find_last(rest, '\n');
    bool response;

    nta_reader_skip(r, last < rest.len ? last + 1 : 0);
    if (nta_reader_left(r) > 0 && look(io, r, &response) == NTA_PARSE_MORE)
        return NTA_PARSE_MORE;
    (void)nta_read_rest(r);
    return NTA_PARSE_OK;
}

/* The first "HTTP/" of the bytes, or their end.  The compiler makes this many at a time. */
static size_t find_version(struct nta_span bytes)
{
    static const struct nta_span mark = {.ptr = (const uint8_t *)"HTTP/", .len = 5};
    size_t at = 0;

    for (; bytes.len - at >= FIND_BLOCK + mark.len; at += FIND_BLOCK) {
        const uint8_t *p = bytes.ptr + at;
        uint8_t any = 0;

        for (size_t i = 0; i < FIND_BLOCK; i++)
            any |= (uint8_t)((p[i] == 'H') & (p[i + 1] == 'T') & (p[i + 2] == 'T') &
                             (p[i + 3] == 'P') & (p[i + 4] == '/'));
        if (any)
            break;
    }
    return at + nta_span_find_span(nta_span_from(bytes, at), mark);
}

/*
 * A status line that follows what has no line end of its own, as a body that was lost in part: then
 * a field stands in the next line, since what bodies say of HTTP is seldom said like that.
 */
static bool starts_inside(struct nta_span rest)
{
    const struct nta_span line = nta_span_take(&rest, '\n');

    if (line.len == 0 || line.ptr[line.len - 1] != '\r' ||
        nta_http_starts(line, true) != NTA_PARSE_OK || !nta_span_has(rest, '\n'))
        return false;
    return nta_http_is_field(nta_span_before(rest, '\n'));
}

/*
 * Pass over bytes up to a start line of this side: where they begin, where one of their lines does,
 * or in a line behind the rest of a body.  Only lines that name the version are looked into, and
 * not many at a time: each byte is looked at a few times at most, whatever the lines are.
 */
static enum nta_parse find_again(struct nta_http_state *state, const struct nta_proto_io *io,
                                 struct nta_reader *r)
{
    const bool of_server = nta_proto_side(io) == NTA_FROM_SERVER;

    for (int i = 0; i < FIND_LINES_MAX; i++) {
        const struct nta_span rest = nta_reader_rest(r);
        const size_t at = find_version(rest);

        if (at == rest.len)
            return find_in_tail(io, r);
        const size_t before = nta_span_find_last(nta_span_first(rest, at), '\n');

        nta_reader_skip(r, before < at ? before + 1 : 0);
        const struct nta_span line = nta_span_before(nta_reader_rest(r), '\n');
        const enum nta_parse verdict = nta_http_starts(line, of_server);

        if (verdict == NTA_PARSE_OK) {
            state->sides[nta_proto_side(io)].mode = NTA_HTTP_HEAD;
            return NTA_PARSE_OK;
        }
        if (verdict == NTA_PARSE_MORE && line.len == nta_reader_left(r))
            return NTA_PARSE_MORE;
        if (of_server && starts_inside(nta_span_from(rest, at))) {
            nta_reader_skip(r, at - (before < at ? before + 1 : 0));
            state->sides[NTA_FROM_SERVER].mode = NTA_HTTP_HEAD;
            return NTA_PARSE_OK;
        }
        skip_line(r, true);
    }
    (void)nta_read_rest(r);
    return NTA_PARSE_OK;
}

static bool begins_hello(struct nta_span bytes)
{
    return bytes.len > 5 && bytes.ptr[0] == 22 && bytes.ptr[1] == 3 && bytes.ptr[5] == 1;
}

/* A hello of TLS; or a whole or first frame with a mask. */
static bool begins_inside(const struct nta_http_state *state, const struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    const uint8_t *at = rest.ptr;

    if (rest.len < 6)
        return false;
    return state->framed ? ((at[0] & 0x7f) == 1 || (at[0] & 0x7f) == 2) && at[1] & 0x80
                         : begins_hello(rest);
}

/*
 * With the client's side alone (the server's packets take another way) what follows is the sign
 * that it was granted.
 */
static enum nta_parse read_tunnel(struct nta_http_state *state, struct nta_proto_io *io,
                                  const struct nta_reader *r)
{
    if (state->served || !begins_inside(state, r))
        return NTA_PARSE_MORE;
    nta_http_flush(&state->exchanges, io, 0);
    io->handover = true;
    io->framed = state->framed;
    return NTA_PARSE_OK;
}

static enum nta_parse step(struct nta_http_state *state, struct nta_proto_io *io,
                           struct nta_reader *r)
{
    switch (state->sides[nta_proto_side(io)].mode) {
    case NTA_HTTP_HEAD: return read_head(state, io, r);
    case NTA_HTTP_BODY: return read_body(state, io, r);
    case NTA_HTTP_LOST: return find_again(state, io, r);
    case NTA_HTTP_TUNNEL: return read_tunnel(state, io, r);
    }
    return NTA_PARSE_BAD;
}

/* Of what a side was asked to skip, so much has gone by; `side` as io counts it. */
static void pass_skipped(struct nta_http_state *state, struct nta_proto_io *io, unsigned i,
                         enum nta_side side, uint64_t hole)
{
    const struct nta_gone gone = nta_http_body_passed(&state->sides[i].body, io, side, hole);

    if (i == NTA_FROM_CLIENT)
        nta_http_count_request(&state->exchanges, gone.bytes);
    else
        nta_http_count_response(&state->exchanges, io, gone);
}

/*
 * The first bytes of a side, or a hello.  OTHER: a server's that are not HTTP, so that what the
 * client said was not meant for it.  BAD: a client's, which its server did not understand either.
 * Where the opening was not seen, they may be the rest of a body.
 */
static enum nta_parse begin_side(const struct nta_http_state *state, const struct nta_proto_io *io,
                                 const struct nta_reader *r)
{
    const unsigned i = nta_proto_side(io);
    const struct nta_http_side *side = &state->sides[i];
    bool response = i == NTA_FROM_SERVER;

    if (nta_reader_left(r) == 0)
        return NTA_PARSE_OK;
    if (side->mode == NTA_HTTP_HEAD && side->scan.searched == 0 && begins_hello(nta_reader_rest(r)))
        return NTA_PARSE_OTHER;
    if (side->begun || side->mode != NTA_HTTP_HEAD || !io->saw_syn)
        return NTA_PARSE_OK;
    const enum nta_parse verdict = look(io, r, &response);

    if (state->turned && verdict == NTA_PARSE_OK && response != (i == NTA_FROM_SERVER))
        return NTA_PARSE_OTHER;
    if (verdict == NTA_PARSE_OTHER)
        return state->turned || i == NTA_FROM_SERVER ? NTA_PARSE_OTHER : NTA_PARSE_BAD;
    return NTA_PARSE_OK;
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_http_state *state = state_ptr;
    enum nta_parse verdict = NTA_PARSE_OK;

    if (state->is_two)
        return feed_two(state, io, r);
    if (!state->settled && nta_reader_left(r) > 0)
        verdict = settle(state, io, r);
    if (!state->settled)
        return verdict;
    state->served |= nta_proto_side(io) == NTA_FROM_SERVER;
    pass_skipped(state, io, nta_proto_side(io), io->side, 0);
    note_place(&state->sides[nta_proto_side(io)], io, nta_reader_left(r));
    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 && !io->handover && !io->done_both &&
           !state->is_two) {
        const struct nta_reader at = *r;

        verdict = step(state, io, r);
        const enum nta_parse first = verdict == NTA_PARSE_OK ? verdict : begin_side(state, io, &at);

        if (first == NTA_PARSE_OTHER) {
            *r = at;
            return first;
        }
        if (first == NTA_PARSE_BAD) {
            (void)nta_read_rest(r);
            return NTA_PARSE_OK;
        }
        if (verdict == NTA_PARSE_BAD && state->exchanges.begun) {
            lose(state, io);
            /* Looking into the lines of a head that is too long could take long itself. */
            skip_line(r, nta_reader_left(r) <= NTA_HTTP_HEAD_MAX);
            verdict = NTA_PARSE_OK;
        }
    }
    state->sides[nta_proto_side(io)].next_seq += (uint32_t)io->skip;
    return verdict == NTA_PARSE_OK && state->is_two ? feed_two(state, io, r) : verdict;
}

static enum nta_parse gap(void *state_ptr, struct nta_proto_io *io, uint64_t len)
{
    struct nta_http_state *state = state_ptr;
    const unsigned i = nta_proto_side(io);
    struct nta_http_side *side = &state->sides[i];
    uint64_t n = 0;

    if (state->is_two) {
        struct nta_http2 *two = begin_two(state, io);
        const enum nta_parse verdict = nta_proto_http2.gap(two, io, len);

        end_two(io, two);
        return verdict;
    }
    pass_skipped(state, io, i, io->side, len);
    note_place(side, io, len);
    const bool goes_on = side->mode == NTA_HTTP_BODY &&
                         nta_http_body_gap(&side->body, len, i == NTA_FROM_SERVER, &n);

    if (i == NTA_FROM_SERVER && side->body.unsure)
        nta_http_lose_place(&state->exchanges, io);
    if (i == NTA_FROM_CLIENT)
        nta_http_count_request(&state->exchanges, n);
    else
        nta_http_count_response(&state->exchanges, io, (struct nta_gone){.bytes = n, .lost = n});
    if (side->mode == NTA_HTTP_BODY && side->body.state == NTA_HTTP_BODY_OVER)
        end_body(state, io);
    if (!goes_on)
        lose(state, io);
    return NTA_PARSE_OK;
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    struct nta_http_state *state = state_ptr;
    const struct nta_http_body *body = &state->sides[NTA_FROM_SERVER].body;

    if (state->is_two) {
        struct nta_http2 *two = begin_two(state, io);

        nta_proto_http2.end(two, io);
        end_two(io, two);
        return;
    }
    for (unsigned i = 0; i < NTA_N_ELEMENTS(state->sides); i++)
        pass_skipped(state, io, i, (enum nta_side)i, 0);
    nta_http_settle_half_response(&state->exchanges, io);
    if (state->exchanges.in_response) {
        nta_http_refuse(&state->exchanges, io->refused[NTA_FROM_SERVER]);
        nta_http_end_response(&state->exchanges, io,
                              body->state == NTA_HTTP_BODY_CLOSE && !body->hole &&
                                  io->refused[NTA_FROM_SERVER] == 0);
    }
    nta_http_settle_early(&state->exchanges, io);
    nta_http_flush(&state->exchanges, io, 0);
}

NTA_PROTO(http, struct nta_http_state, probe, feed, turn, .app = NTA_APP_HTTP, .over_tcp = true,
          .settles_sides = true, .extra_size = sizeof(struct upgraded),
          .extra_zeroed = offsetof(struct upgraded, more) + NTA_HTTP2_MORE_ZEROED, .gap = gap,
          .end = end);
