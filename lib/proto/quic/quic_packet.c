/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic_packet.h"

enum
{
    LONG_FORM = 0x80,
    TYPE_SHIFT = 4,
    VERSION_NEGOTIATION = 0,
};

/* Two bits of the first byte; RFC 9369 section 3.2 turns them by one. */
static enum nta_quic_type type_of(uint8_t first, const struct nta_quic_version *row)
{
    static const enum nta_quic_type v1[] = {NTA_QUIC_INITIAL, NTA_QUIC_ZERO_RTT, NTA_QUIC_HANDSHAKE,
                                            NTA_QUIC_RETRY};

    static const enum nta_quic_type v2[] = {NTA_QUIC_RETRY, NTA_QUIC_INITIAL, NTA_QUIC_ZERO_RTT,
                                            NTA_QUIC_HANDSHAKE};

    unsigned bits = first >> TYPE_SHIFT & 3;

    return row->is_v2 ? v2[bits] : v1[bits];
}

static void take_rest(struct nta_reader *r, size_t begin, struct nta_quic_packet *packet)
{
    (void)nta_read_rest(r);
    packet->whole = nta_reader_since(r, begin);
}

/* Behind the connection ids: token (Initial), Length, packet number and payload. */
static enum nta_parse read_numbered(struct nta_reader *r, size_t begin,
                                    struct nta_quic_packet *packet)
{
    if (packet->type == NTA_QUIC_INITIAL) {
        uint64_t token_len = nta_read_varint(r);

        nta_reader_skip(r, token_len <= SIZE_MAX ? (size_t)token_len : SIZE_MAX);
    }

    uint64_t len = nta_read_varint(r);

    packet->number_offset = nta_reader_offset(r) - begin;
    nta_reader_skip(r, len <= SIZE_MAX ? (size_t)len : SIZE_MAX);
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    packet->whole = nta_reader_since(r, begin);
    return NTA_PARSE_OK;
}

enum nta_parse nta_quic_packet_read(struct nta_reader *r, struct nta_quic_packet *ret_packet)
{
    struct nta_quic_packet *packet = ret_packet;
    const size_t begin = nta_reader_offset(r);
    uint8_t first = nta_read_u8(r);

    *packet = (struct nta_quic_packet){.type = NTA_QUIC_SHORT};
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (!(first & LONG_FORM)) {
        take_rest(r, begin, packet);
        return NTA_PARSE_OK;
    }
    packet->version = nta_read_be32(r);
    packet->row = nta_quic_version_find(packet->version);
    packet->type = packet->version == VERSION_NEGOTIATION ? NTA_QUIC_VERSION_NEGOTIATION
                   : packet->row                          ? type_of(first, packet->row)
                                                          : NTA_QUIC_OF_OTHER_VERSION;

    size_t destination_len = nta_read_u8(r);

    packet->destination = nta_read_span(r, destination_len);

    size_t source_len = nta_read_u8(r);

    packet->source = nta_read_span(r, source_len);
    if (destination_len > NTA_QUIC_CID_MAX || source_len > NTA_QUIC_CID_MAX)
        return NTA_PARSE_OTHER;
    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;
    if (packet->type == NTA_QUIC_INITIAL || packet->type == NTA_QUIC_ZERO_RTT ||
        packet->type == NTA_QUIC_HANDSHAKE)
        return read_numbered(r, begin, packet);
    take_rest(r, begin, packet);
    return NTA_PARSE_OK;
}
