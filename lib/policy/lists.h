/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A policy's lists (part of policy.h): the files of the configuration, refused or replaced by what was kept; lists of
 * the program's own making behind them (well-known resolvers, the admin's own names, the canary); and the ranges of
 * CDNs and clouds, a set of their own.
 */

#include "blacklist/file/keep.h"
#include "policy/policy.h"

/** The name of the list that holds the canary. */
#define NTA_CANARY_LIST "canary"

/** Where the compiled lists are; false: they are not kept. */
bool nta_policy_compiled_path(const struct nta_config *config, const char *keep_dir,
                              char buf[NTA_KEPT_PATH_SIZE]);

/** Fill lists, shared, trouble.  0, or negative errno with a sentence. */
int nta_policy_load_lists(const struct nta_policy_inputs *inputs, struct nta_policy *policy,
                          struct nta_buf *complaints, struct nta_err *err);

/** What the builder is to be told of the configuration's list number `i`.  Borrows from `config`. */
struct nta_list_source nta_policy_list_source(const struct nta_config *config, size_t i);

/** Refuse a list that had `n_then` entries and lost more than the share `limit` of them.  0, or -EINVAL with a sentence. */
int nta_policy_check_shrinking(const struct nta_list_report *now, uint64_t n_then,
                               const uint8_t sha256_then[32], double limit, struct nta_err *err);
