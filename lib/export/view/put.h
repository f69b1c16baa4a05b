/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Members of JSON objects, for what this module writes: each with a comma in front unless it is the
 * first of its object.
 */

#include "base/buf.h"
#include "record/record.h"

/** `"name":`; the name is one of ours and needs no escapes. */
void nta_put_name(struct nta_buf *out, const char *name);

/** `"name":value`. */
void nta_put_uint(struct nta_buf *out, const char *name, uint64_t value);

/** A text in its shown form; an empty one leaves no trace. */
void nta_put_text(struct nta_buf *out, const char *name, struct nta_span text);

/** A text that is in shown form already: a backslash in it is one of ours. */
void nta_put_shown(struct nta_buf *out, const char *name, const char *shown);

/** As nta_put_text(); NULL is empty. */
void nta_put_word(struct nta_buf *out, const char *name, const char *word);

/** RFC 3339 in UTC; 0 leaves no trace. */
void nta_put_time(struct nta_buf *out, const char *name, int64_t wall_ns);

/** A number with six decimals, whatever the locale. */
void nta_put_degrees(struct nta_buf *out, double degrees);

/** `"name":[lat,lon,"point"]`, or "country"; nothing where a place has no position. */
void nta_put_spot(struct nta_buf *out, const char *name, const struct nta_place *place);
