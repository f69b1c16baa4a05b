/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/quoted.h"

#include "base/bytes.h"
#include "decode/decode.h"

#include <string.h>

enum
{
    PROTO_ICMP = 1,
    PROTO_ICMPV6 = 58,
    PROTO_UDP = 17,
    ERROR_LEN = 8, ///< In front of the quotation.
    HEADER_V4 = 20,
    HEADER_V6 = 40,
};

static bool is_error(uint8_t ip_proto, uint8_t type)
{
    if (ip_proto == PROTO_ICMPV6)
        return type >= 1 && type <= 4;
    /* destination unreachable, source quench, redirect, time exceeded, parameter problem */
    return ip_proto == PROTO_ICMP &&
           (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

/**
 * The quoted packet begins with a whole IP header that says UDP: anything else is not worth
 * decoding.
 */
static bool is_udp(struct nta_span datagram)
{
    if (datagram.len > HEADER_V6 && datagram.ptr[0] >> 4 == 6)
        return datagram.ptr[6] == PROTO_UDP;
    return datagram.len > HEADER_V4 && datagram.ptr[0] >> 4 == 4 && datagram.ptr[9] == PROTO_UDP;
}

bool nta_decode_quoted(const struct nta_decode *decode, const struct nta_packet *packet,
                       const uint8_t *bytes, struct nta_packet *ret_inner,
                       const uint8_t **ret_bytes)
{
    struct nta_reader r = nta_reader_of(bytes + packet->payload_off, packet->payload_len);
    uint8_t type = nta_read_u8(&r);
    struct nta_decode quiet = *decode;

    nta_reader_skip(&r, ERROR_LEN - 1);
    if (!is_error(packet->ip_proto, type) || !nta_reader_ok(&r))
        return false;
    const struct nta_span datagram = nta_read_span(&r, nta_reader_left(&r));

    if (!is_udp(datagram))
        return false;
    *ret_inner = *packet;
    *ret_bytes = datagram.ptr;
    ret_inner->cap_len = ret_inner->wire_len = (uint32_t)datagram.len;
    quiet.outer_packets = NULL; /* hearsay, too */
    nta_decode_datagram(&quiet, datagram.ptr, ret_inner);
    /* what is quoted went the other way */
    memcpy(ret_inner->src_mac, packet->dst_mac, sizeof(ret_inner->src_mac));
    memcpy(ret_inner->dst_mac, packet->src_mac, sizeof(ret_inner->dst_mac));
    return ret_inner->kind == NTA_PACKET_UDP && nta_addr_equal(&ret_inner->src, &packet->dst) &&
           nta_addr_equal(&ret_inner->dst, &packet->src);
}
