/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How many threads there are, and where they run. */

#include "base/err.h"
#include "config/where.h"

#include <stddef.h>

enum
{
    NTA_WORKERS_MAX = 64 ///< Fewer than NTA_EPOCH_READERS.
};

enum
{
    NTA_WORKERS_PER_SOURCE = 2 ///< So many keep up with one capture thread at full rate.
};

/**
 * How many workers to start, 1 or more, on `n_cores`: as many as `configured`; 0: those that help.
 * A capture thread is full at 1.2 to 2 workers, so more would only wait, and each wait costs.
 */
static inline size_t nta_workers_for(size_t configured, size_t n_cores, size_t n_sources)
{
    const size_t useful = NTA_WORKERS_PER_SOURCE * (n_sources > 0 ? n_sources : 1);
    const size_t free_cores = n_cores > 1 ? n_cores - 1 : 1;

    return configured > 0 ? configured : useful < free_cores ? useful : free_cores;
}

/**
 * Processors that capture threads and workers may run on, 1 or more: those of the list `cpus`
 * (capture.cpus; empty: all) that are there for us.
 */
size_t nta_threads_count_cores(const char *cpus);

/** Workers, for so many threads that capture. */
size_t nta_threads_choose_workers(const struct nta_config *config, size_t n_sources);

/**
 * The processors of capture.cpus.  0, or -EINVAL with a sentence: one of them is not there for us;
 * else somebody would run where nobody wants him.
 */
int nta_threads_choose_cpus(const struct nta_config *config, unsigned ret_cpus[NTA_CPUS_MAX],
                            size_t *ret_n, struct nta_err *err);
