/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files as they are downloaded or kept: gzip (RFC 1952), Zstandard (RFC 8878), xz and lz4, told by
 * their first bytes, unpacked piece by piece.
 *
 * Several members or frames one behind the other are one, as the programs of these names take them.
 * How much memory a file may ask for is bounded, whatever it says (a window of 128 MiB); how much
 * comes out is for the caller to bound.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <sys/types.h>

enum nta_packing
{
    NTA_PACKING_NONE,
    NTA_PACKING_GZIP,
    NTA_PACKING_ZSTD,
    NTA_PACKING_XZ,
    NTA_PACKING_LZ4,
    NTA_PACKING_OTHER, ///< An archive or a packing that is not read here; see nta_packing_name().
};

struct nta_unpack; ///< Opaque.

/** What a file's first bytes (at least 8, or all it has) say. */
enum nta_packing nta_packing_of(struct nta_span start);

/** "packed with bzip2", "a zip archive", ... of bytes that are OTHER; "" of others. */
const char *nta_packing_name(struct nta_span start);

/** For one that is read here.  0, or -ENOMEM. */
int nta_unpack_new(enum nta_packing packing, struct nta_unpack **ret_unpack);
/** Takes NULL too. */
void nta_unpack_free(struct nta_unpack **unpack);

/**
 * Unpack from the front of `*packed`, which is shortened by what was used, into `buf`.  Gives how
 * many bytes came out (0 with nothing left of `*packed`: more is needed), or -EBADMSG: the file is
 * broken; -ENOMEM: it asks for more memory than is given.
 */
ssize_t nta_unpack_more(struct nta_unpack *unpack, struct nta_span *packed, uint8_t *buf,
                        size_t size);

/** True if what was given so far ends where a member or frame ends: nothing is cut off. */
bool nta_unpack_is_whole(const struct nta_unpack *unpack);
