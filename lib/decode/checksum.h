/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside decode: the Internet checksum (RFC 1071).  Packets with a wrong one are read all the same:
 * this machine's own traffic is seen before its card fills checksums in, and a capture that drops
 * it sees nothing.  They are counted.
 */

#include "base/addr.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Add `len` bytes to a sum, in native order; all calls but the last with an even number. */
static inline uint64_t nta_checksum_add(uint64_t sum, const uint8_t *ptr, size_t len)
{
    for (; len >= 4; ptr += 4, len -= 4) {
        uint32_t word;

        memcpy(&word, ptr, sizeof(word));
        sum += word;
    }
    if (len > 0) {
        uint32_t word = 0;

        memcpy(&word, ptr, len);
        sum += word;
    }
    return sum;
}

/** True if the sum over everything, the checksum itself included, is what it must be: all ones. */
static inline int nta_checksum_holds(uint64_t sum)
{
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    return sum == UINT16_MAX;
}

/**
 * Of a whole TCP segment, its header at `h`, with the addresses, protocol and length that count in
 * (RFC 9293 section 3.1).
 */
static inline int nta_checksum_tcp_holds(const struct nta_addr *src, const struct nta_addr *dst,
                                         const uint8_t *h, size_t len)
{
    const uint8_t rest[4] = {0, 6, (uint8_t)(len >> 8), (uint8_t)len};
    const size_t skip = nta_addr_is_v4(src) ? NTA_ADDR_LEN - 4 : 0;
    uint64_t sum = nta_checksum_add(0, src->bytes + skip, NTA_ADDR_LEN - skip);

    sum = nta_checksum_add(sum, dst->bytes + skip, NTA_ADDR_LEN - skip);
    sum = nta_checksum_add(sum, rest, sizeof(rest));
    return nta_checksum_holds(nta_checksum_add(sum, h, len));
}
