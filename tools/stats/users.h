/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How many different users each key has: exactly, as a set of pairs, while that is not too large;
 * then by a sketch a key.
 *
 * A sketch is HyperLogLog (Flajolet, Fusy, Gandouet, Meunier, 2007) with 128 registers and its
 * linear counting for small numbers: 128 bytes, off by 9 % as a rule.  Users are given as 64-bit
 * keyed hashes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nta_users; ///< Pairs of user and key number.

/** NULL: out of memory. */
struct nta_users *nta_users_new(void);
/** Takes NULL too. */
void nta_users_free(struct nta_users **users);

/** 1: it is new, 0: it was there; -ENOBUFS: 1,400,000 pairs are in (24 MiB), no more; -ENOMEM. */
int nta_users_add(struct nta_users *users, uint64_t user, uint32_t key);

/**
 * Key numbers change: `numbers[old]` is the new one, or UINT32_MAX for a key that goes.  0 or
 * -ENOMEM.
 */
int nta_users_renumber(struct nta_users *users, const uint32_t *numbers);

/** Call `each` for each pair, in no order. */
void nta_users_each(const struct nta_users *users,
                    void (*each)(void *owner, uint64_t user, uint32_t key), void *owner);

enum
{
    NTA_SKETCH_SIZE = 128
};

/** Note a user, by a hash whose bits are evenly spread. */
void nta_sketch_add(uint8_t sketch[NTA_SKETCH_SIZE], uint64_t user);
/** About how many different users were noted (HyperLogLog: within a tenth, as a rule). */
uint64_t nta_sketch_count(const uint8_t sketch[NTA_SKETCH_SIZE]);
