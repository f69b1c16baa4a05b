/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/stun.h"

#include "proto/tls/dtls.h"

enum
{
    HEAD_LEN = 20,      /* type, length, cookie, transaction */
    TYPE_MASK = 0xc000, /* these bits are zero */
    CLASS_ERROR = 0x0110,
    ATTRIBUTE_REALM = 0x0014,
    DATAGRAMS_MAX = 64,
};

struct stun
{
    uint8_t n_datagrams;
};

/* RFC 8489 section 5: one message is the whole datagram, and padded to four bytes. */
static bool is_message(struct nta_span datagram)
{
    static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);

    if (datagram.len < HEAD_LEN || memcmp(datagram.ptr + 4, cookie, sizeof(cookie)) != 0)
        return false;
    const uint16_t type = nta_read_be16(&r), len = nta_read_be16(&r);

    return (type & TYPE_MASK) == 0 && len % 4 == 0 && datagram.len == HEAD_LEN + (size_t)len;
}

/*
 * RFC 8489 section 14.9: a server that wants a password says of which realm, which mostly is its
 * domain; only errors carry it from a server.
 */
static void read_realm(const struct nta_proto_io *io, struct nta_span message)
{
    struct nta_reader r = nta_reader_of(message.ptr, message.len);

    if ((nta_read_be16(&r) & CLASS_ERROR) != CLASS_ERROR)
        return;
    nta_reader_skip(&r, HEAD_LEN - 2);
    while (nta_reader_left(&r) > 0) {
        const uint16_t type = nta_read_be16(&r), len = nta_read_be16(&r);
        const struct nta_span value = nta_read_span(&r, len);

        nta_reader_skip(&r, (4U - len % 4U) % 4U);
        if (!nta_reader_ok(&r))
            return;
        if (type == ATTRIBUTE_REALM) {
            io->emit(io->owner, &(const struct nta_event){
                                    .kind = NTA_EVENT_REALM, .app = NTA_APP_STUN, .realm = &value});
            return;
        }
    }
}

static enum nta_parse stun_probe(const struct nta_proto_io *io, struct nta_span first)
{
    return !io->is_stream && is_message(first) ? NTA_PARSE_OK : NTA_PARSE_OTHER;
}

static enum nta_parse stun_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct stun *stun = state;
    const struct nta_span datagram = nta_reader_rest(r);

    if (is_message(datagram))
        read_realm(io, datagram);
    io->handover = nta_proto_dtls.probe(io, datagram) == NTA_PARSE_OK;
    io->done_both = ++stun->n_datagrams >= DATAGRAMS_MAX && !io->handover;
    if (!io->handover)
        nta_reader_skip(r, datagram.len);
    return NTA_PARSE_OK;
}

NTA_PROTO(stun, struct stun, stun_probe, stun_feed, nta_proto_turn_nothing, .app = NTA_APP_STUN,
          .over_udp = true, .is_beside = true);
