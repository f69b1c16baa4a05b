/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The frames of WebSocket (RFC 6455 section 5), for the pipeline: what binary messages carry is one
 * stream of bytes a side, which is shown to the same parsers as the bytes of TCP, since that is
 * what tunnels through WebSocket are.
 *
 * Text messages and control frames are passed over by their length.  Masks are taken off (section
 * 5.3) into a buffer of the caller's; a piece without a mask that stands alone is not copied.  A
 * message that is packed (RSV1, RFC 7692) is not unpacked: nothing of its side can be followed from
 * there on, and no more can be behind a Close frame.
 *
 * No memory beside the state, no allocation.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One direction.  All zeros: a frame begins. */
struct nta_websocket_side
{
    uint64_t left; ///< Bytes of the frame at work that are still to come.
    /** So many bytes of binary messages, from here on, need not be shown; the caller's to set. */
    uint64_t skip;
    size_t unread;   ///< Bytes that the caller was shown and left, for gaps; the caller's to set.
    size_t wanted;   ///< So many are to be there before they are shown again; the caller's to set.
    uint8_t key[4];  ///< The frame's mask; zeros: none.
    uint8_t phase;   ///< Which byte of the mask is next.
    bool in_message; ///< The last data frame was not the last of its message.
    bool is_binary;  ///< That message's kind.
    bool is_shown;   ///< The frame at work is a part of a binary message.
};

struct nta_websocket
{
    struct nta_websocket_side sides[2];
};

/**
 * Join what binary messages at `r` carry, at most `size` bytes; `buf` has place for so many.  OK:
 * the bytes ended, or `size` is reached.  MORE: `r` stands before the head of a frame that is not
 * whole.  OTHER: nothing behind can be followed (closed, packed).  BAD: this is no frame.  In each
 * case `ret_inner` holds what came before; it borrows from `buf` or from the bytes of `r`.
 */
enum nta_parse nta_websocket_join(struct nta_websocket_side *side, struct nta_reader *r,
                                  uint8_t *buf, size_t size, struct nta_span *ret_inner);

/** How many bytes behind those that were read need not be shown; the side goes on behind them. */
uint64_t nta_websocket_jump(struct nta_websocket_side *side);

/**
 * `len` bytes, and those left unread before them, were lost.  False: where the next frame begins is
 * not known.  Else `ret_inner` says how many of the `len` would have been shown.
 */
bool nta_websocket_lose(struct nta_websocket_side *side, uint64_t len, uint64_t *ret_inner);
