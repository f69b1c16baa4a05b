/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How memory.limit is divided: what each bound of the pipeline may come to, added up.
 *
 * Each bound is what the configuration says (flow.table, capture.buffer, ...), as long as all of
 * them together stay within the limit.  Else what is above the least that each needs is made
 * smaller, by the same share of each.  What is divided is what may be used, not what is used: all
 * of it is reserved only, and becomes memory as it is touched (base/memory/area.h).
 *
 * Not in it, since nobody knows it beforehand: lists and databases of places, twice during a
 * reload, and what the kernel keeps of files.
 */

#include "base/err.h"
#include "config/config.h"

#include <stddef.h>
#include <stdint.h>

/** A row for each thing that takes memory. */
#define NTA_BOUNDS_ROWS(ROW)                                                                       \
    ROW(CAPTURE, "kernel buffers")                                                                 \
    ROW(BLOCKS, "packets for workers")                                                             \
    ROW(FRAGMENTS, "fragments")                                                                    \
    ROW(FLOWS, "flows")                                                                            \
    ROW(STREAMS, "streams")                                                                        \
    ROW(STATES, "parser states")                                                                   \
    ROW(FILES, "files to be hashed")                                                               \
    ROW(PACKETS, "packets for alerts")                                                             \
    ROW(BINDINGS, "bindings")                                                                      \
    ROW(TABLES, "other tables")                                                                    \
    ROW(RECORDS, "records")                                                                        \
    ROW(PROGRAM, "program")

enum nta_bounds_row
{
#define ROW(name_, text_) NTA_BOUNDS_##name_,
    NTA_BOUNDS_ROWS(ROW)
#undef ROW
    NTA_N_BOUNDS_ROWS
};

struct nta_bounds
{
    uint64_t limit, sum;               ///< Bytes: memory.limit, and what the rows add up to.
    uint64_t bytes[NTA_N_BOUNDS_ROWS]; ///< Of each row, at most.
    double share;                      ///< 1: each bound is as configured.
    /* the bounds, all workers and sources together but for `bindings`, `blocks`, `buffer` */
    uint64_t flows, stream_bytes, state_bytes, hash_bytes, packets_bytes;
    uint64_t bindings;     ///< Of each worker.
    uint64_t blocks;       ///< Of each worker and source.
    uint64_t buffer_bytes; ///< Of each source.
};

/**
 * For that many workers and sources.  0, or -E2BIG with a sentence that says the least limit that
 * is enough.  Not `is_live`: files have no kernel buffers, and their reading no limit.
 */
int nta_bounds_make(const struct nta_config *config, size_t n_workers, size_t n_sources,
                    bool is_live, struct nta_bounds *ret_bounds, struct nta_err *err);

/** "flows", "parser states", ... */
const char *nta_bounds_row_name(enum nta_bounds_row row);
