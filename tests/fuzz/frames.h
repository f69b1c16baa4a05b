/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frames of Ethernet that stay whole however they are changed: the lengths and the checksum of the
 * outer IP header, and the length of UDP, are set right before anybody reads them.
 */

#include "base/bytes.h"

#include <string.h>

static inline void frames_be16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void frames_swap(uint8_t *a, uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const uint8_t was = a[i];

        a[i] = b[i];
        b[i] = was;
    }
}

/** Behind the IP header: `swap`: the other side sent it. */
static inline void frames_mend_transport(uint8_t *at, size_t len, uint8_t proto, bool swap)
{
    if (len < 8 || (proto != 6 && proto != 17))
        return;
    if (swap)
        frames_swap(at, at + 2, 2);
    if (proto == 17)
        frames_be16(at + 4, len);
    else if (swap && len >= 12)
        frames_swap(at + 4, at + 8, 4);
}

static inline void frames_mend_v4(uint8_t *ip, size_t len, bool swap)
{
    const size_t head = (size_t)(ip[0] & 15) * 4;
    uint32_t sum = 0;

    if (head < 20 || head > len)
        return;
    frames_be16(ip + 2, len);
    if (swap)
        frames_swap(ip + 12, ip + 16, 4);
    memset(ip + 10, 0, 2);
    for (size_t i = 0; i < head; i += 2)
        sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    frames_be16(ip + 10, ~(sum + (sum >> 16)) & UINT16_MAX);
    if (!(ip[6] & 0x3f) && !ip[7]) /* no fragment */
        frames_mend_transport(ip + head, len - head, ip[9], swap);
}

/** A frame that is about to be shown. */
static inline void frames_mend(uint8_t *frame, size_t len, bool swap)
{
    if (len < 14)
        return;
    if (swap)
        frames_swap(frame, frame + 6, 6);
    if (frame[12] == 8 && frame[13] == 0 && len >= 34)
        frames_mend_v4(frame + 14, len - 14, swap);
    if (frame[12] != 0x86 || frame[13] != 0xdd || len < 54)
        return;
    frames_be16(frame + 18, len - 54);
    if (swap)
        frames_swap(frame + 22, frame + 38, 16);
    frames_mend_transport(frame + 54, len - 54, frame[20], swap);
}
