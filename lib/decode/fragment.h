/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IP datagrams put together from their fragments.
 *
 * A table of unfinished datagrams, found by addresses, identification, protocol (IPv4), VLANs and
 * source.  Bytes go straight to their place in pages of a fixed pool, so that order does not matter
 * and nothing is held twice.
 *
 * Overlaps.  IPv4: the bytes that came first stand, later ones fill holes only.  IPv6: a fragment
 * that overlaps another drops the whole datagram with all that still comes of it (RFC 5722, RFC
 * 8200 section 4.5); an exact repeat is ignored.  Both: two different ends, bytes behind the end,
 * more than 65,535 bytes, or more holes than a bound drop the datagram; each fragment is held to
 * this before anything of it is kept.  A fragment that was not captured whole is dropped alone,
 * unless it is the first that comes of its datagram and the one at offset 0: then it is that
 * datagram's beginning (see below), and no more is kept of it.
 *
 * Bounds: all memory is taken at nta_fragments_new().  When datagrams or pages run out, the oldest
 * datagram goes; one unfinished after 30 s (IPv4) or 60 s (IPv6) by the packets' order goes, too.
 * Each fragment of a datagram that is given up counts as fragment.drop.  One thread.
 *
 * Beginnings.  Of a UDP datagram that is given up, what came from offset 0 on without a hole is
 * given once, as if a snap length had cut it: a sensor often sees only the first fragment of an
 * answer, and the name is in that one.  None of a datagram that was dropped for its overlaps or
 * lies, nor one that had to go in the middle of a push.
 *
 * RFC 791 section 3.2, RFC 815, RFC 8200 section 4.5.  Not done: IPv4 options and the IPv6
 * extension headers before the fragment header are left out of the result; the header checksum is
 * 0.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "base/runtime/counters.h"
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

/** Takes NULL too; datagrams that are not whole are dropped. */
void nta_fragments_free(struct nta_fragments **fragments);

/**
 * Take one packet of kind NTA_PACKET_FRAGMENT; `bytes` is the whole packet, borrowed for the call.
 *
 * True if it was its datagram's last missing piece: `ret_datagram` is the datagram from a plain IP
 * header on (20 or 40 bytes, not fragmented, its length mended), borrowed until the next call.  To
 * decode it, copy the packet, set cap_len and wire_len to the datagram's length and call
 * nta_decode_datagram().  Its kind may be NTA_PACKET_FRAGMENT again (a fragment of a fragment, or
 * inside a tunnel): it may be pushed as it is, with the datagram's bytes; how often is for the
 * caller to bound.  False: `ret_datagram` is untouched.
 */
bool nta_fragments_push(struct nta_fragments *fragments, const struct nta_packet *packet,
                        const uint8_t *bytes, struct nta_span *ret_datagram);

/** As order: the input has ended, give up all. */
#define NTA_FRAGMENTS_END INT64_MAX

/**
 * Time goes on, as decode/order.h has it: give up what is too old, and make space if there is none.
 * Cheap; call it once a block and before each push, as often as it says true.
 *
 * True if the beginning of what was given up is here: `ret_datagram` is as in nta_fragments_push(),
 * but shorter than its headers say, and borrowed until the next call; `ret_packet` is its first
 * packet's entry with cap_len and wire_len set, ready for nta_decode_datagram().  False: nothing
 * (more) to give up; both are untouched.
 */
bool nta_fragments_expire(struct nta_fragments *fragments, int64_t order_ns,
                          struct nta_packet *ret_packet, struct nta_span *ret_datagram);

/**
 * Before this order nta_fragments_expire() has nothing to give up, as long as nothing is pushed; it
 * is asked again after each push and expiry.
 */
int64_t nta_fragments_quiet(const struct nta_fragments *fragments);

/** Unfinished datagrams. */
size_t nta_fragments_len(const struct nta_fragments *fragments);
