/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a thread that decodes brings along (part of decode.h). */

#include "base/hash.h"
#include "base/runtime/counters.h"
#include "decode/packet.h"

/** What decoding needs besides the bytes; shared by all capture threads but for the counters. */
struct nta_decode
{
    struct nta_hash_key key;       ///< For flow_hash; the same in all threads.
    struct nta_counters *counters; ///< Borrows; the calling thread's own.
    struct nta_unknowns *unknowns; ///< Borrows; the calling thread's own.
    /** Borrows; the calling thread's own, or NULL: not wanted. */
    struct nta_outer_packets *outer_packets;
};
