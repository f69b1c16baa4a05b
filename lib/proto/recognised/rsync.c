/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/rsync.h"

#include "base/own.h"

enum
{
    PORT = 873,
    LINE_MAX = 255, /* with its end; what is sent today has 41 bytes */
};

struct rsync
{
    bool greeted[2];
};

/** The line at the beginning, and its length with its end.  MORE: its end is not there yet. */
static enum nta_parse read_greeting(struct nta_span bytes, size_t *ret_len)
{
    const struct nta_span mark = nta_span_of("@RSYNCD: "), seen = nta_span_first(bytes, LINE_MAX);
    const enum nta_parse verdict = nta_span_becomes(seen, mark);
    const size_t end = nta_span_find_byte(seen, '\n');

    if (verdict != NTA_PARSE_OK)
        return seen.len > 0 ? verdict : NTA_PARSE_OTHER;
    for (size_t i = mark.len; i < end; i++) {
        const uint8_t c = seen.ptr[i];

        if (c < ' ' || c > '~' || (i == mark.len && (c < '0' || c > '9')))
            return NTA_PARSE_OTHER;
    }
    *ret_len = end + 1;
    if (end == seen.len)
        return seen.len < LINE_MAX ? NTA_PARSE_MORE : NTA_PARSE_OTHER;
    return end > mark.len ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse rsync_probe(const struct nta_proto_io *io, struct nta_span first)
{
    size_t len;

    return io->is_stream && io->expected_by == NTA_APP_NONE ? read_greeting(first, &len)
                                                            : NTA_PARSE_OTHER;
}

static void tell_module(const struct nta_proto_io *io, struct nta_span module)
{
    uint8_t path[LINE_MAX + 1] = "/";
    const struct nta_transfer transfer = {
        .port = io->server_port == PORT ? 0 : io->server_port,
        .path = {path, module.len + 1},
        .begin_wall_ns = io->wall_ns,
    };
    struct nta_event event = {
        .kind = NTA_EVENT_TRANSFER_BEGIN, .app = NTA_APP_RSYNC, .transfer = &transfer};

    memcpy(path + 1, module.ptr, module.len);
    io->emit(io->owner, &event);
    event.kind = NTA_EVENT_TRANSFER_END;
    io->emit(io->owner, &event);
}

/** What the client says next: a module's name, or that it wants their list. */
static enum nta_parse read_module(struct nta_proto_io *io, struct nta_reader *r)
{
    const struct nta_span seen = nta_span_first(nta_reader_rest(r), LINE_MAX);
    const size_t end = nta_span_find_byte(seen, '\n');
    bool is_name = end > 0 && seen.ptr[0] != '#';

    if (end == seen.len && seen.len < LINE_MAX)
        return NTA_PARSE_MORE;
    for (size_t i = 0; i < end; i++)
        is_name &= seen.ptr[i] >= ' ' && seen.ptr[i] != 0x7f;
    if (is_name && end < seen.len)
        tell_module(io, nta_span_first(seen, end));
    (void)nta_read_rest(r);
    io->done_both = true;
    return NTA_PARSE_OK;
}

static enum nta_parse rsync_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct rsync *rsync = state;
    size_t len = 0;

    while (nta_reader_left(r) > 0 && !io->done) {
        if (rsync->greeted[0] && rsync->greeted[1] && io->side == NTA_FROM_CLIENT)
            return read_module(io, r);
        io->done = rsync->greeted[0] && rsync->greeted[1];
        if (io->done)
            return NTA_PARSE_OK;
        const enum nta_parse verdict =
            rsync->greeted[io->side] ? NTA_PARSE_OTHER : read_greeting(nta_reader_rest(r), &len);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        nta_reader_skip(r, len);
        rsync->greeted[io->side] = true;
    }
    return NTA_PARSE_OK;
}

static void rsync_turn(void *state)
{
    struct rsync *rsync = state;

    NTA_TURN(rsync->greeted);
}

NTA_PROTO(rsync, struct rsync, rsync_probe, rsync_feed, rsync_turn, .app = NTA_APP_RSYNC,
          .over_tcp = true);
