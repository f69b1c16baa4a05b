/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a sensor's signing key stands, for who looks from outside (`ntad --check`, `nta keys show`),
 * also while ntad runs: nothing is locked or changed.
 *
 * What is to be adopted stands in the state folder, signed by the sensor (pipeline/commit/
 * unadopted.h).  A key is lost if none in the state folder goes on behind the store's last batch,
 * and the state file names none that is there: a start would make one.
 */

#include "base/buf.h"
#include "base/err.h"
#include "vault/vault.h"

struct nta_key_state
{
    uint64_t unadopted;   ///< From this batch on, what is signed is unproved; 0: nothing is.
    uint64_t lost_behind; ///< The store's last batch, if the key is lost; 0: it is not.
    bool is_unknown;      ///< Whether it is lost cannot be told without state.key.
};

/** 0, or negative errno with a sentence. */
int nta_key_state_look(const struct nta_keys_place *place, const char *store_path,
                       struct nta_key_state *ret_state, struct nta_err *err);

/** Is there anything to do? */
static inline bool nta_key_state_is_bad(const struct nta_key_state *state)
{
    return state->unadopted || state->lost_behind;
}

/** Append what is wrong, and what to do: one sentence, or nothing. */
void nta_key_state_put(const struct nta_key_state *state, struct nta_buf *out);
