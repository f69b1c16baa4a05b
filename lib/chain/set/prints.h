/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A set of 64-bit prints of what was met, with at most so many in it.  Private to the judge.  Not
 * for one thread while another puts.
 */

#include "base/hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** The first bytes of a hash, a key or a random id: what tells it from others. */
static inline uint64_t nta_print_of(const uint8_t *hash)
{
    uint64_t print;

    memcpy(&print, hash, sizeof(print));
    return print;
}

/** All of these bytes are 0, or there are none. */
static inline bool nta_is_zero(const uint8_t *bytes, size_t len)
{
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    return len == 0;
}

struct nta_prints
{
    uint64_t *all; ///< Owned; 0 is free.
    size_t n, size;
    bool has_failed;         ///< One was not put: no memory.
    struct nta_hash_key key; ///< Ids of data keys are anybody's choice: nobody is to choose places.
};

/** Free what it owns; it is empty afterwards. */
void nta_prints_done(struct nta_prints *prints);

/** Was it put? */
bool nta_prints_has(const struct nta_prints *prints, uint64_t print);

/**
 * True if it was not there.  A set that holds `max` knows no more than it does; nor does one that
 * has no memory, whose owner is to end (`has_failed`).
 */
bool nta_prints_put(struct nta_prints *prints, uint64_t print, size_t max);
