/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http2.h"

#include "base/own.h"
#include "base/scratch.h"
#include "proto/http/hpack.h"
#include "proto/http/http_url.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum
{
    FRAME_HEAD_LEN = 9,
    FRAME_LEN_MAX = 16384, ///< Until the other side allows more (RFC 9113 section 4.2).
    FRAMES_MAX = 16,       ///< Of one block of fields,
    BLOCK_LEN_MAX = 32768, ///< whose bytes are no more.
    HEADERS = 1,
    SETTINGS = 4,
    CONTINUATION = 9,
    FLAG_END_HEADERS = 0x04, ///< Without it, CONTINUATION frames follow.
    FLAG_PADDED = 0x08,
    FLAG_PRIORITY = 0x20,
    PRIORITY_LEN = 5,
    SETTING_LEN = 6,
    SETTINGS_LEN_MAX = 20 * SETTING_LEN,
    SETTING_ID_MAX = 16, ///< Of those registered.
};

struct http2
{
    bool spoke[2];
    struct nta_hpack_table fields; ///< Of the client.
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
    const uint32_t len = nta_read_be24(&r);
    const uint8_t type = nta_read_u8(&r), flags = nta_read_u8(&r);
    const uint32_t stream = nta_read_be32(&r);
    const uint16_t id = len > 0 ? nta_read_be16(&r) : 1;

    if (first.ptr[0] != 0)
        return NTA_PARSE_OTHER;
    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    return len <= SETTINGS_LEN_MAX && len % SETTING_LEN == 0 && type == SETTINGS && flags == 0 &&
                   stream == 0 && id > 0 && id <= SETTING_ID_MAX
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
    struct http2 *http2 = state;

    NTA_TURN(http2->spoke);
}

/* Section 6.2: the fields, without what may stand before and behind them. */
static struct nta_span block_of(uint8_t flags, struct nta_span payload)
{
    struct nta_reader r = nta_reader_of(payload.ptr, payload.len);
    const size_t padding = flags & FLAG_PADDED ? nta_read_u8(&r) : 0;

    if (flags & FLAG_PRIORITY)
        nta_reader_skip(&r, PRIORITY_LEN);
    if (!nta_reader_ok(&r) || padding > nta_reader_left(&r))
        return (struct nta_span){0};
    return nta_read_span(&r, nta_reader_left(&r) - padding);
}

/* A request: what is answered to it is not read. */
static void tell_request(struct nta_proto_io *io, const struct nta_hpack_request *request)
{
    const bool has_both = request->authority.len > 0 && request->host.len > 0;
    const struct nta_http_head head = {
        .method = request->method,
        .target = nta_span_is(request->method, "CONNECT") ? request->authority : request->path,
        .host = request->authority.len > 0 ? request->authority : request->host,
        .hosts_differ = has_both && !nta_span_alike(request->authority, request->host),
        .other_host = has_both ? request->host : (struct nta_span){0},
    };
    const struct nta_http_site site = nta_http_site_of(&head);
    const struct nta_http_exchange exchange = {
        .method = head.method,
        .host = site.host,
        .port = site.port,
        .target = site.target,
        .file_name = nta_http_last_segment(site.target),
        .response_expected = UINT64_MAX,
        .range_first = UINT64_MAX,
        .range_total = UINT64_MAX,
        .hosts_differ = site.other_host.len > 0,
        .other_host = site.other_host,
        .to_proxy = site.to_proxy,
        .initiator = nta_http_origin_initiator(&request->origin),
        .system = request->origin.system,
        .forwarded = nta_http_origin_is_forwarded(&request->origin, site.to_proxy),
        .begin_wall_ns = io->wall_ns,
        .at_once = true,
    };
    struct nta_event event = {
        .kind = NTA_EVENT_HTTP_REQUEST, .app = NTA_APP_HTTP2, .http = &exchange};

    if (head.method.len == 0 || site.host.len == 0)
        return;
    io->emit(io->owner, &event);
    event.kind = NTA_EVENT_HTTP_EXCHANGE;
    io->emit(io->owner, &event);
}

struct frame
{
    uint8_t type, flags;
    uint32_t len, stream;
};

/* RFC 9113 section 4.1. */
static struct frame read_head(struct nta_reader *r)
{
    struct frame frame = {.len = nta_read_be24(r)};

    frame.type = nta_read_u8(r);
    frame.flags = nta_read_u8(r);
    frame.stream = nta_read_be32(r) & INT32_MAX;
    return frame;
}

/* Fields in one piece: HEADERS with the CONTINUATION frames that must follow (section 6.10). */
struct block
{
    uint8_t *bytes; ///< BLOCK_LEN_MAX, where there are several frames.
    struct nta_span fields;
};

/*
 * OK: the block is whole, and `r` behind it.  BAD: it is none.  OTHER: it is more than is read, of
 * which `block` has the first.
 */
static enum nta_parse read_block(struct nta_reader *r, struct block *block)
{
    const struct frame first = read_head(r);
    struct frame frame = first;
    struct nta_span fields = first.len <= FRAME_LEN_MAX
                                 ? block_of(first.flags, nta_read_span(r, first.len))
                                 : (struct nta_span){0};

    if (first.len > FRAME_LEN_MAX)
        return NTA_PARSE_OTHER;
    for (size_t n = 1; nta_reader_ok(r) && !(frame.flags & FLAG_END_HEADERS); n++) {
        frame = read_head(r);
        if (!nta_reader_ok(r))
            break;
        if (frame.type != CONTINUATION || frame.stream != first.stream)
            return NTA_PARSE_BAD;
        if (n == FRAMES_MAX || frame.len > BLOCK_LEN_MAX - fields.len) {
            block->fields = fields;
            return NTA_PARSE_OTHER;
        }
        const struct nta_span more = nta_read_span(r, frame.len);

        if (n == 1 && fields.len > 0)
            memcpy(block->bytes, fields.ptr, fields.len);
        if (more.len > 0)
            memcpy(block->bytes + fields.len, more.ptr, more.len);
        fields = (struct nta_span){block->bytes, fields.len + more.len};
    }
    block->fields = fields;
    return nta_reader_ok(r) ? NTA_PARSE_OK : NTA_PARSE_MORE;
}

/* HEADERS: a request, or what stands behind its content, which names no site. */
static enum nta_parse take_headers(struct http2 *http2, struct nta_proto_io *io,
                                   struct nta_reader *r)
{
    NTA_SCRATCH struct nta_hpack_request request;
    NTA_SCRATCH uint8_t space[BLOCK_LEN_MAX];
    struct block block = {.bytes = space};
    const enum nta_parse verdict = read_block(r, &block);

    if (verdict == NTA_PARSE_MORE || verdict == NTA_PARSE_BAD)
        return verdict;
    const bool is_good = nta_hpack_read(&http2->fields, block.fields, &request);

    io->done = verdict != NTA_PARSE_OK || !is_good; /* what comes behind it cannot be read */
    io->limited |= io->done || request.is_cut;
    tell_request(io, &request);
    return NTA_PARSE_OK;
}

/* Frames of the client: those without fields are passed over by their length. */
static enum nta_parse read_frames(struct http2 *http2, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    while (nta_reader_left(r) > 0 && !io->done) {
        struct nta_reader at = *r;
        const struct frame frame = read_head(&at);
        enum nta_parse verdict = NTA_PARSE_OK;

        if (!nta_reader_ok(&at))
            return NTA_PARSE_MORE;
        if (frame.type == HEADERS) {
            at = *r;
            verdict = take_headers(http2, io, &at);
        } else {
            const size_t here = nta_smaller(frame.len, nta_reader_left(&at));

            nta_reader_skip(&at, here);
            io->skip = frame.len - here;
        }
        if (verdict != NTA_PARSE_OK)
            return verdict;
        *r = at;
    }
    return NTA_PARSE_OK;
}

static enum nta_parse feed_client(struct http2 *http2, struct nta_proto_io *io,
                                  struct nta_reader *r)
{
    if (!http2->spoke[NTA_FROM_CLIENT]) {
        const enum nta_parse verdict = probe_client(nta_reader_rest(r));

        if (verdict != NTA_PARSE_OK)
            return verdict;
        nta_reader_skip(r, strlen(PREFACE));
        http2->spoke[NTA_FROM_CLIENT] = true;
    }
    return read_frames(http2, io, r);
}

/*
 * What one side says is believed when the other one speaks HTTP/2, too.  A connection whose begin
 * was not seen is taken at the word of either.
 */
static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct http2 *http2 = state;
    const struct nta_span rest = nta_reader_rest(r);
    enum nta_parse verdict = NTA_PARSE_OK;

    if (rest.len == 0)
        return NTA_PARSE_OK;
    if (io->side == NTA_FROM_CLIENT)
        verdict = feed_client(http2, io, r);
    else
        verdict = probe_server(rest);
    if (verdict == NTA_PARSE_OK && io->side == NTA_FROM_CLIENT)
        return NTA_PARSE_OK;
    if (verdict != NTA_PARSE_OK && (io->saw_syn || http2->spoke[io->side]))
        return verdict;
    http2->spoke[io->side] = true;
    io->done = true;
    return NTA_PARSE_OK;
}

NTA_PROTO(http2, struct http2, probe, feed, turn, .app = NTA_APP_HTTP2, .over_tcp = true,
          .settles_sides = true);
