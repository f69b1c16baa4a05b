/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http2.h"

#include "base/own.h"

enum
{
    SETTINGS = 4,
    SETTING_LEN = 6,
    SETTINGS_LEN_MAX = 20 * SETTING_LEN,
    SETTING_ID_MAX = 16, ///< Of those registered.
};

struct http2
{
    bool spoke[2];
};

/* RFC 9113 section 3.4. */
static enum nta_parse probe_client(struct nta_span first)
{
    return nta_span_becomes(first, nta_span_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
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

/* What one side says is believed when the other one speaks HTTP/2, too. */
static enum nta_parse feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct http2 *http2 = state;
    const struct nta_span rest = nta_reader_rest(r);

    if (rest.len == 0)
        return NTA_PARSE_OK;
    const enum nta_parse verdict =
        io->side == NTA_FROM_CLIENT ? probe_client(rest) : probe_server(rest);

    if (verdict != NTA_PARSE_OK && io->saw_syn)
        return verdict;
    http2->spoke[io->side] = true;
    io->done = true;
    io->done_both = http2->spoke[0] && http2->spoke[1];
    return NTA_PARSE_OK;
}

NTA_PROTO(http2, struct http2, probe, feed, turn, .app = NTA_APP_HTTP2, .over_tcp = true,
          .settles_sides = true);
