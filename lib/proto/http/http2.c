/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http2.h"

#include "base/own.h"
#include "base/scratch.h"
#include "proto/http/http2_frame.h"
#include "proto/http/http_url.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum
{
    SETTING_LEN = 6,
    SETTINGS_LEN_MAX = 20 * SETTING_LEN,
    SETTING_ID_MAX = 16, ///< Of those registered.
    GUESSES = 2,         ///< The head that was found, and the one that it leads to.
};

/* RFC 9113 section 3.4. */
static enum nta_parse probe_client(struct nta_span first)
{
    return nta_span_becomes(first, nta_span_of(PREFACE));
}

/*
 * RFC 9113 section 6.5: length, type, no flags, stream 0, then pairs of which the first is looked
 * at.
 */
static enum nta_parse probe_server(struct nta_span first)
{
    struct nta_reader r = nta_reader_of(first.ptr, first.len);
    const struct nta_http2_frame frame = nta_http2_read_head(&r);
    const uint16_t id = frame.len > 0 ? nta_read_be16(&r) : 1;

    if (first.ptr[0] != 0)
        return NTA_PARSE_OTHER;
    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    return frame.len <= SETTINGS_LEN_MAX && frame.len % SETTING_LEN == 0 &&
                   frame.type == NTA_HTTP2_SETTINGS && frame.flags == 0 && frame.stream == 0 &&
                   !(first.ptr[5] & 0x80) && id > 0 && id <= SETTING_ID_MAX
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

/* Waits for no more of a server's bytes than that: many things begin with a zero. */
static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    if (first.len == 0 || io->expected_by != NTA_APP_NONE)
        return NTA_PARSE_OTHER;
    if (io->side == NTA_FROM_CLIENT)
        return probe_client(first);
    return probe_server(first) == NTA_PARSE_OK ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static void turn(void *state)
{
    struct nta_http2 *http2 = state;

    NTA_TURN(http2->sides);
}

/* What is lent, or NULL. */
static struct nta_http2_more *more_of(struct nta_proto_io *io)
{
    if (!io->extra && io->lend)
        io->extra = io->lend(io->owner);
    return io->extra;
}

/* Of a stream that is not known, or where nothing is lent: NULL. */
static struct nta_http2_stream *stream_of(const struct nta_proto_io *io, uint32_t id)
{
    struct nta_http2_more *more = io->extra;

    return more ? nta_http2_find(&more->streams, id) : NULL;
}

/* ---- requests ---- */

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_http_exchange *exchange)
{
    static const struct nta_http_asked asked = {.app = NTA_APP_HTTP2};

    nta_http_emit(io, &asked, kind, exchange);
}

/*
 * It waits for its answer in a stream, unless there is no memory, or the stream has one already, or
 * is none: 0 is the connection (section 5.1.1).
 */
static void wait(struct nta_proto_io *io, uint32_t id, const struct nta_http_request *request,
                 const struct nta_http_exchange *exchange)
{
    const struct nta_span texts[NTA_HTTP_TEXTS] = {exchange->method, exchange->host,
                                                   exchange->target, exchange->other_host};
    struct nta_http2_more *more = more_of(io);
    struct nta_http2_stream *stream = stream_of(io, id);
    struct nta_http_exchange at_once = *exchange;

    if (more && !stream && id > 0)
        stream = nta_http2_begin(&more->streams, io, id);
    if (stream && !stream->has_request) {
        nta_http2_ask(&more->streams, io, stream, request, texts);
        return;
    }
    at_once.at_once = true;
    emit(io, NTA_EVENT_HTTP_EXCHANGE, &at_once);
}

static void take_request(struct nta_proto_io *io, uint32_t id,
                         const struct nta_hpack_fields *fields)
{
    const bool has_both = fields->authority.len > 0 && fields->host.len > 0;
    const struct nta_http_head head = {
        .method = fields->method,
        .target = nta_span_is(fields->method, "CONNECT") ? fields->authority : fields->path,
        .host = fields->authority.len > 0 ? fields->authority : fields->host,
        .hosts_differ = has_both && !nta_span_alike(fields->authority, fields->host),
        .other_host = has_both ? fields->host : (struct nta_span){0},
    };
    const struct nta_http_site site = nta_http_site_of(&head);
    const struct nta_span texts[NTA_HTTP_TEXTS] = {head.method, site.host, site.target,
                                                   site.other_host};
    const struct nta_http_request request = {
        .begin_wall_ns = io->wall_ns,
        .at = io->at,
        .port = site.port,
        .truncated = fields->is_cut,
        .hosts_differ = site.other_host.len > 0,
        .initiator = nta_http_origin_initiator(&fields->origin),
    };
    struct nta_http_exchange exchange = nta_http_exchange_of(&request);

    if (head.method.len == 0 || site.host.len == 0)
        return; /* what stands behind content, or what refers to what is not known */
    nta_http_set_texts(&exchange, texts);
    exchange.to_proxy = site.to_proxy;
    exchange.system = fields->origin.system;
    exchange.forwarded = nta_http_origin_is_forwarded(&fields->origin, site.to_proxy);
    emit(io, NTA_EVENT_HTTP_REQUEST, &exchange);
    wait(io, id, &request, &exchange);
}

void nta_http2_upgrade(struct nta_http2_more *more, struct nta_proto_io *io,
                       const struct nta_http_request *request,
                       const struct nta_span texts[NTA_HTTP_TEXTS])
{
    struct nta_http2_stream *stream = nta_http2_begin(&more->streams, io, 1);

    nta_http2_ask(&more->streams, io, stream, request, texts);
    stream->request_over = true;
}

/* ---- answers ---- */

static uint16_t status_of(struct nta_span text)
{
    unsigned status = 0;

    for (size_t i = 0; i < text.len && i < 3; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return 0;
        status = status * 10 + text.ptr[i] - '0';
    }
    return text.len == 3 ? (uint16_t)status : 0;
}

static struct nta_http_head head_of(const struct nta_hpack_fields *fields)
{
    const struct
    {
        const char *name;
        struct nta_span value;
    } rows[] = {
        {"content-type", fields->type},
        {"content-length", fields->length},
        {"content-range", fields->range},
        {"content-encoding", fields->coding},
        {"content-disposition", fields->disposition},
        {"etag", fields->etag},
        {"server", fields->server},
    };
    struct nta_http_head head = nta_http_head_of(true);

    head.status = status_of(fields->status);
    for (size_t i = 0; i < NTA_N_ELEMENTS(rows); i++) {
        if (rows[i].value.len > 0)
            nta_http_head_field(&head, nta_span_of(rows[i].name), rows[i].value);
    }
    return head;
}

/* Behind a hole, a status may be one that is not known. */
static void take_answer(struct nta_proto_io *io, const struct nta_http2_frame *frame,
                        const struct nta_hpack_fields *fields)
{
    struct nta_http2_more *more = io->extra;
    struct nta_http2_stream *stream = stream_of(io, frame->stream);
    const bool is_last = frame->flags & NTA_HTTP2_END_STREAM;
    const bool is_pushed = frame->stream % 2 == 0; /* section 5.1.1 */

    if (!stream || !stream->is_reset)
        nta_http2_settle(&more->streams, io);
    if (!stream && (is_last || is_pushed || nta_http2_is_full(&more->streams)))
        return; /* an answer to nobody says nothing, nor has it another one give up */
    const struct nta_http_head head = head_of(fields);

    if (head.status >= 100 && head.status < 200)
        return; /* the final answer is still to come */
    if (!stream)
        stream = nta_http2_begin(&more->streams, io, frame->stream);
    /* what stands behind content, and not in front of it, where the head itself was lost */
    stream->answered |= head.status == 0 && stream->response.bytes > 0;
    if (!stream->answered)
        nta_http2_answer(&more->streams, io, stream, &head, is_last);
    else if (is_last)
        nta_http2_side_over(&more->streams, io, stream);
}

/* ---- frames ---- */

/* The side's own table; NULL: nothing is lent to read it with. */
static struct nta_hpack_table *table_of(struct nta_http2 *http2, struct nta_proto_io *io)
{
    struct nta_http2_more *more = io->side == NTA_FROM_SERVER ? more_of(io) : NULL;

    if (io->side == NTA_FROM_CLIENT)
        return &http2->asked;
    return more ? &more->answered : NULL;
}

/* A block that is not read, or not all of it: what later ones refer to is not known. */
static void leave_block(struct nta_hpack_table *table, struct nta_proto_io *io)
{
    io->limited = true;
    nta_hpack_lose(table);
}

static void take_fields(struct nta_proto_io *io, const struct nta_http2_frame *frame,
                        const struct nta_hpack_fields *fields)
{
    if (frame->type == NTA_HTTP2_PUSH_PROMISE)
        return;
    if (io->side == NTA_FROM_SERVER) {
        take_answer(io, frame, fields);
        return;
    }
    take_request(io, frame->stream, fields);
    struct nta_http2_stream *stream = stream_of(io, frame->stream);

    if (stream && frame->flags & NTA_HTTP2_END_STREAM)
        nta_http2_side_over(&((struct nta_http2_more *)io->extra)->streams, io, stream);
}

static enum nta_parse read_fields(struct nta_http2 *http2, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    NTA_SCRATCH struct nta_hpack_fields fields;
    NTA_SCRATCH uint8_t space[NTA_HTTP2_BLOCK_MAX];
    struct nta_http2_block block = {.bytes = space};
    struct nta_hpack_table *table = table_of(http2, io);
    const enum nta_parse verdict = nta_http2_read_block(r, &block);

    if (verdict == NTA_PARSE_MORE || !table)
        return verdict == NTA_PARSE_MORE ? verdict : NTA_PARSE_OK;
    const bool is_good = nta_hpack_read(table, block.fields, io->side == NTA_FROM_SERVER, &fields);

    io->limited |= fields.is_cut && io->side == NTA_FROM_CLIENT;
    if (verdict != NTA_PARSE_OK || !is_good)
        leave_block(table, io);
    take_fields(io, &block.first, &fields);
    return NTA_PARSE_OK;
}

/* The content of a DATA frame, and what pads it, is over. */
static void end_data(struct nta_http2_side *side, struct nta_proto_io *io)
{
    struct nta_http2_stream *stream = stream_of(io, side->stream);

    side->in_data = false;
    if (side->ends && stream)
        nta_http2_side_over(&((struct nta_http2_more *)io->extra)->streams, io, stream);
}

/* Padding that is more than there is: a lie, and all is content. */
static enum nta_parse begin_data(struct nta_http2_side *side, struct nta_reader *r,
                                 const struct nta_http2_frame *frame)
{
    uint32_t len = frame->len;
    uint8_t padding = 0;

    if (frame->flags & NTA_HTTP2_PADDED && len > 0) {
        padding = nta_read_u8(r);
        if (!nta_reader_ok(r))
            return NTA_PARSE_MORE;
        len--;
    }
    side->padding = padding <= len ? padding : 0;
    side->in_data = true;
    side->ends = frame->flags & NTA_HTTP2_END_STREAM;
    side->stream = frame->stream;
    nta_http_body_begin_length(&side->body, len - side->padding);
    return NTA_PARSE_OK;
}

/* Section 6.4. */
static void reset(struct nta_proto_io *io, uint32_t id)
{
    struct nta_http2_more *more = io->extra;
    struct nta_http2_stream *stream = stream_of(io, id);

    if (stream)
        nta_http2_reset(&more->streams, io, stream);
}

/* Those that say nothing are passed over by their length. */
static void pass_frame(struct nta_proto_io *io, struct nta_reader *r, uint32_t len)
{
    const size_t here = nta_smaller(len, nta_reader_left(r));

    nta_reader_skip(r, here);
    io->skip = len - here;
}

/* One frame, or the begin of one with content.  MORE: `r` is where it was. */
static enum nta_parse read_frame(struct nta_http2 *http2, struct nta_proto_io *io,
                                 struct nta_reader *r)
{
    struct nta_http2_side *side = &http2->sides[io->side];
    struct nta_reader at = *r;
    const struct nta_http2_frame frame = nta_http2_read_head(&at);
    const bool has_fields = frame.type == NTA_HTTP2_HEADERS || frame.type == NTA_HTTP2_PUSH_PROMISE;
    enum nta_parse verdict = NTA_PARSE_OK;

    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    if (has_fields && frame.len <= NTA_HTTP2_FRAME_MAX) {
        at = *r;
        verdict = read_fields(http2, io, &at);
    } else if (has_fields) {
        struct nta_hpack_table *table = table_of(http2, io);

        if (table)
            leave_block(table, io);
        pass_frame(io, &at, frame.len);
    } else if (frame.type == NTA_HTTP2_DATA) {
        verdict = begin_data(side, &at, &frame);
    } else {
        if (frame.type == NTA_HTTP2_RST_STREAM)
            reset(io, frame.stream);
        pass_frame(io, &at, frame.len);
    }
    if (verdict == NTA_PARSE_OK)
        *r = at;
    return verdict;
}

/* Is this the head of a frame of what is under way here? */
static bool is_head(const struct nta_proto_io *io, struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    const struct nta_http2_frame frame = nta_http2_read_head(&r);

    return nta_http2_is_likely(bytes.ptr) &&
           (frame.type != NTA_HTTP2_DATA || stream_of(io, frame.stream));
}

/* What comes where no frame is known to begin: content of the only answer that goes on. */
static void take_lost(struct nta_proto_io *io, struct nta_span bytes)
{
    struct nta_http2_more *more = io->extra;
    struct nta_http2_stream *only =
        more && io->side == NTA_FROM_SERVER ? nta_http2_only(&more->streams) : NULL;

    if (only && bytes.len > 0)
        nta_http2_content(&more->streams, io, only, bytes);
}

/*
 * Up to a head that is followed by another one, or by what is not here yet.  Each byte is looked at
 * as the begin of a head once, and what it leads to once.
 */
static enum nta_parse find_again(struct nta_http2_side *side, struct nta_proto_io *io,
                                 struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    size_t at = 0;

    for (; at + NTA_HTTP2_FRAME_HEAD_LEN <= rest.len; at++) {
        struct nta_span next = nta_span_from(rest, at);
        struct nta_reader head = nta_reader_of(next.ptr, next.len);

        if (next.ptr[0] != 0 || !is_head(io, next)) /* no frame is that large */
            continue;
        next = nta_span_from(rest, at + NTA_HTTP2_FRAME_HEAD_LEN + nta_http2_read_head(&head).len);
        const bool is_here = next.len >= NTA_HTTP2_FRAME_HEAD_LEN;

        if (is_here && !is_head(io, next))
            continue;
        side->n_guesses = is_here ? 0 : GUESSES;
        side->lost = false;
        break;
    }
    take_lost(io, nta_read_span(r, at));
    return side->lost && nta_reader_left(r) > 0 ? NTA_PARSE_MORE : NTA_PARSE_OK;
}

static void lose(struct nta_http2 *http2, struct nta_proto_io *io)
{
    struct nta_http2_side *side = &http2->sides[io->side];
    struct nta_http2_more *more = io->extra;

    side->lost = true;
    side->in_data = false;
    side->n_guesses = 0;
    if (io->side == NTA_FROM_CLIENT)
        nta_hpack_lose(&http2->asked);
    if (io->side == NTA_FROM_CLIENT || !more)
        return;
    nta_hpack_lose(&more->answered);
    nta_http2_lose(&more->streams, io);
}

/* Content goes to its stream; of others it is passed over. */
static void read_content(struct nta_http2_side *side, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_http2_more *more = io->extra;
    struct nta_http2_stream *stream = stream_of(io, side->stream);
    struct nta_span content;

    (void)nta_http_body_read(&side->body, r, &content);
    if (stream && content.len > 0)
        nta_http2_content(&more->streams, io, stream, content);
    if (side->body.state == NTA_HTTP_BODY_OVER || nta_reader_left(r) > 0)
        return;
    const uint64_t idle = !stream || io->side == NTA_FROM_CLIENT ? UINT64_MAX
                          : io->wants_content                    ? 0
                                              : nta_http_response_idle(&stream->response);

    nta_http_body_skip(&side->body, io, idle < UINT32_MAX ? (uint32_t)idle : UINT32_MAX);
}

static void read_padding(struct nta_http2_side *side, struct nta_reader *r)
{
    const size_t here = nta_smaller(side->padding, nta_reader_left(r));

    nta_reader_skip(r, here);
    side->padding = (uint8_t)(side->padding - here);
}

/* A frame that was found again leads to another one. */
static bool is_proved(const struct nta_http2_side *side, const struct nta_proto_io *io,
                      const struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);

    return side->n_guesses == 0 || rest.len < NTA_HTTP2_FRAME_HEAD_LEN || is_head(io, rest);
}

static enum nta_parse step(struct nta_http2 *http2, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_http2_side *side = &http2->sides[io->side];

    if (side->lost)
        return find_again(side, io, r);
    if (!side->in_data) {
        if (!is_proved(side, io, r)) {
            lose(http2, io);
            return NTA_PARSE_OK;
        }
        const enum nta_parse verdict = read_frame(http2, io, r);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        side->n_guesses = (uint8_t)(side->n_guesses - (side->n_guesses > 0));
    } else if (side->body.state != NTA_HTTP_BODY_OVER) {
        read_content(side, io, r);
    } else {
        read_padding(side, r);
    }
    if (side->in_data && side->body.state == NTA_HTTP_BODY_OVER && side->padding == 0)
        end_data(side, io);
    return NTA_PARSE_OK;
}

/* What was asked to be skipped of a side and has gone by. */
static void pass_skipped(struct nta_http2 *http2, struct nta_proto_io *io, unsigned i,
                         uint64_t hole)
{
    struct nta_http2_side *side = &http2->sides[i];
    struct nta_http2_more *more = io->extra;
    struct nta_http2_stream *stream = stream_of(io, side->stream);
    const struct nta_gone gone = nta_http_body_passed(&side->body, io, (enum nta_side)i, hole);

    if (stream && gone.bytes > 0)
        nta_http2_pass(&more->streams, io, stream, gone, i == NTA_FROM_SERVER);
}

/*
 * What one side says is believed when the other one speaks HTTP/2, too.  A connection whose begin
 * was not seen is taken at the word of either.
 */
static enum nta_parse begin_side(struct nta_http2 *http2, struct nta_proto_io *io,
                                 struct nta_reader *r)
{
    const struct nta_span rest = nta_reader_rest(r);
    const bool is_client = io->side == NTA_FROM_CLIENT;
    const enum nta_parse verdict = is_client ? probe_client(rest) : probe_server(rest);

    if (verdict != NTA_PARSE_OK && (io->saw_syn || verdict == NTA_PARSE_MORE))
        return verdict;
    http2->sides[io->side].spoke = true;
    if (verdict != NTA_PARSE_OK)
        lose(http2, io);
    else if (is_client)
        nta_reader_skip(r, strlen(PREFACE));
    return NTA_PARSE_OK;
}

static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_http2 *http2 = state;
    enum nta_parse verdict = NTA_PARSE_OK;

    pass_skipped(http2, io, io->side, 0);
    if (nta_reader_left(r) > 0 && !http2->sides[io->side].spoke)
        verdict = begin_side(http2, io, r);
    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 && io->skip == 0)
        verdict = step(http2, io, r);
    return verdict;
}

/* So many bytes of content are lost, and perhaps more, which hides where the frame ends. */
static enum nta_parse gap(void *state, struct nta_proto_io *io, uint64_t len)
{
    struct nta_http2 *http2 = state;
    struct nta_http2_side *side = &http2->sides[io->side];
    struct nta_http2_more *more = io->extra;
    uint64_t n = 0;

    pass_skipped(http2, io, io->side, len);
    const bool goes_on = side->in_data && nta_http_body_gap(&side->body, len, false, &n);
    struct nta_http2_stream *stream = stream_of(io, side->stream);
    const struct nta_gone gone = {.bytes = n, .lost = n};

    if (stream && n > 0)
        nta_http2_pass(&more->streams, io, stream, gone, io->side == NTA_FROM_SERVER);
    if (side->in_data && side->body.state == NTA_HTTP_BODY_OVER && side->padding == 0)
        end_data(side, io);
    if (goes_on)
        return NTA_PARSE_OK;
    side->spoke = true;
    lose(http2, io);
    struct nta_http2_stream *only =
        more && io->side == NTA_FROM_SERVER ? nta_http2_only(&more->streams) : NULL;
    const uint64_t rest = len - n;

    if (only && rest > NTA_HTTP2_FRAME_HEAD_LEN)
        nta_http2_pass(&more->streams, io, only,
                       (struct nta_gone){.bytes = rest - NTA_HTTP2_FRAME_HEAD_LEN,
                                         .lost = rest - NTA_HTTP2_FRAME_HEAD_LEN},
                       true);
    return NTA_PARSE_OK;
}

static void end(void *state, struct nta_proto_io *io)
{
    struct nta_http2 *http2 = state;
    struct nta_http2_more *more = io->extra;

    if (!more)
        return;
    for (unsigned i = 0; i < NTA_N_ELEMENTS(http2->sides); i++)
        pass_skipped(http2, io, i, 0);
    struct nta_http2_stream *stream = stream_of(io, http2->sides[NTA_FROM_SERVER].stream);

    if (stream)
        nta_http_response_refuse(&stream->response, io->refused[NTA_FROM_SERVER]);
    nta_http2_end(&more->streams, io);
}

NTA_PROTO(http2, struct nta_http2, probe, feed, turn, .app = NTA_APP_HTTP2, .over_tcp = true,
          .settles_sides = true, .extra_size = sizeof(struct nta_http2_more),
          .extra_zeroed = NTA_HTTP2_MORE_ZEROED, .gap = gap, .end = end);
