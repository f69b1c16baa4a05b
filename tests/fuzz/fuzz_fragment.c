/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Raw IP packets, each with a length byte before it, into a small table of fragments; from 200 on
 * with zeros behind, up to more than a datagram can hold, and cut.
 */
#include "base/bytes.h"
#include "decode/decode.h"
#include "decode/fragment.h"

#include <assert.h>

static struct nta_counters counters;
static struct nta_unknowns unknowns;
static const struct nta_decode decode = {.counters = &counters, .unknowns = &unknowns};

static struct nta_packet decode_raw(struct nta_span *bytes)
{
    static uint8_t buf[90000];
    const size_t more = bytes->len < 200 ? 0 : (bytes->len - 199) * 1500;
    struct nta_packet packet = {.cap_len = (uint32_t)(bytes->len + more)};

    packet.wire_len = packet.cap_len + (uint32_t)(more ? bytes->ptr[bytes->len - 1] * 256U : 0);
    if (more) {
        memset(buf, 0, sizeof(buf));
        bytes->ptr = memcpy(buf, bytes->ptr, bytes->len);
    }
    nta_decode_packet(&decode, 12, bytes->ptr, &packet);
    return packet;
}

/** A plain IP header and no more than a datagram can hold. */
static void decode_whole(struct nta_packet *packet, struct nta_span whole)
{
    assert(whole.len >= 20 && whole.len <= 40 + UINT16_MAX);
    packet->cap_len = (uint32_t)whole.len;
    nta_decode_datagram(&decode, whole.ptr, packet);
    assert((uint64_t)packet->payload_off + packet->payload_len <= packet->cap_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const struct nta_fragment_options options = {.n_datagrams = 4, .bytes = 16384};
    struct nta_fragments *fragments = NULL;
    struct nta_reader r = nta_reader_of(data, len);
    struct nta_span whole;

    if (nta_fragments_new(&options, &counters, &fragments, NULL) < 0)
        return 0;
    while (nta_reader_left(&r) > 0) {
        struct nta_span bytes = nta_read_span(&r, nta_read_u8(&r));
        int64_t when = bytes.len > 99 ? NTA_FRAGMENTS_END : 0;
        struct nta_packet packet = decode_raw(&bytes);

        if (packet.kind == NTA_PACKET_FRAGMENT &&
            nta_fragments_push(fragments, &packet, bytes.ptr, &whole))
            decode_whole(&packet, whole);
        if (nta_fragments_expire(fragments, when, &packet, &whole))
            decode_whole(&packet, whole);
    }
    nta_fragments_free(&fragments);
    return 0;
}
