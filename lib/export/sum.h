/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What records add up to: the part that every table of sums has.
 *
 * Two tables are made of it, since they are bounded in different ways: a tally
 * (export/view/tally.h) keeps thousands of keys, each with the records that show it best, and
 * weighs by act first; `nta stats` keeps hundreds of thousands of keys with the number of their
 * users, in 80 MiB, and weighs by what was asked for.  What comes first is incident/weight.h's.
 */

#include "incident/weight.h"
#include "record/counted.h"
#include "record/grade.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_sum
{
    uint64_t n;                ///< Records.
    uint64_t n_unverified;     ///< Of these, in batches that do not hold.
    uint64_t up, down;         ///< Bytes.
    uint64_t bytes_unverified; ///< Of these, both ways, in batches that do not hold.
    int64_t first_ns, last_ns; ///< UTC; of no record: 0.
    /** Of those that a list forbids: the weightiest act, the highest of each; 0: none. */
    uint8_t act, severity, grade, seen;
};

/** The larger of both. */
static inline uint8_t nta_sum_higher(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

/** What was done, of a record that a list forbids; of others nothing. */
static inline void nta_sum_did(struct nta_sum *sum, const struct nta_record *record)
{
    if (record->match.list.len == 0)
        return;
    sum->act = (uint8_t)nta_record_did(record);
    sum->severity = record->match.severity;
    sum->grade = (uint8_t)nta_record_grade(record);
    sum->seen = record->seen;
}

/** As what is put in order (incident/weight.h). */
static inline struct nta_weight nta_sum_weight(const struct nta_sum *sum)
{
    return (struct nta_weight){
        .act = sum->act,
        .severity = sum->severity,
        .grade = sum->grade,
        .seen = sum->seen,
        .bytes = sum->up + sum->down,
        .time_ns = sum->last_ns,
    };
}

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
    sum->act = nta_act_weightier(sum->act, more->act);
    sum->severity = nta_sum_higher(sum->severity, more->severity);
    sum->grade = nta_sum_higher(sum->grade, more->grade);
    sum->seen = nta_sum_higher(sum->seen, more->seen);
    if (more->first_ns && (!sum->first_ns || more->first_ns < sum->first_ns))
        sum->first_ns = more->first_ns;
    if (more->last_ns > sum->last_ns)
        sum->last_ns = more->last_ns;
}
