/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text out of a reader (base/reader.h): up to a byte, or a line.  Nothing is taken before all of it
 * is there, so that whoever has too few bytes may ask again with more.
 */

#include "base/cut.h"
#include "base/reader.h"

/**
 * Text up to the byte `stop`, at most `max` bytes of it, whatever pieces it comes in.
 *
 * OK: `ret_text` is what is before `stop`, and both have left `r`.  MORE: the bytes end before it,
 * and it may still come: of an inner reader, whose bytes are all there ever are, that is BAD.  BAD:
 * more than `max` bytes without it.  Unless OK, `r` and `ret_text` are as they were.  No more than
 * `max` + 1 bytes are looked at.
 */
static inline enum nta_parse nta_read_until(struct nta_reader *r, uint8_t stop, size_t max,
                                            struct nta_span *ret_text)
{
    const struct nta_span rest = nta_reader_rest(r);
    const struct nta_span seen = max < rest.len ? nta_span_first(rest, max + 1) : rest;
    const size_t len = nta_span_find_byte(seen, stop);

    if (len == seen.len)
        return seen.len > max ? NTA_PARSE_BAD : NTA_PARSE_MORE;
    *ret_text = nta_span_first(seen, len);
    r->pos += len + 1;
    return NTA_PARSE_OK;
}

/**
 * The next line without its end, which is LF or CRLF; a CR elsewhere is a byte of it.  OK, MORE,
 * BAD as of nta_read_until(), `max` not counting the end; SIZE_MAX: no bound but that of the bytes.
 */
static inline enum nta_parse nta_read_line(struct nta_reader *r, size_t max,
                                           struct nta_span *ret_line)
{
    const struct nta_span rest = nta_reader_rest(r);
    const size_t seen = rest.len > max && rest.len - max > 2 ? max + 2 : rest.len;
    const size_t end = nta_span_find_byte(nta_span_first(rest, seen), '\n');
    const size_t len = end > 0 && end < seen && rest.ptr[end - 1] == '\r' ? end - 1 : end;

    if (end == seen) /* one byte too many may be the CR of an end that is still to come */
        return seen > max && (seen - max > 1 || rest.ptr[max] != '\r') ? NTA_PARSE_BAD
                                                                       : NTA_PARSE_MORE;
    if (len > max)
        return NTA_PARSE_BAD;
    *ret_line = nta_span_first(rest, len);
    r->pos += end + 1;
    return NTA_PARSE_OK;
}
