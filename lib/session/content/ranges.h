/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which bytes of a file came: ranges in their order, none touching the next.  A value of fixed size
 * without pointers; at its bound a range that touches none of those known is not noted, so that
 * never more is said to have come than did.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_RANGES_MAX = 64
};

/** From `begin` up to, and without, `end`. */
struct nta_range
{
    uint64_t begin, end;
};

struct nta_ranges
{
    uint32_t n;
    struct nta_range all[NTA_RANGES_MAX];
};

/** These came, too; empty ones change nothing.  False: there was no space for them. */
bool nta_ranges_add(struct nta_ranges *ranges, uint64_t begin, uint64_t end);

/** How many bytes they hold, each once. */
uint64_t nta_ranges_bytes(const struct nta_ranges *ranges);

/** All from 0 up to `end` came. */
bool nta_ranges_cover(const struct nta_ranges *ranges, uint64_t end);
