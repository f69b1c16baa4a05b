/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What ntad may take of memory: what its bounds add up to (pipeline/limits/bounds.h), what it has,
 * and what the system lets it have.
 */

#include "base/buf.h"
#include "pipeline/limits/bounds.h"

#include <stdbool.h>
#include <stdint.h>

/** Resident, of the whole process; 0: not known. */
uint64_t nta_memory_resident(void);

/** The least that a control group of ours allows (systemd's MemoryMax); UINT64_MAX: any. */
uint64_t nta_memory_max(void);

/**
 * Have the program's own code and data read in, so that no packet waits for the disk that
 * holds them; what is there is left as it is.  As large as the program; its libraries are left out,
 * since little of them is used.  A kernel that cannot do this (before 5.14) is asked in vain.
 */
void nta_memory_page_in(void);

/** Append "bounds add up to 1490 of 2048 MiB (memory.limit)". */
void nta_memory_put_sum(struct nta_buf *out, const struct nta_bounds *bounds);

/** Append the bounds that are smaller than configured, "flow.table 81920, ...". */
void nta_memory_put_smaller(struct nta_buf *out, const struct nta_bounds *bounds);

/**
 * Log how memory is divided, and what does not fit: bounds that are smaller than configured, and
 * what all this may come to, with `policy_bytes` of lists and databases twice as in a reload, if it
 * is more than the system allows.
 */
void nta_memory_log(const struct nta_bounds *bounds, uint64_t policy_bytes);
