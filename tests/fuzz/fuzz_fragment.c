/* SPDX-License-Identifier: Apache-2.0 */
/* Raw IP packets, each with a length byte before it, into a small table of fragments. */
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
        struct nta_span bytes = nta_read_span(&r, nta_read_u8(&r));
        struct nta_packet packet = {.cap_len = (uint32_t)bytes.len};

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
