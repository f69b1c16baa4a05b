/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The file to which heads are appended, a checkpoint after the other: what stands in it is never
 * changed, and what does not fit leaves it as it was.
 */

#include "base/buf.h"
#include "base/err.h"

/** Could one be appended?  No file is made.  0, or negative errno with the sentence. */
int nta_noted_try(const char *path, struct nta_err *err);

/** Append the whole of it or nothing, and have it on the disk.  0, or negative errno. */
int nta_noted_append(const char *path, struct nta_span note, struct nta_err *err);
