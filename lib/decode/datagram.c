/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/datagram.h"

#include "decode/at.h"

enum
{
    PROTO_UDP = 17,
    HEADER_UDP = 8,
    HEADER_V4 = 20,
    HEADER_V6 = 40,
};

bool nta_piece_read(const struct nta_packet *packet, const uint8_t *bytes, struct nta_piece *piece)
{
    struct nta_reader r = nta_reader_of(bytes, packet->cap_len);
    bool is_v6 = false;

    nta_reader_seek(&r, packet->l3_off);
    piece->ip = nta_reader_take(&r, HEADER_V4);
    if (!piece->ip)
        return false;
    is_v6 = piece->ip[0] >> 4 == 6;
    nta_reader_skip(&r, is_v6 ? HEADER_V6 - HEADER_V4 : 0);
    if (is_v6)
        nta_reader_seek(&r, packet->payload_off - 8U);
    else
        nta_reader_seek(&r, packet->l3_off + 4U);

    /* IPv6: next header, reserved, place, identification; IPv4: identification, flags and place */
    uint32_t place = is_v6 ? nta_read_be32(&r) & 0xffff : 0;
    uint32_t id = is_v6 ? nta_read_be32(&r) : nta_read_be16(&r);

    if (!is_v6)
        place = nta_read_be16(&r);
    nta_reader_seek(&r, packet->payload_off);
    piece->data = nta_reader_take(&r, packet->payload_len);
    if (!piece->data)
        return false;
    piece->packet = packet;
    piece->is_last = is_v6 ? !(place & 1) : !(place & 0x2000);
    piece->first = is_v6 ? place & 0xfff8 : (place & 0x1fff) * 8;
    piece->end = piece->first + packet->payload_len;
    piece->wire_end = piece->first + packet->payload_wire_len;
    piece->proto = packet->ip_proto;
    const bool names = nta_packet_names_network(packet->network_kind);

    piece->key = (struct nta_datagram_key){.src = packet->src,
                                           .dst = packet->dst,
                                           .id = id,
                                           .vlan = {packet->vlan[0], packet->vlan[1]},
                                           .proto = is_v6 ? 0 : packet->ip_proto,
                                           .is_v6 = is_v6,
                                           .source = packet->source,
                                           .any_port = packet->any_port,
                                           .network_kind = names ? packet->network_kind : 0,
                                           .network = names ? packet->network : 0};
    /* all but the last are multiples of 8 (RFC 791, RFC 8200) */
    return packet->payload_len > 0 && packet->payload_len <= packet->payload_wire_len &&
           packet->payload_wire_len <= NTA_DATAGRAM_WHOLE &&
           (piece->is_last || packet->payload_wire_len % 8 == 0) &&
           (piece->end == piece->wire_end || (piece->first == 0 && !piece->is_last));
}

/** Bytes behind the IP header. */
static uint32_t max_len(bool is_v6)
{
    return is_v6 ? NTA_DATAGRAM_MAX : NTA_DATAGRAM_MAX - HEADER_V4;
}

bool nta_datagram_fits(struct nta_datagram *datagram, const struct nta_piece *piece)
{
    uint32_t have = datagram->n_ranges ? datagram->ranges[datagram->n_ranges - 1].end : 0;

    if (piece->wire_end > max_len(piece->key.is_v6))
        return false;
    if (datagram->end != 0)
        return piece->is_last ? piece->wire_end == datagram->end : piece->wire_end <= datagram->end;
    if (piece->is_last) {
        datagram->end = piece->end;
        return have <= piece->end;
    }
    return true;
}

bool nta_datagram_repeats(const struct nta_datagram *datagram, const struct nta_piece *piece)
{
    for (uint32_t at = piece->first; at < piece->end; at++) {
        const uint8_t *page = datagram->pages[at / NTA_DATAGRAM_PAGE];

        if (!page || page[at % NTA_DATAGRAM_PAGE] != piece->data[at - piece->first])
            return false;
    }
    for (size_t i = 0; i < datagram->n_ranges; i++)
        if (datagram->ranges[i].first <= piece->first && datagram->ranges[i].end >= piece->end)
            return true;
    return false;
}

bool nta_datagram_overlaps(const struct nta_datagram *datagram, const struct nta_piece *piece)
{
    for (size_t i = 0; i < datagram->n_ranges; i++)
        if (datagram->ranges[i].first < piece->end && datagram->ranges[i].end > piece->first)
            return true;
    return false;
}

static void put_be16(uint8_t *ptr, uint32_t value)
{
    ptr[0] = (uint8_t)(value >> 8);
    ptr[1] = (uint8_t)value;
}

/** The first `len` bytes behind a header that says `wire_len`. */
static struct nta_span assemble(const struct nta_datagram *datagram, uint32_t len,
                                uint32_t wire_len, uint8_t *whole)
{
    size_t header_len = datagram->key.is_v6 ? HEADER_V6 : HEADER_V4;

    memcpy(whole, datagram->header, header_len);
    if (datagram->key.is_v6) {
        put_be16(whole + 4, wire_len);
        whole[6] = datagram->proto;
    } else {
        whole[0] = 4 << 4 | HEADER_V4 / 4;
        put_be16(whole + 2, HEADER_V4 + wire_len);
        memset(whole + 6, 0, 2);  /* not a fragment */
        memset(whole + 10, 0, 2); /* checksum */
    }
    for (uint32_t at = 0; at < len; at += NTA_DATAGRAM_PAGE) {
        uint32_t left = len - at;

        memcpy(whole + header_len + at, datagram->pages[at / NTA_DATAGRAM_PAGE],
               left < NTA_DATAGRAM_PAGE ? left : NTA_DATAGRAM_PAGE);
    }
    return (struct nta_span){.ptr = whole, .len = header_len + len};
}

struct nta_span nta_datagram_assemble(const struct nta_datagram *datagram, uint8_t *whole)
{
    return assemble(datagram, datagram->end, datagram->end, whole);
}

struct nta_span nta_datagram_begin(const struct nta_datagram *datagram, uint8_t *whole,
                                   uint32_t *ret_wire_len)
{
    const struct nta_datagram_range *range = &datagram->ranges[0];

    if (datagram->n_ranges == 0 || range->first != 0 || range->end < HEADER_UDP ||
        datagram->proto != PROTO_UDP)
        return (struct nta_span){0};
    uint32_t wire_len = nta_at_be16(datagram->pages[0] + 4);

    /* the rest of it was to come, and no more than fragments can bring */
    if (wire_len <= range->end || wire_len > max_len(datagram->key.is_v6) ||
        (datagram->end != 0 && wire_len > datagram->end))
        return (struct nta_span){0};
    *ret_wire_len = (datagram->key.is_v6 ? HEADER_V6 : HEADER_V4) + wire_len;
    return assemble(datagram, range->end, wire_len, whole);
}

bool nta_datagram_is_whole(const struct nta_datagram *datagram)
{
    return datagram->end != 0 && datagram->cut_end == 0 && datagram->n_ranges == 1 &&
           datagram->ranges[0].first == 0 && datagram->ranges[0].end == datagram->end;
}

void nta_datagram_head(struct nta_datagram *datagram, const struct nta_piece *piece)
{
    if (datagram->has_header)
        return;
    memcpy(datagram->header, piece->ip, piece->key.is_v6 ? HEADER_V6 : HEADER_V4);
    datagram->first = *piece->packet;
    datagram->proto = piece->proto;
    datagram->has_header = true;
}
