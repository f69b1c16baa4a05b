/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the module: names and logins, each kept once however many bindings say it, with a count of
 * who holds it.
 *
 * Bounded: a pool of short texts and one of long ones, each of fixed size, of which only what is
 * used is touched.  One thread.
 */

#include "base/bytes.h"
#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_TEXTS_SHORT_MAX = 22,
    NTA_TEXTS_LONG_MAX = 246, ///< What is longer is not kept.
};

struct nta_texts
{
    struct nta_hash_key key;

    struct nta_texts_pool
    {
        uint8_t *area; ///< Owned.
        size_t cell_size, n_max, n_touched;
        uint32_t free_list; ///< 1 + index; 0: none.
    } pools[2];

    uint32_t *heads; ///< Owned; by hash.
    size_t n_heads;  ///< A power of two.
};

/** For `n_max` texts, of which an eighth are long.  0, or -ENOMEM; done() takes it in any case. */
int nta_texts_init(struct nta_texts *texts, size_t n_max, const struct nta_hash_key *key);
/** Frees the memory; takes one of zeros, too. */
void nta_texts_done(struct nta_texts *texts);

/** The text's number, held once more.  0: it is empty, too long, or there is no space. */
uint32_t nta_texts_hold(struct nta_texts *texts, struct nta_span text);
/** Held once less; 0 is allowed. */
void nta_texts_drop(struct nta_texts *texts, uint32_t number);
/** The text; borrows until the last who holds it drops it.  0: empty. */
struct nta_span nta_texts_get(const struct nta_texts *texts, uint32_t number);

/** Is there no space left for one of this length? */
bool nta_texts_is_full(const struct nta_texts *texts, size_t len);
