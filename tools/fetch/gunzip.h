/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A file that may be packed by gzip, whole. */

#include "base/err.h"

#include <stdint.h>

/**
 * Copy all of `from_fd` to `to_fd`, unpacked if it is gzip.  0, or negative errno with a sentence:
 * more than `max_bytes` of it, cut off, broken.
 */
int nta_gunzip(int from_fd, int to_fd, uint64_t max_bytes, struct nta_err *err);
