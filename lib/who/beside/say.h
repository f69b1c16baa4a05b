/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bindings as lines of JSON, as lines.h reads them. */

#include "base/buf.h"
#include "who/beside/state.h"

/** A binding as a line of JSON that is_trusted reads again. */
void nta_who_put_line(struct nta_buf *out, const struct nta_who_fact *fact);

/** Read such a line, or anybody's, into `lines->fact`.  False: it says nothing. */
bool nta_who_line_json(struct nta_who_lines *lines, struct nta_span line, int64_t now_ns);
