/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Numbers and texts as HPACK writes them (RFC 7541 section 5): packed by Huffman's code (appendix
 * B) or as they are.  Of what is packed, characters that no URL may have end the text.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A text as it is on the wire, and as it is read. */
struct nta_hpack_text
{
    struct nta_span wire;
    bool is_packed, is_lent; ///< Lent: it goes before what is made of it does.
    struct nta_span
        bytes;     ///< Up to the first character that no URL may have, or there is no space.
    size_t len;    ///< Of all of it.
    bool is_whole; ///< All of it is in `bytes`, and it is such a text.
};

/** Unpack it into `space`, unless it is not packed: then `bytes` are those of the wire. */
void nta_hpack_unpack(struct nta_hpack_text *text, uint8_t *space, size_t size);

/**
 * Section 5.1: the lowest `bits` of `byte`, which was read, and if all are ones, more of them
 * behind it.  The reader fails where that is no length of a text.
 */
uint32_t nta_hpack_read_integer(struct nta_reader *r, uint8_t byte, unsigned bits);

/** Section 5.2, not unpacked yet. */
struct nta_hpack_text nta_hpack_read_text(struct nta_reader *r);
