/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Questions that wait for their answers: the newest NTA_ASKED_MAX, of all connections of a worker.
 * An answer that nobody asked for is no fact.  Keys are compared whole; each has a place, by which
 * a parser keeps what else it must remember in an array of its own.
 *
 * The oldest goes first; a look costs the same whatever is in there.
 */

#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_ASKED_MAX = 256,
    NTA_ASKED_KEY = 40, ///< Bytes.
};

/** Who asked whom about what; what is not used is zero. */
struct nta_asked_key
{
    uint8_t bytes[NTA_ASKED_KEY];
};

struct nta_asked
{
    uint32_t n; ///< Ever asked.
    uint32_t sums[NTA_ASKED_MAX];
    int64_t wall_ns[NTA_ASKED_MAX];
    struct nta_asked_key keys[NTA_ASKED_MAX];
};

/** Gives the place of the question, the old one if it was asked before. */
size_t nta_asked_put(struct nta_asked *asked, const struct nta_asked_key *key, int64_t wall_ns);

/** The place of a question that was asked in the last `age_ns`; NTA_ASKED_MAX: there is none. */
size_t nta_asked_find(const struct nta_asked *asked, const struct nta_asked_key *key,
                      int64_t wall_ns, int64_t age_ns);
