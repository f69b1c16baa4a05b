/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Elements of DER (X.690), as certificates and Kerberos have them: a tag (class, constructed bit
 * and number in one byte; numbers above 30 occur in neither), a length, the content.  What is not
 * so empties the reader.
 */

#include "base/bytes.h"

#include <stdbool.h>

enum
{
    NTA_DER_NUMBER_MASK = 0x1f
};

/** Length octets, section 8.1.3; the indefinite form and more than 4 octets are refused. */
static inline size_t nta_der_length(struct nta_reader *r)
{
    uint8_t first = nta_read_u8(r);
    size_t len = 0;

    if (first < 0x80)
        return first;
    if (first == 0x80 || first > 0x84) {
        nta_reader_skip(r, SIZE_MAX);
        return 0;
    }
    for (unsigned n = first & 0x7f; n > 0; n--)
        len = len << 8 | nta_read_u8(r);
    return len;
}

/** Any element: its content, and its tag. */
static inline struct nta_reader nta_der_any(struct nta_reader *r, uint8_t *ret_tag)
{
    uint8_t tag = nta_read_u8(r);

    if ((tag & NTA_DER_NUMBER_MASK) == NTA_DER_NUMBER_MASK)
        nta_reader_skip(r, SIZE_MAX);
    *ret_tag = tag;
    return nta_read_sub(r, nta_der_length(r));
}

/** An element that must have this tag. */
static inline struct nta_reader nta_der_element(struct nta_reader *r, uint8_t want)
{
    uint8_t tag = 0;
    struct nta_reader content = nta_der_any(r, &tag);

    if (tag != want) {
        nta_reader_skip(r, SIZE_MAX);
        nta_reader_skip(&content, SIZE_MAX);
    }
    return content;
}

/**
 * A container that must have this tag; with `is_cut` it may go on behind the end of what is there.
 */
static inline struct nta_reader nta_der_container(struct nta_reader *r, uint8_t want, bool is_cut)
{
    uint8_t tag = nta_read_u8(r);
    size_t len = nta_der_length(r), left = nta_reader_left(r);

    if (tag != want)
        nta_reader_skip(r, SIZE_MAX);
    return nta_read_sub(r, is_cut && len > left ? left : len);
}
