/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/recognised/rsync.h"

#include "base/own.h"

enum
{
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

static enum nta_parse rsync_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct rsync *rsync = state;
    size_t len = 0;

    while (nta_reader_left(r) > 0 && !io->done_both) {
        const enum nta_parse verdict =
            rsync->greeted[io->side] ? NTA_PARSE_OTHER : read_greeting(nta_reader_rest(r), &len);

        if (verdict != NTA_PARSE_OK)
            return verdict;
        nta_reader_skip(r, len);
        rsync->greeted[io->side] = true;
        io->done_both = rsync->greeted[io->side ^ 1];
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
