/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The data keys of all stores, wrapped as they are, and unwrapped when a batch first needs one: a
 * year has some thousand, and a search of a day wants four.
 *
 * An opener that the ring unwraps keys for is used by two threads: the one that walks asks for keys
 * and tokens, another decrypts.  Each holds the ring's lock meanwhile; the ring itself is the
 * walking thread's.
 *
 * Memory: a wrapped key (about 200 bytes an auditor) until it is unwrapped, NTA_WRAPPED_KEPT of
 * them.  One more takes the place of the oldest; a store has more (the judge takes 2^20), so one
 * that is absent is for the caller to find in its store and to put again.
 */

#include "base/err.h"
#include "vault/vault.h"

struct nta_wrapped_keys; ///< Opaque.

enum
{
    NTA_WRAPPED_KEPT = 1 << 16
};

/** NULL: no memory. */
struct nta_wrapped_keys *nta_wrapped_keys_new(void);
/** Takes NULL too. */
void nta_wrapped_keys_free(struct nta_wrapped_keys **ring);

/**
 * Copy a wrapped key; of several with one id the first stays.  Whether it may be used is the
 * judge's to say (chain/chain.h).  0, or -ENOMEM.
 */
int nta_wrapped_keys_put(struct nta_wrapped_keys *ring, const struct nta_wrapped_key *key);

enum nta_wrapped_state
{
    NTA_WRAPPED_ABSENT, ///< Neither ring nor opener has such a key, or has it any more.
    NTA_WRAPPED_OPEN,   ///< The opener has it.
    NTA_WRAPPED_OTHER,  ///< It is not for this auditor.
    NTA_WRAPPED_BROKEN, ///< It does not open.
};

/**
 * See to it that the opener has the data key of this id.  `err` has a sentence only the first time
 * that one turns out to be for another auditor, or broken (of what was put again, once more), else
 * an empty one.  A state, or -ENOMEM.
 */
int nta_wrapped_keys_open(struct nta_wrapped_keys *ring, struct nta_opener *opener,
                          const uint8_t id[NTA_DATA_KEY_ID_LEN], struct nta_err *err);

/** Held while an opener is used that this ring unwraps keys for. */
void nta_wrapped_keys_lock(struct nta_wrapped_keys *ring);
/** And let go. */
void nta_wrapped_keys_unlock(struct nta_wrapped_keys *ring);
