/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blind seconds: in how many seconds each interface did not show all.  A count of lost packets
 * alone cannot say whether one bad second or a whole minute was lost.
 *
 * Pure: fed about once a second with what each source has missed so far.
 */

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_BLIND_SOURCES = 64
};

/** What was not seen of a source. */
struct nta_missed
{
    uint64_t packets; ///< Lost.
    int64_t blind_ns; ///< Time in which it was gone, down, or without a carrier.
};

/** Zero is the start. */
struct nta_blind
{
    struct nta_missed missed[NTA_BLIND_SOURCES]; ///< Totals at the last call.
    uint64_t seconds[NTA_BLIND_SOURCES];         ///< Since nta_blind_take().
};

/** `seconds` have passed, after which `source` has missed so much in all. */
void nta_blind_add(struct nta_blind *blind, size_t source, uint64_t seconds,
                   const struct nta_missed *all_missed);

/** Give the seconds of a source, and begin anew. */
uint64_t nta_blind_take(struct nta_blind *blind, size_t source);
