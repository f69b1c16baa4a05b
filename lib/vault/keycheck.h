/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether keys are fit for sealing, all faults at once (`ntad --check`). */

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
