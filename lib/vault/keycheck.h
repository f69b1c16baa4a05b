/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether keys are fit for sealing, all faults at once (`ntad --check`). */

/** Is told of a fault of the keys: negative errno and its sentence. */
typedef void nta_keys_fault_fn(void *owner, int fault, const char *sentence);

/**
 * Everything that sealing needs of the keys in `dir`: each is read, with its mode and owner, and
 * sensor.pub must be that of sensor.key.  Goes on behind a fault.
 */
void nta_keys_check(const char *dir, nta_keys_fault_fn *fault, void *owner);
