/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sites, targets and file names as HTTP writes them (RFC 3986, RFC 9110 section 7.2, RFC 9112
 * section 3.2).
 */

#include "proto/http/http_head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where a request goes; spans borrow from what it was made of, or from static text. */
struct nta_http_site
{
    struct nta_span host; ///< Without user-info, brackets and port.
    uint16_t port;        ///< 0: none given.
    struct nta_span target;
    /** Another host that it names, in Host beside the target's or in a second Host; or empty. */
    struct nta_span other_host;
    bool to_proxy; ///< The target names it: absolute-form, or CONNECT's.
};

/** Site of a request by its head. */
struct nta_http_site nta_http_site_of(const struct nta_http_head *head);

/**
 * The last segment of a target's path; empty for a path that ends with a slash, "*" and an
 * authority.
 */
struct nta_span nta_http_last_segment(struct nta_span target);

/** Where a text is made; the bytes are borrowed. */
struct nta_http_buf
{
    uint8_t *bytes;
    size_t len, size;
    bool cut; ///< There was more than fits.
};

/**
 * Append the file name of a Content-Disposition value (RFC 6266; RFC 8187 for filename*, which is
 * preferred) to the empty `buf`, without quotes and percent-coding, in UTF-8 where its charset is
 * known.  Nothing if it has none.
 */
void nta_http_file_name(struct nta_span disposition, struct nta_http_buf *buf);
