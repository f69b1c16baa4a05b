/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What records add up to: the part that every table of sums has.
 *
 * Two tables are made of it, since they are bounded in different ways: a tally
 * (export/view/tally.h) keeps thousands of keys, each with the records that show it best, and
 * weighs alerts first; `nta stats` keeps hundreds of thousands of keys with the number of their
 * users, in 80 MiB, and weighs bytes.
 */

#include <stdbool.h>
#include <stdint.h>

struct nta_sum
{
    uint64_t n;                ///< Records.
    uint64_t n_unverified;     ///< Of these, in batches that do not hold.
    uint64_t up, down;         ///< Bytes.
    uint64_t bytes_unverified; ///< Of these, both ways, in batches that do not hold.
    int64_t first_ns, last_ns; ///< UTC; of no record: 0.
};

/** Something of it was told by records in batches that do not hold. */
static inline bool nta_sum_is_unverified(const struct nta_sum *sum)
{
    return sum->n_unverified || sum->bytes_unverified;
}

/** Add `more` to `sum`. */
static inline void nta_sum_add(struct nta_sum *sum, const struct nta_sum *more)
{
    sum->n += more->n;
    sum->n_unverified += more->n_unverified;
    sum->bytes_unverified += more->bytes_unverified;
    sum->up += more->up;
    sum->down += more->down;
    if (more->first_ns && (!sum->first_ns || more->first_ns < sum->first_ns))
        sum->first_ns = more->first_ns;
    if (more->last_ns > sum->last_ns)
        sum->last_ns = more->last_ns;
}
