/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/ngtime.h"

#include "base/runtime/clock.h"

#include <byteswap.h>
#include <string.h>

enum
{
    OPTION_END = 0,
    OPTION_RESOLUTION = 9,
    OPTION_OFFSET = 14,

    POWER_OF_TWO = 0x80, ///< Bit of the resolution; else of ten.
    TWO_MAX = 63,
    TEN_MAX = 19,
    MICROSECONDS = 1000000,
};

__extension__ typedef unsigned __int128 wide;

static uint64_t units_per_second(uint8_t resolution)
{
    unsigned power = resolution & 0x7fU;
    uint64_t units = 1;

    if (resolution & POWER_OF_TWO)
        return power <= TWO_MAX ? UINT64_C(1) << power : MICROSECONDS;
    if (power > TEN_MAX)
        return MICROSECONDS;
    while (power-- > 0)
        units *= 10;
    return units;
}

static uint16_t load16(const uint8_t *ptr, bool swapped)
{
    uint16_t value;

    memcpy(&value, ptr, sizeof(value));
    return swapped ? bswap_16(value) : value;
}

struct nta_ngtime nta_ngtime_of_options(const uint8_t *options, size_t len, bool swapped)
{
    struct nta_ngtime time = {.per_second = MICROSECONDS};

    while (len >= 4) {
        uint16_t code = load16(options, swapped);
        size_t value_len = load16(options + 2, swapped);
        size_t padded_len = (value_len + 3) & ~(size_t)3;

        if (code == OPTION_END || padded_len > len - 4)
            break;
        if (code == OPTION_RESOLUTION && value_len == 1)
            time.per_second = units_per_second(options[4]);
        if (code == OPTION_OFFSET && value_len == 8) {
            uint64_t offset;

            memcpy(&offset, options + 4, sizeof(offset));
            time.offset_s = (int64_t)(swapped ? bswap_64(offset) : offset);
        }
        options += 4 + padded_len;
        len -= 4 + padded_len;
    }
    return time;
}

int64_t nta_ngtime_ns(const struct nta_ngtime *time, uint64_t count)
{
    uint64_t seconds = count / time->per_second;
    uint64_t rest = count % time->per_second;
    int64_t ns = (int64_t)((wide)rest * (uint64_t)NTA_NS_PER_S / time->per_second);
    int64_t all_s, all_ns;

    if (seconds > INT64_MAX || __builtin_add_overflow((int64_t)seconds, time->offset_s, &all_s) ||
        __builtin_mul_overflow(all_s, NTA_NS_PER_S, &all_ns) ||
        __builtin_add_overflow(all_ns, ns, &all_ns))
        return INT64_MAX;
    return all_ns;
}
