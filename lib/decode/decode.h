/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Link layer to transport: bytes of one captured packet -> struct nta_packet.
 *
 * Runs in the capture thread, once a packet.  Sans I/O, no allocation, no clock.  Each layer is a
 * function that reads its header through a bounds-checked reader and names the next layer; layers
 * are followed to a fixed depth, so nested tunnels end.  What is not known is counted by its
 * number.
 *
 * RFC 791 and 8200 (IP), 9293 (TCP), 768 (UDP); IEEE 802.1Q; the link types are those of libpcap
 * (tcpdump.org's list).
 */

#include "decode/context.h"
#include "decode/packet.h"

#include <stdint.h>

/** True if packets of this libpcap link type (DLT_…) can be decoded. */
bool nta_decode_knows_link(int link_type);

/**
 * Decode `packet->cap_len` bytes at `bytes`.
 *
 * In: wall_ns, order_ns, cap_len, wire_len, source, data_off are set by the caller.  Out:
 * everything else.  A packet that is not understood has kind NTA_PACKET_OTHER and is counted.
 */
void nta_decode_packet(const struct nta_decode *decode, int link_type, const uint8_t *bytes,
                       struct nta_packet *packet);

/**
 * Decode an IP datagram (from its IP header on) that was put together from fragments, or its
 * beginning: as nta_decode_packet() for a raw IP link; times, source, vlan and MACs in `packet`
 * are kept.
 */
void nta_decode_datagram(const struct nta_decode *decode, const uint8_t *bytes,
                         struct nta_packet *packet);

/**
 * The next frame of those that were carried as one with the packet that was decoded last: `bytes`
 * is that frame, and `packet` its entry, of which times, source and data_off are kept.  Gives the
 * first of packet->cap_len bytes, an IP packet without a link layer; NULL: there are no more.
 */
const uint8_t *nta_decode_next(const struct nta_decode *decode, const uint8_t *bytes,
                               struct nta_packet *packet);

/*
 * What the headers of a TCP segment say beyond struct nta_packet, for the few segments of which
 * somebody has to know whether their receiver would take them.  Any thread that has the bytes.
 */

struct nta_segment
{
    uint8_t ttl;     ///< IPv4: time to live; IPv6: hop limit.
    bool has_md5;    ///< TCP option 19 (RFC 2385) or 29 (RFC 5925): it is signed.
    uint16_t urgent; ///< Urgent pointer; 0: no flag URG.
};

enum nta_segment_sum
{
    NTA_SEGMENT_SUM_UNKNOWN, ///< Not all of it is here.
    NTA_SEGMENT_SUM_RIGHT,
    NTA_SEGMENT_SUM_WRONG,
};

/**
 * `bytes`: the whole packet, of kind TCP.  False, and nothing is written: its headers are not among
 * them.
 */
bool nta_segment_read(const struct nta_packet *packet, const uint8_t *bytes,
                      struct nta_segment *ret_segment);

/** The checksum over all of it (RFC 9293 section 3.1). */
enum nta_segment_sum nta_segment_sum(const struct nta_packet *packet, const uint8_t *bytes);
