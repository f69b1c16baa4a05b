/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The trace of what this process reads (ask/reading.h): one a process, however often it searches
 * and follows, with the command line as the question.
 *
 * Which ntad writes a store?  The one that listens where the configuration says (--config, or the
 * default one, also beside --store), if the store has the chain of the sensor that it says it
 * writes.  A store that the configuration names and whose ntad does not answer is opened with a
 * warning; one that nobody writes here (made by `nta read`, a copy) without.  With --trace nothing
 * is opened unless a trace is left: where no ntad runs, this process writes it into the store, if
 * it can.
 */

#include "base/err.h"
#include "search/search.h"

#include <stdbool.h>
#include <stdint.h>

/** Where records are, and whether a trace must be left.  The texts stay as long as the process. */
struct nta_trace_place
{
    const char *dir, *config; ///< As nta_stores_options has them.
    bool insists;
};

/** Before anything else: the command line, from the command's name on. */
void nta_trace_question(int n_words, char *const *words);

/** What a search of that place is to ask. */
struct nta_search_gate nta_trace_gate(const struct nta_trace_place *place);

/** At the end of the process: how many records were given, if a trace was left. */
void nta_trace_end(void);

/**
 * Another question than the command line's, by somebody whom a service knows (a login): noted by
 * the ntad that writes what this process has opened, with the number of records shown; before they
 * are shown.  Any thread, once the first search has begun.  0, also where no ntad writes the store
 * (and --trace was not said); or negative errno with a sentence: nothing is to be shown.
 */
int nta_trace_view(const char *person, const char *question, uint64_t n_records,
                   struct nta_err *err);

/**
 * What became of what was read, as the hash of a page that was made: noted beside the trace, if one
 * was left, for `nta verify`.  0 and whether it is noted; or negative errno with a sentence.
 */
int nta_trace_deed(const char *question, uint64_t n_records, bool *ret_is_noted,
                   struct nta_err *err);
