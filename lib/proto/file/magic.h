/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The type of a file by its first bytes; 64 are enough, but for a tar archive.  What has no mark of
 * its own (text, scripts) is not named.
 */

#include "base/bytes.h"

#include <stdbool.h>

enum
{
    NTA_MAGIC_BYTES = 264 ///< So many first bytes tell what any can.
};

/** A MIME type, or NULL: none that is known. */
const char *nta_magic_type(struct nta_span first);

/**
 * True if a file that begins so cannot be of the announced type (a media type, perhaps with
 * parameters): one that has a mark of its own and begins without, or text with bytes that text does
 * not have.  False also if too little of it is here.
 */
bool nta_magic_denies(struct nta_span announced, struct nta_span first);
