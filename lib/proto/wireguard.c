/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wireguard.h"

enum
{
    INITIATION = 1,
    RESPONSE = 2,
    INITIATION_LEN = 148,
    RESPONSE_LEN = 92,
    RESERVED_LEN = 3, /* zeros, in which Cloudflare's WARP has an id of the client */
    INDEX_LEN = 4,    /* of a peer's session: may be any number, some count */
    CODE_LEN = 16,
    ZEROS_MAX = 8, /* among 64 random bytes and more: less than one message in 10^8 has more */
};

static size_t n_zeros(struct nta_span bytes)
{
    size_t n = 0;

    for (size_t i = 0; i < bytes.len; i++)
        n += bytes.ptr[i] == 0;
    return n;
}

/** The type of a message of the handshake; 0: it is none. */
static uint8_t handshake_type(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);
    const uint8_t type = nta_read_u8(&r);

    if (!((type == INITIATION && datagram.len == INITIATION_LEN) ||
          (type == RESPONSE && datagram.len == RESPONSE_LEN)))
        return 0;
    nta_reader_skip(&r, RESERVED_LEN + INDEX_LEN); /* the sender's */
    if (type == RESPONSE)
        nta_reader_skip(&r, INDEX_LEN);
    const struct nta_span sealed = nta_read_span(&r, nta_reader_left(&r) - CODE_LEN);

    return n_zeros(sealed) <= ZEROS_MAX && n_zeros(nta_reader_rest(&r)) == CODE_LEN ? type : 0;
}

static enum nta_parse wireguard_probe(const struct nta_proto_io *io, struct nta_span first)
{
    return !io->is_stream && handshake_type(first) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse wireguard_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    const uint8_t type = handshake_type(nta_read_rest(r));

    (void)state;
    if (!type)
        return NTA_PARSE_OTHER;
    io->swap = (io->side == NTA_FROM_SERVER) != (type == RESPONSE);
    io->done_both = true;
    return NTA_PARSE_OK;
}

NTA_PROTO(wireguard, char, wireguard_probe, wireguard_feed, nta_proto_turn_nothing,
          .app = NTA_APP_WIREGUARD, .over_udp = true, .settles_sides = true);
