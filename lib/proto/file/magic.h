/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The type of a file by its first bytes; 64 are enough, but for a tar archive and for what says
 * more of itself further on: programs of Windows, documents of OLE, images of disks.  What has no
 * mark of its own (text, scripts) is not named.
 */

#include "base/bytes.h"

#include <stdbool.h>

enum
{
    NTA_MAGIC_BYTES = 264,     ///< So many first bytes tell what any can.
    NTA_MAGIC_FAR_BYTES = 24,  ///< At most so many further on tell more.
    NTA_MAGIC_TAIL = 512,      ///< So far before its end an image of macOS has a mark,
    NTA_MAGIC_TAIL_BYTES = 12, ///< of so many bytes.
};

/** Begins as programs and libraries of Windows do, and does not say which of them it is. */
#define NTA_MAGIC_MZ "application/x-dosexec-unsure"

/** Bytes further on that tell more of what begins so. */
struct nta_magic_far
{
    uint64_t at;
    uint8_t len; ///< 0: none do.
};

/** Which these are. */
struct nta_magic_far nta_magic_far(struct nta_span first);

/**
 * A MIME type, or NULL: none that is known.  `far`: those bytes, or the mark before its end; empty
 * or too few: not known, unless they are among `first`.
 */
const char *nta_magic_type_with(struct nta_span first, struct nta_span far);

/** The same by first bytes alone, which may be more than NTA_MAGIC_BYTES. */
const char *nta_magic_type(struct nta_span first);

/** The mark that an image of macOS has NTA_MAGIC_TAIL before its end (koly). */
bool nta_magic_is_tail(struct nta_span tail);

/**
 * True if a file that begins so cannot be of the announced type (a media type, perhaps with
 * parameters): one that has a mark of its own and begins without, or text with bytes that text does
 * not have.  False also if too little of it is here.
 */
bool nta_magic_denies(struct nta_span announced, struct nta_span first);
