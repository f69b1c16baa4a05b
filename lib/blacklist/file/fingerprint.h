/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a list was made from, as bytes that are compared (internal to blacklist/): a compiled set is
 * used only as long as every list's fingerprint is the one it was compiled from.
 *
 * A fingerprint holds all that decides what entries a list gives and how they are shown: the
 * source's settings, and which file in which state (device, inode, size, times of modification and
 * change).  A text is compared by itself.
 */

#include "base/buf.h"
#include "blacklist/file/file.h"

/** Append the fingerprint of a source.  `identity` is not looked at for a text. */
void nta_list_fingerprint(const struct nta_list_source *source,
                          const struct nta_list_identity *identity, struct nta_buf *fingerprint);

/**
 * Append what all lists of a set depend on: this program's rules and tables, those of the
 * libraries, and layouts.
 */
void nta_list_fingerprint_common(struct nta_buf *fingerprint);
