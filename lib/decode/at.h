/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside decode: numbers at a place whose bytes are known to be there, because the whole header was
 * taken from a reader before (one check a header, not one a field).
 */

#include <endian.h>
#include <stdint.h>
#include <string.h>

/** Two bytes at `ptr`, at any alignment, big-endian. */
static inline uint16_t nta_at_be16(const uint8_t *ptr)
{
    uint16_t value;

    memcpy(&value, ptr, sizeof(value));
    return be16toh(value);
}

/** Four bytes at `ptr`, at any alignment, big-endian. */
static inline uint32_t nta_at_be32(const uint8_t *ptr)
{
    uint32_t value;

    memcpy(&value, ptr, sizeof(value));
    return be32toh(value);
}

/** Two bytes at `ptr`, little-endian. */
static inline uint16_t nta_at_le16(const uint8_t *ptr)
{
    return (uint16_t)(ptr[0] | ptr[1] << 8);
}

/** Four bytes at `ptr`, little-endian. */
static inline uint32_t nta_at_le32(const uint8_t *ptr)
{
    return (uint32_t)nta_at_le16(ptr) | (uint32_t)nta_at_le16(ptr + 2) << 16;
}
