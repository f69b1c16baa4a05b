/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nta read says of a run: what was looked for, what could not be read, how far it came.
 * "Nothing found" is an answer only beside what was looked for, and only of what was read.
 */

#include "base/buf.h"
#include "blacklist/blacklist.h"
#include "pipeline/pipeline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The lists, as far as the end speaks of them. */
struct nta_looked_for
{
    size_t n_lists;     ///< That forbid, and were given.
    uint64_t n_entries; ///< Of them.
    char name[64];      ///< Of the only one.
};

/** A run at its end. */
struct nta_read_run
{
    const struct nta_pipeline *pipeline;
    const struct nta_looked_for *looked_for;
    const struct nta_buf *wrong; ///< Sentences of files that were not read whole, a line each.
    bool interrupted;            ///< Before all was read.
    bool json;
};

/** Sums over the lists that deny; their names borrow from nobody. */
void nta_looked_for_fill(const struct nta_blacklist *lists, struct nta_looked_for *ret_looked_for);

/** Standard output, in place of the table: that there is no row, and what that means. */
void nta_read_report_nothing(const struct nta_read_run *run);

/**
 * Standard error: whatever makes the answer less than whole.  NTA_EXIT_OK: nothing does; else
 * NTA_EXIT_INPUT.
 */
int nta_read_report_missing(const struct nta_read_run *run);
