/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keyed hashing for tables whose keys come off the wire, so that nobody outside can choose
 * collisions.
 *
 * SipHash (Aumasson and Bernstein, 2012) in its 1-3 form: one round a word, three at the end, which
 * is what kernels and language runtimes use for tables.  Not for anything that leaves the process.
 */

#include <stddef.h>
#include <stdint.h>

struct nta_hash_key
{
    uint64_t k0, k1;
};

/** A key from the kernel's random numbers.  0, or negative errno. */
int nta_hash_key_random(struct nta_hash_key *ret_key);

/** SipHash-1-3 of `len` bytes. */
uint64_t nta_hash_bytes(const struct nta_hash_key *key, const void *data, size_t len);

/** Keyed mix of two words: a SipHash-1-3 of 16 bytes given as two words in native order. */
uint64_t nta_hash_words(const struct nta_hash_key *key, uint64_t a, uint64_t b);
