/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The parts of a file that one answer holds: multipart/byteranges (RFC 9110 section 14.6, RFC 2046
 * section 5.1).  What lies between the parts, and their heads, are no content.
 *
 * Each part's Content-Range says where it belongs.  One without, or whose length is not what comes,
 * is content whose place is not known.  A part ends at the delimiter and nowhere else, whatever its
 * length or what it is itself; what may be the begin of a delimiter is given when it turns out to
 * be none.  All bytes are consumed as they come.  Behind NTA_HTTP_PARTS_MAX parts all is one part
 * of which no place is known.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_HTTP_BOUNDARY_MAX = 70, ///< RFC 2046 section 5.1.1.
    NTA_HTTP_PARTS_MAX = 256,
    NTA_HTTP_PART_LINE_SIZE = 100, ///< Of a field of a part; longer ones are passed over.
};

enum nta_http_parts_state
{
    NTA_HTTP_PARTS_NONE,   ///< The answer is no such thing.
    NTA_HTTP_PARTS_BEFORE, ///< Up to the first delimiter.
    NTA_HTTP_PARTS_LINE,   ///< The rest of a delimiter's line.
    NTA_HTTP_PARTS_HEAD,   ///< Fields of a part.
    NTA_HTTP_PARTS_CONTENT,
    NTA_HTTP_PARTS_OVER,
};

/** All zeros: no such thing. */
struct nta_http_parts
{
    enum nta_http_parts_state state;
    uint16_t n; ///< Parts that have begun.
    uint8_t delimiter_len, matched, line_len;
    bool is_last;               ///< The delimiter is the last one, as far as its line was read.
    bool is_loose;              ///< More parts than are told apart, or a hole hid where one began.
    uint64_t first, len, total; ///< Of the part, by its Content-Range; UINT64_MAX: unsaid.
    uint64_t bytes, lost;       ///< Of the part, so far; `lost` are among `bytes`.
    uint8_t delimiter[NTA_HTTP_BOUNDARY_MAX + 4];
    uint8_t line[NTA_HTTP_PART_LINE_SIZE];
};

enum nta_http_parts_step
{
    NTA_HTTP_PARTS_NOTHING, ///< All bytes are consumed.
    NTA_HTTP_PARTS_BEGIN,   ///< A part's head is over.
    NTA_HTTP_PARTS_PIECE,   ///< Content of it.
    NTA_HTTP_PARTS_END,     ///< It is over.
};

/** A body of this type begins; nothing, unless it is multipart/byteranges with a boundary. */
void nta_http_parts_begin(struct nta_http_parts *parts, struct nta_span content_type);

/**
 * Consume from `bytes` up to the next step.  Of a PIECE, `ret_piece` borrows from `bytes` or from
 * `parts`; it is not among parts->bytes yet.
 */
enum nta_http_parts_step nta_http_parts_next(struct nta_http_parts *parts, struct nta_span *bytes,
                                             struct nta_span *ret_piece);

/**
 * So many bytes of the body were lost, of which `ret_content` are content of the part at hand, and
 * counted.  False: where that part ends is not known: nta_http_parts_cut().
 */
bool nta_http_parts_lose(struct nta_http_parts *parts, uint64_t n, uint64_t *ret_content);

/** What comes up to the next delimiter is content whose place is not known. */
void nta_http_parts_cut(struct nta_http_parts *parts);

/** Does the part have as many bytes as its Content-Range says, or fewer?  Then its place is so. */
static inline bool nta_http_parts_is_placed(const struct nta_http_parts *parts)
{
    return !parts->is_loose && parts->first != UINT64_MAX && parts->bytes <= parts->len;
}
