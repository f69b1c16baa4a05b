/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic_ids.h"

#include "proto/quic/quic_packet.h"

#include <assert.h>
#include <string.h>

enum
{
    FULL_LEN = 1200,
    PACKETS_MAX = 8,          ///< In one datagram.
    HEAD_LEN = 1 + 4 + 1 + 1, ///< Without the ids.
    RETRY_TAG_LEN = 16,
};

static_assert((int)NTA_QUIC_ID_MAX == (int)NTA_QUIC_CID_MAX, "the same bound");

bool nta_quic_id_equal(const struct nta_quic_id *a, const struct nta_quic_id *b)
{
    return a->len > 0 && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

bool nta_quic_id_leads(const struct nta_quic_id *id, struct nta_span datagram)
{
    return id->len > 0 && datagram.len > id->len &&
           memcmp(datagram.ptr + 1, id->bytes, id->len) == 0;
}

static void set_id(struct nta_quic_id *id, struct nta_span bytes)
{
    *id = (struct nta_quic_id){.len = (uint8_t)bytes.len};
    if (bytes.len > 0)
        memcpy(id->bytes, bytes.ptr, bytes.len);
}

static enum nta_quic_form form_of(enum nta_quic_type type)
{
    switch (type) {
    case NTA_QUIC_INITIAL: return NTA_QUIC_FORM_INITIAL;
    case NTA_QUIC_ZERO_RTT:
    case NTA_QUIC_HANDSHAKE: return NTA_QUIC_FORM_LONG;
    case NTA_QUIC_RETRY: return NTA_QUIC_FORM_RETRY;
    case NTA_QUIC_SHORT: return NTA_QUIC_FORM_SHORT;
    case NTA_QUIC_VERSION_NEGOTIATION:
    case NTA_QUIC_OF_OTHER_VERSION: break;
    }
    return NTA_QUIC_FORM_NONE;
}

enum nta_quic_form nta_quic_ids_read(struct nta_span datagram, struct nta_quic_ids *ret_ids)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);
    struct nta_quic_packet packet;

    if (nta_quic_packet_read(&r, &packet) == NTA_PARSE_OTHER || datagram.len == 0)
        return NTA_QUIC_FORM_NONE;
    const enum nta_quic_form form = form_of(packet.type);

    if (form != NTA_QUIC_FORM_NONE && form != NTA_QUIC_FORM_SHORT) {
        ret_ids->version = packet.version;
        set_id(&ret_ids->destination, packet.destination);
        set_id(&ret_ids->source, packet.source);
    }
    return form;
}

bool nta_quic_has_short(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);

    for (size_t n = 0; n < PACKETS_MAX && nta_reader_left(&r) > 0; n++) {
        struct nta_quic_packet packet;

        if (nta_quic_packet_read(&r, &packet) != NTA_PARSE_OK)
            return false;
        if (packet.type == NTA_QUIC_SHORT)
            return true;
    }
    return false;
}

struct nta_span nta_quic_retry_token(struct nta_span datagram)
{
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);
    struct nta_quic_packet packet;

    if (nta_quic_packet_read(&r, &packet) != NTA_PARSE_OK || packet.type != NTA_QUIC_RETRY)
        return (struct nta_span){0};
    const struct nta_span token =
        nta_span_from(packet.whole, HEAD_LEN + packet.destination.len + packet.source.len);

    return nta_span_first(token, token.len > RETRY_TAG_LEN ? token.len - RETRY_TAG_LEN : 0);
}

/**
 * The first packet, if it is a whole Initial in a datagram as large as those must be that carry
 * more than acknowledgements (RFC 9000 section 14.1).
 */
static bool read_initial(struct nta_span datagram, struct nta_quic_packet *ret_packet)
{
    if (datagram.len < FULL_LEN)
        return false;
    struct nta_reader r = nta_reader_of(datagram.ptr, datagram.len);

    return nta_quic_packet_read(&r, ret_packet) == NTA_PARSE_OK &&
           ret_packet->type == NTA_QUIC_INITIAL;
}

bool nta_quic_begins(struct nta_span datagram)
{
    struct nta_quic_packet packet;
    struct nta_quic_keys keys;
    struct nta_span plain;

    if (!read_initial(datagram, &packet) || packet.destination.len == 0)
        return false;
    nta_quic_keys_make(packet.row, packet.destination, &keys);
    return nta_quic_open(&keys, packet.whole, packet.number_offset, &plain);
}

bool nta_quic_answers(struct nta_span datagram, const struct nta_quic_ids *ids)
{
    struct nta_quic_packet packet;
    struct nta_quic_keys keys;
    struct nta_span plain;

    if (!read_initial(datagram, &packet))
        return false;
    nta_quic_server_keys_make(
        packet.row, (struct nta_span){ids->destination.bytes, ids->destination.len}, &keys);
    return nta_quic_open(&keys, packet.whole, packet.number_offset, &plain);
}
