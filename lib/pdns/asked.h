/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: which names a client asked DNS for, whatever it was told, and since when its
 * DNS is seen at all.
 *
 * A client is whom the caller takes for one, as a number: an address in a network, or a machine by
 * its MAC.  Bounded: a set-associative table of fixed size; what was asked longest ago goes first.
 * So what is not there may have been asked, but what is there was.
 */

#include "base/bytes.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_ASKED_SETS = 16384,
    NTA_ASKED_WAYS = 4,
};

/** Its DNS counts as seen for so long after the last question. */
#define NTA_ASKED_SEEN_NS (INT64_C(3600) * 1000 * 1000 * 1000)

/** Who asked for what. */
struct nta_asked_entry
{
    uint64_t hash;             ///< 0: free.
    int64_t first_ns, last_ns; ///< Since when without a long break, and the last time.
};

struct nta_asked
{
    struct nta_hash_key key;
    struct nta_asked_entry entries[NTA_ASKED_SETS][NTA_ASKED_WAYS];
};

/** `client` asked for `name`. */
void nta_asked_note(struct nta_asked *asked, uint64_t client, struct nta_span name,
                    int64_t wall_ns);

/** Is its DNS seen at that moment, for all that is remembered? */
bool nta_asked_is_seen(const struct nta_asked *asked, uint64_t client, int64_t wall_ns);

/** Did it ask for this name? */
bool nta_asked_has(const struct nta_asked *asked, uint64_t client, struct nta_span name);
