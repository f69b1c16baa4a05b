/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The type of a file by its first bytes; 64 are enough.  What has no mark of its own (text,
 * scripts) is not named.
 */

#include "base/bytes.h"

/** A MIME type, or NULL: none that is known. */
const char *nta_magic_type(struct nta_span first);
