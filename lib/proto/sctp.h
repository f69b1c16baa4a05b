/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The chunks of SCTP packets (RFC 9260), for the pipeline: what a DATA chunk carries is shown to
 * the same parsers as the bytes of TCP.
 *
 * Only what finds the application's bytes: type, length, TSN, stream.  Control chunks are passed
 * over; checksums are not looked at.  I-DATA (RFC 8260) is passed over, too.
 */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdint.h>

/** A DATA chunk, RFC 9260 section 3.3.1. */
struct nta_sctp_data
{
    uint32_t tsn;
    uint16_t stream;
    struct nta_span bytes; ///< Borrows from the packet; never empty.
};

/**
 * The next DATA chunk of a packet whose chunks begin at `r`.  OK: `ret_data` is filled and `r`
 * stands behind it.  MORE: there is none, or the packet ends inside one.  BAD: a length that cannot
 * be.
 */
enum nta_parse nta_sctp_next(struct nta_reader *r, struct nta_sctp_data *ret_data);
