/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The URL of a file that is moved otherwise than by HTTP. */

#include "base/bytes.h"
#include "proto/app.h"
#include "proto/event.h"

enum
{
    NTA_TRANSFER_URL_SIZE = 2048
};

/**
 * scheme://host[:port]/path with what a URL cannot hold percent-coded (RFC 3986); gives the span in
 * `buf`, empty if there is no URL for it.
 */
struct nta_span nta_transfer_url(enum nta_app app, struct nta_span site,
                                 const struct nta_transfer *transfer,
                                 char buf[NTA_TRANSFER_URL_SIZE]);
