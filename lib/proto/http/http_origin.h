/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the fields of a request say of its origin: whether a person asked, or a browser ahead of
 * one; whether a proxy sent it on for somebody else; what system its client names.  The same in
 * all versions of HTTP.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/** Zeros at a request's begin. */
struct nta_http_origin
{
    bool is_prefetch;    ///< Sec-Purpose, or its like, says so.
    bool is_navigation;  ///< Sec-Fetch-Mode.
    bool says_fetch;     ///< There is a Sec-Fetch-Mode.
    bool is_framed;      ///< Sec-Fetch-Dest is no document of its own.
    bool is_forwarded;   ///< Forwarded, Via, or their like, is there.
    bool speaks_through; ///< Proxy-Connection, which clients send to their proxy.
    uint8_t system;      ///< enum nta_http_system, of User-Agent.
};

/** One more field of the request; the name in any case, the value with or without blanks. */
void nta_http_origin_take(struct nta_http_origin *origin, struct nta_span name,
                          struct nta_span value);

/** enum nta_http_initiator, from Sec-Purpose, Purpose and Sec-Fetch-… (W3C Fetch Metadata). */
uint8_t nta_http_origin_initiator(const struct nta_http_origin *origin);

/** Was it sent on for another client?  `to_proxy`: it is on its way to a proxy, not behind one. */
static inline bool nta_http_origin_is_forwarded(const struct nta_http_origin *origin, bool to_proxy)
{
    return origin->is_forwarded || (origin->speaks_through && !to_proxy);
}
