/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which bytes HTTP/1 begins with. */

#include "base/bytes.h"
#include "base/parse.h"

#include <stdbool.h>

/**
 * Do `bytes` begin with a start line?  OK: yes, `ret_response` says of which kind.  MORE, OTHER: as
 * in struct nta_proto.  Only methods known by name are taken; a path without a version needs a
 * field behind it, or a port where nothing else is expected.
 */
enum nta_parse nta_http_probe(struct nta_span bytes, bool known_port, bool *ret_response);

/** True for a method that is known, "GET". */
bool nta_http_knows_method(struct nta_span text);

/** Could the line be a field of a head: a name of letters, digits, '-' and '_', and a colon? */
bool nta_http_is_field(struct nta_span line);

/**
 * Is the line (without LF, perhaps not all of it) a start line that names the version: a status
 * line, or a request line with a known method?  MORE: its beginning could be.
 */
enum nta_parse nta_http_starts(struct nta_span line, bool response);
