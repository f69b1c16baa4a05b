/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sums by key in bounded memory: how many records, how many bytes, how many different users, first
 * and last time.
 *
 * Keys are exact up to a bound (262,144 keys, 24 MiB of names).  When it is reached, the lighter
 * half by bytes and then by records is put together as "others", so what is heavy stays, whatever
 * comes in which order; nta_counts_others() says so.
 *
 * A key may be called something: the text of the record that says most of it.
 *
 * Users are told apart by 64-bit keyed hashes and counted exactly, as long as there are at most 1.4
 * million different pairs of key and user; then they are estimated (users.h), and
 * nta_counts_is_exact() says so.  Memory in all: below 110 MiB.
 */

#include "base/bytes.h"
#include "export/sum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_count
{
    struct nta_sum sum;
    uint64_t n_users;
};

struct nta_counts; ///< Opaque.

/**
 * 0, or negative errno.  `n_max` keys at most, at least 2; 0: as above; those stay that are first
 * by `by`.
 */
int nta_counts_new(size_t n_max, enum nta_order by, struct nta_counts **ret_counts);
/** Takes NULL too. */
void nta_counts_free(struct nta_counts **counts);

/**
 * Add `more` to the key's sums, and note the user (empty: nobody).  0, or -ENOMEM.  Keys longer
 * than 255 bytes are cut.
 */
int nta_counts_add(struct nta_counts *counts, struct nta_span key, struct nta_span user,
                   const struct nta_sum *more);

/**
 * Call the key that was added last: if `rank` is higher than that of what it is called (0: nothing
 * yet), by `name`, which is cut after 255 bytes.  Beyond 24 MiB of names it stays as it is.  0, or
 * -ENOMEM.
 */
int nta_counts_call(struct nta_counts *counts, unsigned rank, struct nta_span name);
/** True if that would change what it is called. */
bool nta_counts_wants_name(const struct nta_counts *counts, unsigned rank);
/** What key `i` is called; empty: nothing. */
struct nta_span nta_counts_name(const struct nta_counts *counts, size_t i);

/** How many keys there are. */
size_t nta_counts_n(const struct nta_counts *counts);

/** Key `i` and its sums; the key borrows until the next addition. */
struct nta_span nta_counts_get(const struct nta_counts *counts, size_t i,
                               struct nta_count *ret_count);

/** True if the key is there. */
bool nta_counts_find(const struct nta_counts *counts, struct nta_span key,
                     struct nta_count *ret_count);

/** All together, and of that what is no key's any more.  n_users of others is 0: not known. */
struct nta_count nta_counts_total(const struct nta_counts *counts);
/** What is no key's any more. */
struct nta_count nta_counts_others(const struct nta_counts *counts);

/**
 * Each key's number of users is exact; that of all together is, else there are that many at least.
 */
bool nta_counts_is_exact(const struct nta_counts *counts);
/** The number of users of all together is exact. */
bool nta_counts_total_is_exact(const struct nta_counts *counts);
