/* SPDX-License-Identifier: Apache-2.0 */
/* Raw IP packets, each with a length byte before it, into a small table of fragments; from 200 on with zeros behind, up to
 * more than a datagram can hold, and cut. */
#include "base/bytes.h"
#include "decode/decode.h"
#include "decode/fragment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct nta_counters counters;
    static struct nta_unknowns unknowns;
    const struct nta_decode decode = {.counters = &counters, .unknowns = &unknowns};
    const struct nta_fragment_options options = {.n_datagrams = 4, .bytes = 16384};
    struct nta_fragments *fragments = NULL;
    struct nta_reader r = nta_reader_of(data, len);
    struct nta_span whole;

    if (nta_fragments_new(&options, &counters, &fragments, NULL) < 0)
        return 0;
    while (nta_reader_left(&r) > 0) {
        static uint8_t buf[90000];
        struct nta_span bytes = nta_read_span(&r, nta_read_u8(&r));
        const size_t more = bytes.len < 200 ? 0 : (bytes.len - 199) * 1500;
        struct nta_packet packet = {.cap_len = (uint32_t)(bytes.len + more)};

        packet.wire_len = packet.cap_len + (uint32_t)(more ? bytes.ptr[bytes.len - 1] * 256U : 0);
        if (more) {
            memset(buf, 0, sizeof(buf));
            memcpy(buf, bytes.ptr, bytes.len);
            bytes.ptr = buf;
        }

        nta_decode_packet(&decode, 12, bytes.ptr, &packet);
        if (packet.kind == NTA_PACKET_FRAGMENT &&
            nta_fragments_push(fragments, &packet, bytes.ptr, &whole)) {
            packet.cap_len = (uint32_t)whole.len;
            nta_decode_datagram(&decode, whole.ptr, &packet);
        }
        if (nta_fragments_expire(fragments, bytes.len > 99 ? NTA_FRAGMENTS_END : 0, &packet,
                                 &whole))
            nta_decode_datagram(&decode, whole.ptr, &packet);
    }
    nta_fragments_free(&fragments);
    return 0;
}
