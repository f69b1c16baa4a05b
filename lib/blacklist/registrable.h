/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The part of a host name that somebody registered, by the public suffix list: "example.co.uk" of
 * "www.example.co.uk".
 */

#include "base/bytes.h"

/**
 * A span within `name`, without a last dot.  The whole name if it has no such part: a public suffix
 * itself, an address, a name of one label, or not a host name at all (which is ASCII: RFC 5890).
 */
struct nta_span nta_registrable(struct nta_span name);

/** Which list of public suffixes decides that: a hash of it, in hexadecimal digits.  Static. */
const char *nta_registrable_version(void);
