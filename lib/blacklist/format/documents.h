/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lists that are JSON: events and warning lists of MISP, bundles of STIX 2.1, and arrays of plain
 * values (internal to blacklist/).
 *
 * Each value is given as a record, with reader->how set to how it is to be read.  Keys come in any
 * order, so the fields of an attribute or indicator are held until it ends (one at a time, 64 KiB),
 * and the values of a warning list until its type is known: 64 MiB of text at most.  Where keys
 * contradict each other the value is not taken; a document that is broken or cut off is refused as
 * a whole, by `fault`.
 */

#include "blacklist/format/record.h"

struct nta_list_documents; ///< Opaque.

/** What is read of a file, in lines or as JSON; set `records` as for lines alone. */
struct nta_list_input
{
    struct nta_list_records records;
    struct nta_list_documents *documents; ///< Owns; NULL: it is no JSON.
};

/** A piece of JSON.  If memory runs out, records.failed is set. */
void nta_list_input_json(struct nta_list_input *input, struct nta_span piece);

/** The file ends here.  Why it cannot be read, with its line; NULL: it can. */
const char *nta_list_input_end(struct nta_list_input *input, uint64_t *ret_line);

/** Bytes of memory that are held for values that have not been given yet. */
size_t nta_list_input_memory(const struct nta_list_input *input);

/** Free what it owns. */
void nta_list_input_done(struct nta_list_input *input);
