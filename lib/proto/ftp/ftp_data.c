/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/file/start.h"
#include "proto/ftp/ftp.h"

struct nta_ftp_data_state
{
    uint64_t n; ///< Bytes that were given as content.
    bool emitted;
    struct nta_file_start start;
};

enum
{
    LOOKED_AT_MAX = 65536 ///< Bytes that are looked at for what may come behind them.
};

static enum nta_parse probe(const struct nta_proto_io *io, struct nta_span first)
{
    return io->expected_by == NTA_APP_FTP && first.len > 0 ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static void end(void *state_ptr, struct nta_proto_io *io)
{
    struct nta_ftp_data_state *state = state_ptr;
    const struct nta_transfer transfer = {.type = nta_file_start_type(&state->start)};

    const struct nta_event event = {
        .kind = NTA_EVENT_TRANSFER_DATA, .app = NTA_APP_FTP, .transfer = &transfer};

    if (state->start.len > 0 && !state->emitted)
        io->emit(io->owner, &event);
    state->emitted = true;
}

static enum nta_parse feed(void *state_ptr, struct nta_proto_io *io, struct nta_reader *r)
{
    struct nta_ftp_data_state *state = state_ptr;
    const struct nta_content content = {.bytes = nta_read_rest(r), .offset = state->n};
    const struct nta_event event = {
        .kind = NTA_EVENT_CONTENT, .app = NTA_APP_FTP, .content = &content};

    nta_file_start_take(&state->start, state->n, content.bytes);
    if (io->wants_content && content.bytes.len > 0)
        io->emit(io->owner, &event);
    state->n += content.bytes.len;
    if (nta_file_start_idle(&state->start, state->n) > LOOKED_AT_MAX) {
        end(state, io);
        io->done_both = !io->wants_content;
    }
    return NTA_PARSE_OK;
}

NTA_PROTO(ftp_data, struct nta_ftp_data_state, probe, feed, nta_proto_turn_nothing,
          .app = NTA_APP_FTP, .over_tcp = true, .end = end);
