/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How an index lies in bytes (docs/format.md); whoever makes one and whoever reads one share it. */

#include "base/bytes.h"
#include "vault/sealed.h"

#include <endian.h>

enum
{
    NTA_INDEX_VERSION = 1,
    NTA_INDEX_PREFIX_LEN = 4,               ///< So many bytes of a token are in it.
    NTA_INDEX_BATCH_LEN = 8 + NTA_HASH_LEN, ///< Number, link.
    NTA_INDEX_ENTRY_LEN = NTA_INDEX_PREFIX_LEN + NTA_HASH_LEN, ///< A page's first row, its hash.
    /** More batches than that are bits; so many or fewer are a byte each. */
    NTA_INDEX_PLACES_MAX = 32,
    NTA_INDEX_ROW_MAX = NTA_INDEX_PREFIX_LEN + 1 + NTA_INDEX_PLACES_MAX
};
