/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys looked at from outside, for `ntad --check` and `nta keys show`: nothing is locked, made or
 * destroyed, and ntad may run meanwhile.
 */

#include "vault/seal.h"
#include "vault/vault.h"

/** Is told of a fault of the keys: negative errno and its sentence. */
typedef void nta_keys_fault_fn(void *owner, int fault, const char *sentence);

/**
 * Everything that sealing needs: auditors.pub, state.key, first.batch and checkpoint.key are read,
 * each with its mode and owner, and held against each other; sensor.pub must be there and be the
 * identity that signed first.batch.  The signing key is not looked at (vault/seal.h), and nothing
 * needs sensor.key.  Goes on behind a fault.
 *
 * False: state.key is not there but sealed for the service (state.cred), which is no fault: neither
 * it nor what is sealed under it was looked at.
 */
bool nta_keys_check(const struct nta_keys_place *place, nta_keys_fault_fn *fault, void *owner);

/** Whose state folder it is.  0, or negative errno with a sentence. */
int nta_keys_public(const struct nta_keys_place *place, struct nta_sensor_public *ret_sensor,
                    struct nta_err *err);

/**
 * Is the key that goes on in the state folder?  As nta_sealer_resume() looks for it.  1; 0: a start
 * would make one; or negative errno with a sentence: that cannot be told (-ENOENT: without
 * state.key).
 */
int nta_keys_has_signing(const struct nta_keys_place *place, const struct nta_sealer_known *known,
                         struct nta_err *err);
