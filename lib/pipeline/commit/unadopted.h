/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From which batch on a sensor signs with a key that nothing proves: "signing.unadopted" in the
 * state folder, a number and a line feed.  It is what keeps the state BAD over restarts, and what
 * `nta keys adopt` needs to know; the judge decides by itself.
 */

#include "base/err.h"

#include <stdint.h>

/** The number; 0: there is none. */
uint64_t nta_unadopted_read(const char *state_dir);

/** Write it, or with 0 remove the file.  0, or negative errno with a sentence. */
int nta_unadopted_write(const char *state_dir, uint64_t from, struct nta_err *err);
