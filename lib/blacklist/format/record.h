/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Lines of a file -> records of a list (internal to blacklist/).
 *
 * Most lines are a record each.  A quoted field of a table may go over several (RFC 4180 section
 * 2.6), and so does what stands in brackets in a zone (RFC 1035 section 5.1): such lines are held
 * until they are whole, at most 64 lines and 64 KiB.  What never gets whole is given up with a
 * reason as of its first line; the lines behind it are read as if they stood alone, so that one
 * quote too many costs one line.
 */

#include "blacklist/format/line.h"

/**
 * Called with each record, `\n` between its lines; `fault` is NULL, or why it cannot be read
 * (static).
 */
typedef void nta_list_record_fn(void *owner, struct nta_span record, const char *fault);

/** Set the first three fields; the others are zero. */
struct nta_list_records
{
    struct nta_list_reader *reader; ///< Borrows: it knows what format the file is in.
    nta_list_record_fn *record;
    void *owner;
    uint64_t n_lines; ///< So many were read.
    uint64_t number;  ///< Of the line, from 1, in which the record that is given begins.
    uint8_t *held;    ///< Owns; lines that are no whole record yet.
    size_t n_held, n_held_lines;
    int depth;   ///< Brackets that are open in a zone.
    bool failed; ///< Memory ran out.
};

/** A line, without its newline; `is_cut`: only its start. */
void nta_list_records_line(struct nta_list_records *records, struct nta_span line, bool is_cut);

/** The file ends here. */
void nta_list_records_end(struct nta_list_records *records);
/** Free what it owns. */
void nta_list_records_done(struct nta_list_records *records);
