/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blind seconds: in how many seconds each interface did not show all.  A count of lost packets
 * alone cannot say whether one bad second or a whole minute was lost.
 *
 * Pure: fed about once a second with what each source has lost so far.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_BLIND_SOURCES = 64
};

/** Zero is the start. */
struct nta_blind
{
    uint64_t lost[NTA_BLIND_SOURCES];    ///< Totals at the last call.
    uint64_t seconds[NTA_BLIND_SOURCES]; ///< Since nta_blind_take().
};

/** `seconds` have passed, after which `source` has lost so much in all, or is gone. */
void nta_blind_add(struct nta_blind *blind, size_t source, uint64_t seconds, uint64_t all_lost,
                   bool is_away);

/** Give the seconds of a source, and begin anew. */
uint64_t nta_blind_take(struct nta_blind *blind, size_t source);
