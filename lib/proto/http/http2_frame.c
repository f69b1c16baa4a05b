/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/http/http2_frame.h"

#include <string.h>

enum
{
    PRIORITY_LEN = 5,
    PROMISED_LEN = 4,
    RST_LEN = 4,
    PING_LEN = 8,
    SETTING_LEN = 6,
    SETTINGS_LEN_MAX = 20 * SETTING_LEN,
};

/* RFC 9113 section 4.1. */
struct nta_http2_frame nta_http2_read_head(struct nta_reader *r)
{
    struct nta_http2_frame frame = {.len = nta_read_be24(r)};

    frame.type = nta_read_u8(r);
    frame.flags = nta_read_u8(r);
    frame.stream = nta_read_be32(r) & INT32_MAX;
    return frame;
}

bool nta_http2_is_likely(const uint8_t *bytes)
{
    struct nta_reader r = nta_reader_of(bytes, NTA_HTTP2_FRAME_HEAD_LEN);
    const struct nta_http2_frame frame = nta_http2_read_head(&r);
    const unsigned flags = frame.flags;
    const bool is_request = frame.stream % 2 == 1; /* section 5.1.1 */

    if (bytes[5] & 0x80 || frame.len > NTA_HTTP2_FRAME_MAX)
        return false;
    switch ((enum nta_http2_type)frame.type) {
    case NTA_HTTP2_DATA: return is_request && !(flags & ~0x09U);
    case NTA_HTTP2_HEADERS: return is_request && frame.len > 0 && !(flags & ~0x2dU);
    case NTA_HTTP2_PRIORITY: return is_request && frame.len == PRIORITY_LEN && flags == 0;
    case NTA_HTTP2_RST_STREAM: return is_request && frame.len == RST_LEN && flags == 0;
    case NTA_HTTP2_SETTINGS:
        return frame.stream == 0 && frame.len % SETTING_LEN == 0 && frame.len <= SETTINGS_LEN_MAX &&
               flags == (frame.len == 0);
    case NTA_HTTP2_PING: return frame.stream == 0 && frame.len == PING_LEN && flags <= 1;
    case NTA_HTTP2_WINDOW_UPDATE:
        return (is_request || frame.stream == 0) && frame.len == RST_LEN && flags == 0;
    case NTA_HTTP2_PUSH_PROMISE:
    case NTA_HTTP2_GOAWAY:
    case NTA_HTTP2_CONTINUATION: break;
    }
    return false;
}

/* Section 6.2 and 6.6: the fields, without what may stand before and behind them. */
static struct nta_span fields_of(const struct nta_http2_frame *frame, struct nta_span payload)
{
    struct nta_reader r = nta_reader_of(payload.ptr, payload.len);
    const size_t padding = frame->flags & NTA_HTTP2_PADDED ? nta_read_u8(&r) : 0;

    if (frame->type == NTA_HTTP2_PUSH_PROMISE)
        nta_reader_skip(&r, PROMISED_LEN);
    else if (frame->flags & NTA_HTTP2_HAS_PRIORITY)
        nta_reader_skip(&r, PRIORITY_LEN);
    if (!nta_reader_ok(&r) || padding > nta_reader_left(&r))
        return (struct nta_span){0};
    return nta_read_span(&r, nta_reader_left(&r) - padding);
}

/* One frame more.  OTHER: it is no part of the block, or too much, and `r` where it was. */
static enum nta_parse read_more(struct nta_reader *r, struct nta_http2_block *block, size_t n,
                                uint8_t *flags)
{
    struct nta_reader at = *r;
    const struct nta_http2_frame frame = nta_http2_read_head(&at);

    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    if (frame.type != NTA_HTTP2_CONTINUATION || frame.stream != block->first.stream ||
        n >= NTA_HTTP2_FRAMES_MAX || frame.len > NTA_HTTP2_BLOCK_MAX - block->fields.len)
        return NTA_PARSE_OTHER;
    const struct nta_span more = nta_read_span(&at, frame.len);

    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    if (n == 1 && block->fields.len > 0)
        memcpy(block->bytes, block->fields.ptr, block->fields.len);
    if (more.len > 0)
        memcpy(block->bytes + block->fields.len, more.ptr, more.len);
    block->fields = (struct nta_span){block->bytes, block->fields.len + more.len};
    *flags = frame.flags;
    *r = at;
    return NTA_PARSE_OK;
}

enum nta_parse nta_http2_read_block(struct nta_reader *r, struct nta_http2_block *block)
{
    struct nta_reader at = *r;
    enum nta_parse verdict = NTA_PARSE_OK;

    block->first = nta_http2_read_head(&at);
    uint8_t flags = block->first.flags;
    const struct nta_span payload = nta_read_span(&at, block->first.len);

    if (!nta_reader_ok(&at))
        return NTA_PARSE_MORE;
    block->fields = fields_of(&block->first, payload);
    for (size_t n = 1; verdict == NTA_PARSE_OK && !(flags & NTA_HTTP2_END_HEADERS); n++)
        verdict = read_more(&at, block, n, &flags);
    if (verdict != NTA_PARSE_MORE)
        *r = at;
    return verdict;
}
