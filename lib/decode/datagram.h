/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside decode: one fragment, and one datagram that is being put together (see decode/fragment.h,
 * which keeps the table of them and their pages).
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "decode/packet.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_DATAGRAM_MAX = 65535,
    NTA_DATAGRAM_WHOLE = NTA_DATAGRAM_MAX + 40, ///< With an IPv6 header.
    NTA_DATAGRAM_PAGE = 2048,
    NTA_DATAGRAM_PAGES = (NTA_DATAGRAM_MAX + NTA_DATAGRAM_PAGE) / NTA_DATAGRAM_PAGE,
    NTA_DATAGRAM_RANGES = 32, ///< Runs of bytes with holes between them.
};

/**
 * What fragments of one datagram have in common; no padding, so that it can be hashed and compared
 * as bytes.
 */
struct nta_datagram_key
{
    struct nta_addr src, dst;
    uint32_t id;
    uint16_t vlan[NTA_PACKET_VLANS];
    uint8_t proto; ///< 0 for IPv6, where only the first fragment's counts.
    uint8_t is_v6 : 1;
    uint8_t any_port : 1; ///< As the packet's: what is made up adds nothing to what came.
    uint8_t unused : 6;   ///< 0.
    uint8_t source;
    uint8_t network_kind; ///< With `network`, of an id that is the same whichever way it goes.
    uint32_t network;
};

static_assert(sizeof(struct nta_datagram_key) == 48, "no padding");

/** Bytes [first, end) of a datagram. */
struct nta_datagram_range
{
    uint32_t first, end;
};

struct nta_datagram
{
    struct nta_datagram_key key;
    struct nta_datagram *next;          ///< In its bucket.
    struct nta_datagram *older, *newer; ///< In the list of its IP version.
    int64_t start_order_ns;
    uint32_t end;         ///< Payload bytes; 0: the last fragment is not here.
    uint32_t cut_end;     ///< Not 0: the first fragment, to this byte, was not captured whole.
    uint32_t n_fragments; ///< Not yet counted as dropped.
    uint8_t n_ranges;
    uint8_t proto; ///< Of the first fragment.
    bool dropped;  ///< Kept so that what still comes is dropped, too.
    bool has_header;
    uint8_t header[40];
    struct nta_packet first;                               ///< The packet that brought the header.
    struct nta_datagram_range ranges[NTA_DATAGRAM_RANGES]; ///< Sorted, apart from each other.
    uint8_t *pages[NTA_DATAGRAM_PAGES];
};

/** One fragment, read again from its packet. */
struct nta_piece
{
    struct nta_datagram_key key;
    const struct nta_packet *packet;
    uint32_t first, end; ///< Its place in the datagram.
    uint32_t wire_end;   ///< As `end`, had it been captured whole.
    const uint8_t *ip;   ///< The IP header.
    const uint8_t *data;
    uint8_t proto;
    bool is_last;
};

/**
 * Read the fragment's own fields.  False: the packet is not what its entry says, or was not
 * captured whole and is not the first.
 */
bool nta_piece_read(const struct nta_packet *packet, const uint8_t *bytes, struct nta_piece *piece);

/**
 * True if the piece lies within what a datagram can hold and agrees with what is known of its end;
 * takes the end from the last piece.
 */
bool nta_datagram_fits(struct nta_datagram *datagram, const struct nta_piece *piece);

/** True if some of the piece's bytes are here. */
bool nta_datagram_overlaps(const struct nta_datagram *datagram, const struct nta_piece *piece);

/** True if all the piece's bytes are here, the same. */
bool nta_datagram_repeats(const struct nta_datagram *datagram, const struct nta_piece *piece);

/** Keep the IP header of the piece at offset 0, and its packet. */
void nta_datagram_head(struct nta_datagram *datagram, const struct nta_piece *piece);

/** All bytes from the first to the last piece's end are here. */
bool nta_datagram_is_whole(const struct nta_datagram *datagram);

/** A whole one with a plain IP header into `whole` (NTA_DATAGRAM_WHOLE bytes). */
struct nta_span nta_datagram_assemble(const struct nta_datagram *datagram, uint8_t *whole);

/**
 * The beginning of one that will not become whole, likewise; its length on the wire, as its UDP
 * header says, goes into `ret_wire_len`.  Nothing (len 0) if the beginning is not here, or does not
 * say how long the datagram is.
 */
struct nta_span nta_datagram_begin(const struct nta_datagram *datagram, uint8_t *whole,
                                   uint32_t *ret_wire_len);
