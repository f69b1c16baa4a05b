/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb.h"

#include "base/own.h"
#include "proto/file/magic.h"
#include "proto/smb/smb_command.h"
#include "proto/smb/smb_emit.h"
#include "proto/smb/smb_old.h"
#include "proto/smb/smb_opens.h"

enum
{
    FRAME_LEN = 4, ///< Type and length, RFC 1002 section 4.3.1.
    FRAME_MESSAGE = 0,
    FRAME_REQUEST = 0x81, ///< Opens a session, on port 139.
    FRAME_ALIVE = 0x85,
    REQUEST_LEN = 68,
    PORT = 445,
    PORT_NETBIOS = 139,
    MARK_PLAIN = 0xfe, ///< First bytes of messages, each before "SMB".
    MARK_OLD = 0xff,
    MARK_ENCRYPTED = 0xfd,
    MARK_COMPRESSED = 0xfc,
    FLAGS_AT = FRAME_LEN + 16,
    FLAGS_OLD_AT = FRAME_LEN + 9,
    FLAG_OLD_REPLY = 0x80,
    COMMAND_MAX = 4096, ///< Of a command, this much is waited for.
    SKIP_MAX = 65536,
};

#define OFFSET_UNKNOWN (UINT64_MAX / 2)

static bool is_mark(uint8_t byte)
{
    return byte == MARK_PLAIN || byte == MARK_OLD || byte == MARK_ENCRYPTED ||
           byte == MARK_COMPRESSED;
}

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    const bool known_port = io->server_port == PORT || io->server_port == PORT_NETBIOS;

    if (first.len == 0 || io->expected_by != NTA_APP_NONE)
        return NTA_PARSE_OTHER;
    if (first.ptr[0] == FRAME_REQUEST && io->server_port == PORT_NETBIOS && first.len >= FRAME_LEN)
        return first.ptr[3] == REQUEST_LEN ? NTA_PARSE_OK : NTA_PARSE_OTHER;
    if (first.ptr[0] != FRAME_MESSAGE)
        return NTA_PARSE_OTHER;
    if (first.len < FRAME_LEN + 4)
        return known_port ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
    return is_mark(first.ptr[4]) && memcmp(first.ptr + 5, "SMB", 3) == 0 ? NTA_PARSE_OK
                                                                         : NTA_PARSE_OTHER;
}

static uint32_t add_lost(uint32_t lost, uint32_t len)
{
    return len < UINT32_MAX - lost ? lost + len : UINT32_MAX;
}

/* `len` bytes of what is to be passed over went by; content is the last part of it. */
static void pass(struct nta_smb_state *state, unsigned i, uint32_t len, uint32_t lost)
{
    struct nta_smb_side *side = &state->sides[i];
    struct nta_smb_file *file = nta_smb_file_of(&state->table, side->file);
    const uint32_t n = len < side->content_left ? len : side->content_left;
    const uint32_t n_lost = lost < n ? lost : n;

    side->frame_left -= len;
    side->pass_left -= len;
    side->content_left -= n;
    side->offset += n;
    if (file && i == NTA_FROM_CLIENT) {
        file->bytes_written += n;
        file->lost_written = add_lost(file->lost_written, n_lost);
    } else if (file) {
        file->bytes_read += n;
        file->lost_read = add_lost(file->lost_read, n_lost);
    }
}

/* What was asked to be skipped, and went by; `side` as io counts it. */
static void pass_skipped(struct nta_smb_state *state, const struct nta_proto_io *io, unsigned i,
                         enum nta_side side, uint64_t hole)
{
    struct nta_skip *skip = &state->sides[i].skip;

    if (skip->len == 0)
        return;
    const struct nta_gone gone = nta_skip_take(skip, io, side, hole);

    pass(state, i, (uint32_t)gone.bytes, (uint32_t)gone.lost);
}

/* Content begins at the reader: what is it? */
static void note_type(struct nta_smb_state *state, const struct nta_smb_side *side,
                      struct nta_span content)
{
    struct nta_smb_file *file = nta_smb_file_of(&state->table, side->file);

    if (!file || side->offset > 0 || file->began || content.len == 0)
        return;
    file->began = true;
    file->type = nta_magic_type(content);
}

/* What is read of a file is shown, if it is known where in the file it lies. */
static bool wants_content(const struct nta_smb_state *state, const struct nta_proto_io *io)
{
    const struct nta_smb_side *side = &state->sides[NTA_FROM_SERVER];

    return io->wants_content && nta_proto_side(io) == NTA_FROM_SERVER && side->content_left > 0 &&
           side->file.serial != 0 && side->offset < OFFSET_UNKNOWN;
}

static void show_content(struct nta_smb_state *state, struct nta_proto_io *io,
                         struct nta_span bytes)
{
    const struct nta_smb_side *side = &state->sides[NTA_FROM_SERVER];
    struct nta_smb_file *file = nta_smb_file_of(&state->table, side->file);

    if (!file)
        return;
    const struct nta_content content = {.bytes = nta_span_first(bytes, side->content_left),
                                        .offset = side->offset,
                                        .file = file->key};
    const struct nta_event event = {
        .kind = NTA_EVENT_CONTENT, .app = NTA_APP_SMB, .content = &content};

    file->shown += content.bytes.len;
    io->emit(io->owner, &event);
}

/* How much of a command must be there before it is looked at. */
static size_t needed(const struct nta_smb_header *header, struct nta_span bytes, size_t command_len)
{
    const size_t text_end = nta_smb_text_end(header, bytes);
    size_t len = text_end > NTA_SMB_FIXED_LEN ? text_end : NTA_SMB_FIXED_LEN;

    if (len > COMMAND_MAX)
        len = COMMAND_MAX;
    return len < command_len ? len : command_len;
}

/* What is behind the parts that were looked at is passed over. */
static void leave_command(struct nta_smb_state *state, unsigned i, struct nta_reader *r,
                          const struct nta_smb_header *header, struct nta_span bytes,
                          uint32_t command_len)
{
    struct nta_smb_side *side = &state->sides[i];
    uint32_t offset, len;

    side->content_left = 0;
    side->pass_left = command_len;
    if (!nta_smb_content(header, bytes, &offset, &len) || offset > command_len)
        return;
    if (offset > bytes.len) {
        offset = (uint32_t)bytes.len;
        side->offset = OFFSET_UNKNOWN;
    }
    nta_reader_skip(r, offset);
    pass(state, i, offset, 0);
    side->content_left = len < side->pass_left ? len : side->pass_left;
    note_type(state, side,
              (struct nta_span){bytes.ptr + offset, bytes.len - offset < side->content_left
                                                        ? bytes.len - offset
                                                        : side->content_left});
}

static enum nta_parse read_command(struct nta_smb_state *state, struct nta_proto_io *io,
                                   struct nta_reader *r)
{
    const unsigned i = nta_proto_side(io);
    struct nta_smb_side *side = &state->sides[i];
    struct nta_span bytes = nta_span_first(nta_reader_rest(r), side->frame_left);
    struct nta_smb_header header;

    enum nta_parse verdict = nta_smb_header_read(bytes, &header);

    if (verdict == NTA_PARSE_MORE && bytes.len == side->frame_left)
        return NTA_PARSE_BAD;
    if (verdict != NTA_PARSE_OK)
        return verdict;
    const uint32_t len = header.next ? header.next : side->frame_left;

    if (len > side->frame_left || header.is_response != (i == NTA_FROM_SERVER))
        return NTA_PARSE_BAD;
    if (bytes.len < needed(&header, bytes, len))
        return NTA_PARSE_MORE;
    if (bytes.len > len)
        bytes.len = len;
    if (header.is_response)
        nta_smb_take_response(state, io, &header, bytes);
    else
        nta_smb_take_request(state, io, &header, bytes);
    leave_command(state, i, r, &header, bytes, len);
    return NTA_PARSE_OK;
}

/* Of SMB 1 logins are looked at, and the rest is passed over. */
static enum nta_parse read_old(struct nta_smb_state *state, const struct nta_proto_io *io,
                               struct nta_reader *r)
{
    struct nta_smb_side *side = &state->sides[nta_proto_side(io)];
    const struct nta_span bytes = nta_span_first(nta_reader_rest(r), side->frame_left);
    const size_t wanted = nta_smaller(side->frame_left, COMMAND_MAX);

    if (bytes.len < nta_smaller(side->frame_left, NTA_SMB_OLD_HEADER_LEN) ||
        (nta_smb_old_is_setup(bytes) && bytes.len < wanted))
        return NTA_PARSE_MORE;
    if (nta_smb_old_is_setup(bytes))
        nta_smb_old_take(state, io, bytes, nta_proto_side(io) == NTA_FROM_SERVER);
    side->pass_left = side->frame_left;
    side->content_left = 0;
    return NTA_PARSE_OK;
}

/* The beginning of a frame's content says what it is. */
static enum nta_parse read_message(struct nta_smb_state *state, struct nta_proto_io *io,
                                   struct nta_reader *r)
{
    struct nta_smb_side *side = &state->sides[nta_proto_side(io)];

    side->begun |= is_mark(nta_reader_peek(r));
    switch (nta_reader_peek(r)) {
    case MARK_PLAIN: return read_command(state, io, r);
    case MARK_ENCRYPTED:
        io->done = true;
        io->done_both = state->sides[nta_proto_side(io) ^ 1].begun;
        return NTA_PARSE_OK;
    case MARK_OLD: return read_old(state, io, r);
    case MARK_COMPRESSED:
        side->pass_left = side->frame_left;
        side->content_left = 0;
        return NTA_PARSE_OK;
    default: return NTA_PARSE_BAD;
    }
}

static enum nta_parse read_frame(struct nta_smb_state *state, struct nta_proto_io *io,
                                 struct nta_reader *r)
{
    struct nta_smb_side *side = &state->sides[nta_proto_side(io)];
    struct nta_reader at = *r;
    const uint8_t type = nta_read_u8(&at);
    const uint32_t len = nta_read_be24(&at);

    if (type != FRAME_MESSAGE && (type < FRAME_REQUEST || type > FRAME_ALIVE))
        return NTA_PARSE_BAD;
    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    *r = at;
    side->frame_left = len;
    side->content_left = 0;
    side->pass_left = type == FRAME_MESSAGE ? 0 : len;
    return NTA_PARSE_OK;
}

/* Pass over bytes up to a frame with a message in it. */
static enum nta_parse find_again(struct nta_smb_side *side, struct nta_reader *r)
{
    static const uint8_t mark[] = {MARK_PLAIN, 'S', 'M', 'B', NTA_SMB_HEADER_LEN, 0};
    const struct nta_span bytes = nta_reader_rest(r);
    const size_t at = nta_span_find_span(bytes, (struct nta_span){mark, sizeof(mark)});

    if (at == bytes.len || at < FRAME_LEN || bytes.ptr[at - FRAME_LEN] != FRAME_MESSAGE) {
        nta_reader_skip(r, nta_smaller(at + 1, bytes.len));
        return NTA_PARSE_OK;
    }
    nta_reader_skip(r, at - FRAME_LEN);
    side->lost = false;
    return NTA_PARSE_OK;
}

static void lose(struct nta_smb_side *side)
{
    *side = (struct nta_smb_side){.lost = true, .begun = true};
}

static enum nta_parse step(struct nta_smb_state *state, struct nta_proto_io *io,
                           struct nta_reader *r)
{
    const unsigned i = nta_proto_side(io);
    struct nta_smb_side *side = &state->sides[i];

    if (side->lost)
        return find_again(side, r);
    if (side->pass_left > 0) {
        const size_t left = nta_reader_left(r);
        const uint32_t n = left < side->pass_left ? (uint32_t)left : side->pass_left;

        const struct nta_span bytes = nta_read_span(r, n);

        if (wants_content(state, io))
            show_content(state, io, bytes);
        pass(state, i, n, 0);
        return NTA_PARSE_OK;
    }
    return side->frame_left > 0 ? read_message(state, io, r) : read_frame(state, io, r);
}

static void turn(void *state_ptr)
{
    struct nta_smb_state *state = state_ptr;

    NTA_TURN(state->sides);
}

/* The first message says who is the server.  MORE: not enough of it. */
static enum nta_parse settle(struct nta_smb_state *state, struct nta_proto_io *io,
                             const struct nta_reader *r)
{
    const struct nta_span bytes = nta_reader_rest(r);
    bool response = io->side == NTA_FROM_SERVER;

    if (bytes.len > FRAME_LEN && bytes.ptr[0] == FRAME_MESSAGE) {
        if (bytes.len <= FLAGS_AT)
            return NTA_PARSE_MORE;
        if (bytes.ptr[FRAME_LEN] == MARK_PLAIN)
            response = bytes.ptr[FLAGS_AT] & 1;
        if (bytes.ptr[FRAME_LEN] == MARK_OLD)
            response = bytes.ptr[FLAGS_OLD_AT] & FLAG_OLD_REPLY;
    }
    state->settled = true;
    io->swap = response != (io->side == NTA_FROM_SERVER);
    if (io->swap)
        turn(state);
    return NTA_PARSE_OK;
}

/* The last byte is shown, so that what went by before it is counted. */
static uint32_t skippable(uint32_t pass_left)
{
    const uint32_t len = pass_left > 0 ? pass_left - 1 : 0;

    return len < SKIP_MAX ? len : SKIP_MAX;
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_smb_state *state = state_ptr;
    enum nta_parse verdict = NTA_PARSE_OK;

    if (!state->settled && nta_reader_left(r) > 0)
        verdict = settle(state, io, r);
    if (!state->settled)
        return verdict;
    const unsigned i = nta_proto_side(io);
    struct nta_smb_side *side = &state->sides[i];

    pass_skipped(state, io, i, io->side, 0);
    while (verdict == NTA_PARSE_OK && nta_reader_left(r) > 0 && !io->done) {
        verdict = step(state, io, r);
        if (verdict == NTA_PARSE_BAD && io->saw_syn && !side->begun)
            return NTA_PARSE_OTHER; /* whatever the other side says */
        if (verdict == NTA_PARSE_BAD) {
            lose(side);
            nta_reader_skip(r, 1);
            verdict = NTA_PARSE_OK;
        }
    }
    if (verdict == NTA_PARSE_OK && nta_reader_left(r) == 0 && !wants_content(state, io))
        nta_skip_ask(&side->skip, io, skippable(side->pass_left));
    return verdict;
}

static enum nta_parse gap(void *state_ptr, struct nta_proto_io *io, uint64_t len)
{
    struct nta_smb_state *state = state_ptr;
    const unsigned i = nta_proto_side(io);
    struct nta_smb_side *side = &state->sides[i];

    pass_skipped(state, io, i, io->side, len);
    const uint32_t n = len < side->pass_left ? (uint32_t)len : side->pass_left;

    pass(state, i, n, n);
    if (n < len || len == 0) /* 0: what was left was given up */
        lose(side);
    return NTA_PARSE_OK;
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    struct nta_smb_state *state = state_ptr;

    for (unsigned i = 0; i < NTA_N_ELEMENTS(state->sides); i++)
        pass_skipped(state, io, i, (enum nta_side)i, 0);
    for (size_t i = 0; i < NTA_SMB_FILES_MAX; i++)
        nta_smb_emit_end(&state->table, &state->table.files[i], io, false);
}

NTA_PROTO(smb, struct nta_smb_state, probe, feed, turn, .app = NTA_APP_SMB, .over_tcp = true,
          .settles_sides = true, .gap = gap, .end = end,
          .shared_size = sizeof(struct nta_smb_opens));
