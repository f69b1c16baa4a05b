/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IP datagrams put together from their fragments.
 *
 * A table of unfinished datagrams, found by addresses, identification, protocol (IPv4), VLANs and source.  Bytes go
 * straight to their place in pages of a fixed pool, so that order does not matter and nothing is held twice.
 *
 * Overlaps.  IPv4: the bytes that came first stand, later ones fill holes only.  IPv6: a fragment that overlaps
 * another drops the whole datagram with all that still comes of it (RFC 5722, RFC 8200 section 4.5); an exact repeat
 * is ignored.  Both: two different ends, bytes behind the end, more than 65,535 bytes, or more holes than a bound
 * drop the datagram.  A fragment that was not captured whole is dropped alone.
 *
 * Bounds: all memory is taken at nta_fragments_new().  When datagrams or pages run out, the oldest datagram goes;
 * one unfinished after 30 s (IPv4) or 60 s (IPv6) by the packets' time goes, too.  Each fragment that is given up
 * counts as fragment.drop.  Thread: one worker.
 *
 * RFC 791 section 3.2, RFC 815, RFC 8200 section 4.5.  Not done: IPv4 options and the IPv6 extension headers before
 * the fragment header are left out of the result; the header checksum is 0.
 */

#include "base/bytes.h"
#include "base/counters.h"
#include "base/err.h"
#include "decode/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_fragment_options
{
    uint32_t n_datagrams; ///< Unfinished at a time; 0: the default, 1,024.
    size_t bytes;         ///< Of their payload, rounded up to pages; 0: the default, 4 MiB.
};

struct nta_fragments; ///< Opaque; one worker's.

/** `counters` is borrowed.  0, or negative errno with the sentence in `err`. */
int nta_fragments_new(const struct nta_fragment_options *options, struct nta_counters *counters,
                      struct nta_fragments **ret_fragments, struct nta_err *err);

void nta_fragments_free(struct nta_fragments **fragments);

/**
 * Take one packet of kind NTA_PACKET_FRAGMENT; `bytes` is the whole packet, borrowed for the call.
 *
 * True if it was its datagram's last missing piece: `ret_datagram` is the datagram from a plain IP header on (20 or
 * 40 bytes, not fragmented, its length mended), borrowed until the next push.  To decode it, copy the packet, set
 * cap_len and wire_len to the datagram's length and call nta_decode_datagram().  Its kind may be
 * NTA_PACKET_FRAGMENT again (a fragment of a fragment, or inside a tunnel): it may be pushed as it is, with the
 * datagram's bytes; how often is for the caller to bound.  False: `ret_datagram` is untouched.
 */
bool nta_fragments_push(struct nta_fragments *fragments, const struct nta_packet *packet,
                        const uint8_t *bytes, struct nta_span *ret_datagram);

/** Time goes on: give up what is too old.  Cheap; call once a block. */
void nta_fragments_tick(struct nta_fragments *fragments, int64_t wall_ns);

/** Unfinished datagrams. */
size_t nta_fragments_len(const struct nta_fragments *fragments);
