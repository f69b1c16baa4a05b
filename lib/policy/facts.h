/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a policy's record says of it: hashes of the configuration, of each list and of each geo
 * database.  Gathering them takes as long as reading the files that have changed, so whoever makes
 * a policy does it there; the record itself is made when the policy comes into force.
 *
 * All records that are made under a policy have the first 8 bytes of its record's SHA-256
 * (`stamp`).
 */

#include "policy/types.h"
#include "record/batch.h"

/**
 * Gather, and keep the texts of its lists in `history_dir` (blacklist/file/history.h); complaints
 * about what could not be kept.  0, or -ENOMEM.
 */
int nta_policy_gather(struct nta_policy *policy, const struct nta_config *config,
                      const char *history_dir, struct nta_buf *complaints);

/** What is not the policy's own, but stands in its record.  Borrows. */
struct nta_policy_surroundings
{
    const struct nta_log_interface *interfaces;
    size_t n_interfaces;
    int64_t wall_ns; ///< When it comes into force.
};

/** A policy's record.  Borrows from the policy, itself and the surroundings. */
struct nta_policy_record
{
    struct nta_record record;
    struct nta_record_log log;
    char build[65];
};

/**
 * Make the record, and stamp the policy by it.  0; -ENODATA: nothing was gathered, it has none;
 * -ENOMEM.
 */
int nta_policy_describe(struct nta_policy *policy,
                        const struct nta_policy_surroundings *surroundings,
                        struct nta_policy_record *ret_record);

/**
 * Put the record into an empty batch that a new sensor's first batch has (vault/vault.h): the
 * program, its build and the clock; nothing else is in force yet.  0, or -ENOMEM.
 */
int nta_policy_first(int64_t wall_ns, struct nta_batch *batch);
