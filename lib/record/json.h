/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/buf.h"
#include "record/record.h"

/**
 * Append the record as one JSON object without a newline, names and order as in docs/format.md.
 * `id` is its id text ("<sensor>-<batch>-<n>"), or "" for none.  Empty and unknown fields of the
 * record itself are left out, those of `user`, `peer` and their `geo` are kept where known.  Times
 * are RFC 3339 UTC with nanoseconds; texts in the shown form of base/text.h.
 */
void nta_record_json(struct nta_buf *out, const struct nta_record *record, const char *id);

/** The object of one end, as a record's `user` and `peer`: a member called `name`. */
void nta_record_json_side(struct nta_buf *out, const char *name,
                          const struct nta_record_side *side);

/** Its size was announced, it was joined from what came, and that was not all. */
bool nta_record_is_broken_off(const struct nta_record_file *file);

/** The members of a record's `file`, without braces: into an object that was begun. */
void nta_record_json_file(struct nta_buf *out, const struct nta_record_file *file);
