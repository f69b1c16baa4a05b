/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/stun.h"

#include "proto/tls/dtls.h"
#include "proto/tls/relayed.h"

enum
{
    HEAD_LEN = 20,      /* type, length, cookie, transaction */
    TYPE_MASK = 0xc000, /* these bits are zero */
    CLASS_ERROR = 0x0110,
    ATTRIBUTE_ERROR = 0x0009,
    ATTRIBUTE_PEER = 0x0012,
    ATTRIBUTE_DATA = 0x0013,
    ATTRIBUTE_REALM = 0x0014,
    ATTRIBUTE_NONCE = 0x0015,
    ATTRIBUTE_CONNECTION = 0x002a,
    INDICATION_SEND = 0x0016,
    INDICATION_DATA = 0x0017,
    DATAGRAMS_MAX = 64,
    PORT = 3478,
    QUIC_INITIAL_LEAST = 1200,
    QUIC_LONG_LEAST = 0xc0,
    CHANNEL_MAX = 0x4fff,
    TRANSACTION_OFF = 4, /* the cookie in front of it */
    FAMILY_V4 = 1,
    FAMILY_V6 = 2,
};

struct stun
{
    struct nta_relayed *relayed; ///< Lent; NULL: nothing was relayed that it reads.
    uint8_t n_datagrams;
};

static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};

size_t nta_stun_len(struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);

    if (bytes.len < TRANSACTION_OFF + sizeof(cookie) ||
        memcmp(bytes.ptr + TRANSACTION_OFF, cookie, sizeof(cookie)) != 0)
        return 0;
    const uint16_t type = nta_read_be16(&r), len = nta_read_be16(&r);

    return (type & TYPE_MASK) == 0 && len % 4 == 0 ? HEAD_LEN + (size_t)len : 0;
}

/* One message is the whole datagram. */
static bool is_message(struct nta_span datagram)
{
    return datagram.len > 0 && nta_stun_len(datagram) == datagram.len;
}

bool nta_stun_is_relay(const struct nta_proto_io *io)
{
    return io->server_port == PORT || io->client_port == PORT;
}

/*
 * RFC 8656 section 12.4: what a relay's peer sent, behind the number of its channel and a length,
 * perhaps padded.
 */
static bool is_channel(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);
    const uint16_t channel = nta_read_be16(&r), len = nta_read_be16(&r);

    return nta_reader_ok(&r) && channel >= NTA_STUN_CHANNEL_MIN && channel <= CHANNEL_MAX &&
           len > 0 && len <= nta_reader_left(&r) && nta_reader_left(&r) - len < 4;
}

/* The first attribute of this kind in a message (RFC 8489 section 14). */
static struct nta_span attribute_of(struct nta_span message, uint16_t kind)
{
    struct nta_reader r = nta_reader_of(message.ptr, message.len);

    nta_reader_skip(&r, HEAD_LEN);
    while (nta_reader_left(&r) > 0) {
        const uint16_t type = nta_read_be16(&r), len = nta_read_be16(&r);
        const struct nta_span value = nta_read_span(&r, len);

        nta_reader_skip(&r, (4U - len % 4U) % 4U);
        if (type == kind && nta_reader_ok(&r))
            return value;
    }
    return (struct nta_span){0};
}

uint16_t nta_stun_type(struct nta_span message)
{
    struct nta_reader r = nta_reader_of(message.ptr, message.len);

    return nta_read_be16(&r);
}

/*
 * RFC 8489 section 14.9: a server that wants a password says of which realm, which mostly is its
 * domain; only errors carry it from a server.
 */
static struct nta_span realm_of(struct nta_span message)
{
    if ((nta_stun_type(message) & CLASS_ERROR) != CLASS_ERROR)
        return (struct nta_span){0};
    return attribute_of(message, ATTRIBUTE_REALM);
}

struct nta_span nta_stun_carried(struct nta_span frame)
{
    if (is_channel(frame)) {
        struct nta_reader r = nta_reader_of(frame.ptr, frame.len);

        nta_reader_skip(&r, 2);
        return nta_read_span(&r, nta_read_be16(&r));
    }
    if (!is_message(frame) ||
        (nta_stun_type(frame) != INDICATION_SEND && nta_stun_type(frame) != INDICATION_DATA))
        return (struct nta_span){0};
    return attribute_of(frame, ATTRIBUTE_DATA);
}

struct nta_span nta_stun_content(const struct nta_proto_io *io, struct nta_span datagram)
{
    return nta_stun_is_relay(io) || !is_channel(datagram) ? nta_stun_carried(datagram)
                                                          : (struct nta_span){0};
}

void nta_stun_tell_realm(const struct nta_proto_io *io, struct nta_span message)
{
    const struct nta_span realm = realm_of(message);

    if (realm.len > 0)
        io->emit(io->owner, &(const struct nta_event){
                                .kind = NTA_EVENT_REALM, .app = NTA_APP_STUN, .realm = &realm});
}

bool nta_stun_peer(struct nta_span message, struct nta_addr *ret_addr, uint16_t *ret_port)
{
    const struct nta_span value = attribute_of(message, ATTRIBUTE_PEER);
    struct nta_reader r = nta_reader_of(value.ptr, value.len);
    uint8_t bytes[sizeof(ret_addr->bytes)];

    nta_reader_skip(&r, 1);
    const uint8_t family = nta_read_u8(&r);
    const uint16_t port = nta_read_be16(&r);
    const size_t len = family == FAMILY_V4 ? 4 : sizeof(bytes);
    const struct nta_span hidden = nta_read_span(&r, len);

    if (!nta_reader_done(&r) || (family != FAMILY_V4 && family != FAMILY_V6))
        return false;
    for (size_t i = 0; i < len; i++)
        bytes[i] = hidden.ptr[i] ^ message.ptr[TRANSACTION_OFF + i];
    *ret_addr = family == FAMILY_V4 ? nta_addr_v4(bytes) : nta_addr_v6(bytes);
    *ret_port = port ^ (uint16_t)(cookie[0] << 8 | cookie[1]);
    return true;
}

bool nta_stun_connection(struct nta_span message, uint32_t *ret_number)
{
    const struct nta_span value = attribute_of(message, ATTRIBUTE_CONNECTION);
    struct nta_reader r = nta_reader_of(value.ptr, value.len);
    const uint32_t number = nta_read_be32(&r);

    if (!nta_reader_done(&r))
        return false;
    *ret_number = number;
    return true;
}

uint16_t nta_stun_error(struct nta_span message)
{
    const struct nta_span value = attribute_of(message, ATTRIBUTE_ERROR);
    struct nta_reader r = nta_reader_of(value.ptr, value.len);

    nta_reader_skip(&r, 2);
    const unsigned hundreds = nta_read_u8(&r) & 7U, rest = nta_read_u8(&r);

    return (uint16_t)(nta_reader_ok(&r) ? hundreds * 100 + rest : 0);
}

struct nta_span nta_stun_nonce(struct nta_span datagram)
{
    return is_message(datagram) ? attribute_of(datagram, ATTRIBUTE_NONCE) : (struct nta_span){0};
}

static enum nta_parse stun_probe(const struct nta_proto_io *io, struct nta_span first)
{
    return !io->is_stream && (is_message(first) || (nta_stun_is_relay(io) && is_channel(first)))
               ? NTA_PARSE_OK
               : NTA_PARSE_OTHER;
}

/* RFC 9443 section 3: what a relay passes on, by its first byte; a hello fills its datagram. */
static bool begins_quic(struct nta_span content)
{
    return content.len >= QUIC_INITIAL_LEAST && content.ptr[0] >= QUIC_LONG_LEAST;
}

static enum nta_parse stun_feed(void *state, struct nta_proto_io *io, struct nta_reader *r)
{
    struct stun *stun = state;
    const struct nta_span datagram = nta_reader_rest(r);

    const struct nta_span content = nta_stun_content(io, datagram);

    if (is_message(datagram))
        nta_stun_tell_realm(io, datagram);
    io->handover = nta_proto_dtls.probe(io, content.len ? content : datagram) == NTA_PARSE_OK ||
                   begins_quic(content);
    const bool is_read =
        content.len > 0 && !io->handover && nta_relayed_take(&stun->relayed, io, content);

    stun->n_datagrams = is_read ? 0U : (uint8_t)(stun->n_datagrams + 1);
    io->done_both = stun->n_datagrams >= DATAGRAMS_MAX && !io->handover;
    if (io->handover)
        nta_relayed_end(stun->relayed, io);
    else
        nta_reader_skip(r, datagram.len);
    return NTA_PARSE_OK;
}

static void stun_end(void *state, struct nta_proto_io *io)
{
    nta_relayed_end(((struct stun *)state)->relayed, io);
}

static void stun_turn(void *state)
{
    nta_relayed_turn(((struct stun *)state)->relayed);
}

NTA_PROTO(stun, struct stun, stun_probe, stun_feed, stun_turn, .app = NTA_APP_STUN,
          .over_udp = true, .is_beside = true, .end = stun_end,
          .extra_size = sizeof(struct nta_relayed), .extra_zeroed = NTA_RELAYED_ZEROED);
