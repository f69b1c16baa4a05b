/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Frames of HTTP/2 (RFC 9113 sections 4 and 6): their heads, and blocks of fields, which may lie in
 * several.  A block is at most NTA_HTTP2_FRAMES_MAX frames and NTA_HTTP2_BLOCK_MAX bytes.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HTTP2_FRAME_HEAD_LEN = 9,
    NTA_HTTP2_FRAME_MAX = 16384, ///< Until the other side allows more (section 4.2).
    NTA_HTTP2_FRAMES_MAX = 16,
    NTA_HTTP2_BLOCK_MAX = 32768,
};

enum nta_http2_type
{
    NTA_HTTP2_DATA = 0,
    NTA_HTTP2_HEADERS = 1,
    NTA_HTTP2_PRIORITY = 2,
    NTA_HTTP2_RST_STREAM = 3,
    NTA_HTTP2_SETTINGS = 4,
    NTA_HTTP2_PUSH_PROMISE = 5,
    NTA_HTTP2_PING = 6,
    NTA_HTTP2_GOAWAY = 7,
    NTA_HTTP2_WINDOW_UPDATE = 8,
    NTA_HTTP2_CONTINUATION = 9,
};

enum
{
    NTA_HTTP2_END_STREAM = 0x01, ///< Of SETTINGS and PING: ACK.
    NTA_HTTP2_END_HEADERS = 0x04,
    NTA_HTTP2_PADDED = 0x08,
    NTA_HTTP2_HAS_PRIORITY = 0x20,
};

struct nta_http2_frame
{
    uint8_t type, flags;
    uint32_t len, stream;
};

/** Its head; what is there of it. */
struct nta_http2_frame nta_http2_read_head(struct nta_reader *r);

/** Could a frame begin with these bytes, at least NTA_HTTP2_FRAME_HEAD_LEN, as few others do? */
bool nta_http2_is_likely(const uint8_t *bytes);

/** Fields in one piece. */
struct nta_http2_block
{
    struct nta_http2_frame first;
    uint8_t *bytes; ///< NTA_HTTP2_BLOCK_MAX of the caller's, where there are several frames.
    struct nta_span fields;
};

/**
 * HEADERS or PUSH_PROMISE with the CONTINUATION frames that must follow (section 6.10).  OK: the
 * block is whole, and `r` behind it.  MORE: it is not whole yet, and `r` where it was.  OTHER: what
 * follows is no part of it, or more of it than is read: `block` has what came, and `r` stands
 * behind that.
 */
enum nta_parse nta_http2_read_block(struct nta_reader *r, struct nta_http2_block *block);
