/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tftp.h"

#include "base/hash.h"
#include "proto/file/path.h"
#include "proto/file/start.h"

#include <stdlib.h>

enum nta_tftp_code
{
    READ_REQUEST = 1,
    WRITE_REQUEST = 2,
    DATA = 3,
    ACK = 4,
    FAILURE = 5,
    OPTIONS = 6,
};

enum
{
    TEXT_MAX = 255,
    BLOCK_DEFAULT = 512,
    BLOCK_LEAST = 8, ///< RFC 2348.
    BLOCK_MOST = 65464,
    AHEAD_MAX = 32768, ///< A block number further ahead is one behind.
};

struct nta_tftp_state
{
    struct nta_path path;
    int64_t begin_wall_ns;
    uint64_t bytes, lost; ///< `lost` is among `bytes`.
    uint64_t size;        ///< As announced (RFC 2349); 0: not.
    uint16_t block_size;  ///< 0: the default.
    uint16_t last_block, last_ack, status;
    bool settled; ///< Who is the client: a request was seen.
    bool requested, to_server;
    bool converts; ///< Asked for as text: lines are converted (RFC 1350 section 1).
    bool begun;    ///< Content, or an error, came.
    bool hole, complete, emitted;
    bool contested;      ///< A block came twice, with other content, or one behind the last.
    uint64_t last_bytes; ///< Of the last block, a number made of its content.
    uint16_t last_len;   ///< Its length.
    /* before the last block that others were missing in front of: that one may be a decoy */
    bool has_jumped, hole_before;
    uint16_t block_before;
    uint64_t bytes_before, lost_before;
    struct nta_file_start start;
};

/* Text up to its NUL, without control characters.  False: there is none. */
static bool read_text(struct nta_reader *r, struct nta_span *ret_text)
{
    if (nta_read_until(r, '\0', TEXT_MAX, ret_text) != NTA_PARSE_OK || ret_text->len == 0)
        return false;
    for (size_t i = 0; i < ret_text->len; i++) {
        if (ret_text->ptr[i] < ' ')
            return false;
    }
    return true;
}

struct request
{
    struct nta_span name;
    bool is_write, converts;
};

/* A request: code, file name, mode, and perhaps options in pairs. */
static bool read_request(struct nta_span bytes, struct request *ret_request)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    const uint16_t code = nta_read_be16(&r);
    struct nta_span mode;

    if ((code != READ_REQUEST && code != WRITE_REQUEST) || !read_text(&r, &ret_request->name) ||
        !read_text(&r, &mode))
        return false;
    ret_request->is_write = code == WRITE_REQUEST;
    ret_request->converts = !nta_span_is(mode, "octet");
    return nta_span_is(mode, "octet") || nta_span_is(mode, "netascii") || nta_span_is(mode, "mail");
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    struct request request;

    if (io->expected_by == NTA_APP_TFTP)
        return NTA_PARSE_OK;
    return read_request(first, &request) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static void emit(struct nta_proto_io *io, enum nta_event_kind kind,
                 const struct nta_transfer *transfer)
{
    const struct nta_event event = {.kind = kind, .app = NTA_APP_TFTP, .transfer = transfer};

    io->emit(io->owner, &event);
}

static struct nta_transfer transfer_of(const struct nta_tftp_state *state)
{
    const char *method = state->to_server ? "WRITE" : "READ";

    return (struct nta_transfer){
        .method = {.ptr = (const uint8_t *)(state->requested ? method : ""),
                   .len = state->requested ? strlen(method) : 0},
        .path = state->requested ? nta_path_span(&state->path) : (struct nta_span){0},
        .to_server = state->to_server,
        .is_altered = state->converts,
        .begin_wall_ns = state->begin_wall_ns,
    };
}

static void emit_end(struct nta_tftp_state *state, struct nta_proto_io *io)
{
    struct nta_transfer transfer = transfer_of(state);

    if (!state->begun || state->emitted)
        return;
    state->emitted = true;
    transfer.status = state->status;
    transfer.complete = state->complete;
    transfer.bytes_up = state->to_server ? state->bytes : 0;
    transfer.lost_up = state->to_server ? state->lost : 0;
    transfer.bytes_down = state->to_server ? 0 : state->bytes;
    transfer.lost_down = state->to_server ? 0 : state->lost;
    transfer.expected = state->size;
    transfer.hole = state->hole;
    transfer.contested = transfer.content_contested = state->contested;
    transfer.type = nta_file_start_type(&state->start);
    emit(io, NTA_EVENT_TRANSFER_END, &transfer);
}

/* Who asks is the client, and waits on the port it asked from. */
static void take_request(struct nta_tftp_state *state, struct nta_proto_io *io,
                         const struct request *request)
{
    struct nta_path path = {0};
    struct nta_transfer transfer;

    if (state->settled && io->side == NTA_FROM_SERVER)
        return; /* a server asks for nothing */
    nta_path_go(&path, request->name);
    if (state->requested && !state->emitted && state->to_server == request->is_write &&
        path.len == state->path.len && memcmp(path.text, state->path.text, path.len) == 0)
        return; /* sent again */
    emit_end(state, io);
    io->swap = io->side == NTA_FROM_SERVER;
    *state = (struct nta_tftp_state){.path = path,
                                     .settled = true,
                                     .requested = true,
                                     .to_server = request->is_write,
                                     .converts = request->converts,
                                     .begin_wall_ns = io->wall_ns};
    transfer = transfer_of(state);
    transfer.elsewhere = true;
    transfer.data.client_listens = transfer.data.over_udp = true;
    transfer.data.port = io->swap ? io->server_port : io->client_port;
    emit(io, NTA_EVENT_TRANSFER_BEGIN, &transfer);
}

/*
 * Of the blocks between the last one seen and one that is so far ahead, those that the receiver
 * has: the number of a block alone is a claim.
 */
static uint64_t n_acked(const struct nta_tftp_state *state, uint16_t ahead)
{
    const uint16_t acked = (uint16_t)(state->last_ack - state->last_block);

    if (acked > AHEAD_MAX)
        return 0;
    return acked < ahead ? acked : ahead - 1U;
}

static void emit_content(const struct nta_tftp_state *state, struct nta_proto_io *io,
                         struct nta_span bytes)
{
    const struct nta_content content = {.bytes = bytes, .offset = state->bytes - state->lost};
    const struct nta_event event = {
        .kind = NTA_EVENT_CONTENT, .app = NTA_APP_TFTP, .content = &content};

    if (io->wants_content && bytes.len > 0)
        io->emit(io->owner, &event);
}

/*
 * The last block once more, with other content: a receiver has one of the two.  What was the end of
 * the file by the shorter one may not be it.
 */
static void take_again(struct nta_tftp_state *state, size_t len, uint64_t block_size)
{
    state->contested = true;
    if (len <= state->last_len)
        return;
    state->bytes += len - state->last_len;
    state->last_len = (uint16_t)len;
    state->complete = len < block_size;
}

/*
 * The sender goes on where it was before a block that was ahead: that one does not count, be it a
 * decoy, or of a window that is sent again since the receiver missed a block (RFC 7440 section 4).
 */
static void go_back(struct nta_tftp_state *state)
{
    state->last_block = state->block_before;
    state->bytes = state->bytes_before;
    state->lost = state->lost_before;
    state->hole = state->hole_before;
    state->has_jumped = state->complete = false;
}

static void note_jump(struct nta_tftp_state *state)
{
    state->hole_before = state->hole;
    state->hole = state->has_jumped = true;
    state->block_before = state->last_block;
    state->bytes_before = state->bytes;
    state->lost_before = state->lost;
}

/*
 * What was told as the end, of a file or by an error, was none: blocks follow.  They are told, too,
 * of the same file; if some were told before, as what is not all of it.
 */
static void go_on(struct nta_tftp_state *state, const struct nta_proto_io *io)
{
    state->contested = state->hole = state->hole || state->bytes > 0;
    state->emitted = state->complete = false;
    state->bytes = state->lost = 0;
    state->status = 0;
    state->begin_wall_ns = io->wall_ns;
}

/* A block that is ahead of the last one: what ended before it was not the file's end. */
static void append(struct nta_tftp_state *state, struct nta_proto_io *io, uint16_t ahead,
                   struct nta_span content)
{
    const uint64_t block_size = state->block_size ? state->block_size : BLOCK_DEFAULT;
    const uint64_t lost = n_acked(state, ahead) * block_size + io->cut;

    if (ahead > 1)
        note_jump(state);
    state->contested |= state->complete;
    if (!state->hole) { /* behind one, the missing block may still come, and these again */
        nta_file_start_take(&state->start, state->bytes, content);
        emit_content(state, io, content);
    }
    state->last_block = (uint16_t)(state->last_block + ahead);
    state->last_len = (uint16_t)content.len;
    state->bytes += content.len + lost;
    state->lost += lost;
    state->complete = content.len + io->cut < block_size;
}

static void take_block(struct nta_tftp_state *state, struct nta_proto_io *io, struct nta_reader *r)
{
    static const struct nta_hash_key none;
    const uint16_t block = nta_read_be16(r);
    const struct nta_span content = nta_read_span(r, nta_reader_left(r));
    const uint64_t block_size = state->block_size ? state->block_size : BLOCK_DEFAULT;
    const uint64_t bytes = nta_hash_bytes(&none, content.ptr, content.len);

    if (!nta_reader_ok(r))
        return;
    if (!state->begun && !state->requested)
        state->to_server = io->side == NTA_FROM_CLIENT;
    else if (state->to_server != (io->side == NTA_FROM_CLIENT))
        return; /* the receiver has no blocks to send */
    uint16_t ahead = (uint16_t)(block - state->last_block);

    if (ahead > AHEAD_MAX && state->has_jumped && block == (uint16_t)(state->block_before + 1)) {
        go_back(state);
        ahead = 1;
    }

    if (ahead == 0 && state->emitted && content.len > state->last_len) {
        state->last_block--;
        ahead = 1;
    } else if (ahead == 0 && state->begun && !state->emitted && bytes != state->last_bytes) {
        take_again(state, content.len, block_size);
    }
    if (ahead == 0 || ahead > AHEAD_MAX)
        return;
    if (state->emitted)
        go_on(state, io);
    state->begun = true;
    append(state, io, ahead, content);
    state->last_bytes = bytes;
}

/* Who has the last block has the file. */
static void take_ack(struct nta_tftp_state *state, struct nta_proto_io *io, struct nta_reader *r)
{
    const uint16_t block = nta_read_be16(r);

    if (!nta_reader_ok(r))
        return;
    state->last_ack = block;
    if (state->complete && block == state->last_block &&
        state->to_server == (io->side == NTA_FROM_SERVER))
        emit_end(state, io);
}

/* The size of blocks, and of the file. */
static void take_options(struct nta_tftp_state *state, struct nta_reader *r)
{
    struct nta_span name, value;

    while (read_text(r, &name) && read_text(r, &value)) {
        /* the NUL behind the value was seen */
        const unsigned long size = strtoul((const char *)value.ptr, NULL, 10);

        if (nta_span_is(name, "tsize"))
            state->size = state->start.total = size;
        if (nta_span_is(name, "blksize") && size >= BLOCK_LEAST && size <= BLOCK_MOST)
            state->block_size = (uint16_t)size;
    }
}

static void take_error(struct nta_tftp_state *state, struct nta_proto_io *io, struct nta_reader *r)
{
    state->status = nta_read_be16(r);
    state->begun = true;
    emit_end(state, io);
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_tftp_state *state = state_ptr;
    const struct nta_span all = nta_reader_rest(r);
    struct request request;

    if (state->begin_wall_ns == 0)
        state->begin_wall_ns = io->wall_ns;
    struct nta_reader at = *r;

    nta_reader_skip(r, all.len);
    if (read_request(all, &request)) {
        take_request(state, io, &request);
        return NTA_PARSE_OK;
    }
    switch (nta_read_be16(&at)) {
    case DATA: take_block(state, io, &at); return NTA_PARSE_OK;
    case FAILURE: take_error(state, io, &at); return NTA_PARSE_OK;
    case OPTIONS: take_options(state, &at); return NTA_PARSE_OK;
    case ACK: take_ack(state, io, &at); return NTA_PARSE_OK;
    default: return NTA_PARSE_BAD;
    }
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    emit_end(state_ptr, io);
}

static void turn(void *state_ptr)
{
    struct nta_tftp_state *state = state_ptr;

    state->to_server = !state->to_server;
}

NTA_PROTO(tftp, struct nta_tftp_state, probe, feed, turn, .app = NTA_APP_TFTP, .over_udp = true,
          .end = end);
