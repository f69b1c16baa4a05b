/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Times in pcapng: a 64-bit count of the interface's unit, which is a power of ten or of two of a
 * second.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_ngtime
{
    uint64_t per_second; ///< Units in a second; never 0.
    int64_t offset_s;    ///< To be added.
};

/**
 * From an interface block's options (if_tsresol, if_tsoffset; draft-ietf-opsawg-pcapng section
 * 4.2).  Options that break off end the search; a unit smaller than 2^-63 or 10^-19 of a second
 * counts as microseconds.
 */
struct nta_ngtime nta_ngtime_of_options(const uint8_t *options, size_t len, bool swapped);

/** Nanoseconds since 1970; beyond what they can hold (year 2262) the largest there is. */
int64_t nta_ngtime_ns(const struct nta_ngtime *time, uint64_t count);
