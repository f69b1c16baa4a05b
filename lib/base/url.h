/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parts of URLs in the form in which clients send them (WHATWG URL Standard).
 *
 * Two spellings of one place get one text, so that they can be compared as bytes.  Nothing here
 * allocates.
 */

#include "base/addr.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

/** How much of a URL is kept, in records and in packets. */
enum nta_url_detail
{
    NTA_URL_FULL,
    NTA_URL_PATH, ///< No query.
    NTA_URL_SITE
};

/**
 * True if a host's last label is a number, decimal or hexadecimal: it is an IPv4 address then or
 * nothing.
 */
bool nta_url_ends_in_number(struct nta_span host);

/**
 * "0xc0000242", "0300.0.0x242", "3221226050": one to four numbers, decimal, octal or hexadecimal,
 * the last one filling what the others leave ("IPv4 parser").  False: it is none.
 */
bool nta_url_ipv4(struct nta_span host, struct nta_addr *ret_addr);

/** True if nta_url_target() would change nothing: most are so. */
bool nta_url_is_normal(struct nta_span target);

/**
 * Path and query, from the first slash on, in normal form into `buf`: what clients escape is
 * escaped, escapes of letters, digits and "-._~" are taken out, others are in capitals (RFC 3986
 * section 6.2.2), dot segments are gone, and empty ones, which servers pass over; a backslash in
 * the path is a slash; up to a fragment.  Its length, 0 if it begins with neither slash nor
 * question mark, or has no space.
 */
size_t nta_url_target(struct nta_span target, uint8_t *buf, size_t size);

/** The same of a query alone, from its question mark on. */
size_t nta_url_query(struct nta_span query, uint8_t *buf, size_t size);

/** "%41" -> "A", as hosts are read before anything else; its length, 0 if it has no space. */
size_t nta_url_unescape(struct nta_span text, uint8_t *buf, size_t size);

/**
 * User-info, which may hold a password, is taken out of all URLs within a text, in place: behind
 * "://", or "//" if it has a colon, escaped or not, however often.  `is_cut`: the text may go on;
 * what may be user-info at its end goes, too.  Gives the new length.
 */
size_t nta_url_drop_users(uint8_t *text, size_t len, bool is_cut);
