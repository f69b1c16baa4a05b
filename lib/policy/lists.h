/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A policy's lists: the files of the configuration, refused or replaced by what was kept; lists of
 * the program's own making behind them (well-known resolvers, the admin's own names, the canary);
 * and the ranges of CDNs and clouds, a set of their own.
 */

#include "blacklist/file/keep.h"
#include "policy/types.h"

/** Behind a file's name: what `nta lists fetch` keeps of it; changed when it was good last. */
#define NTA_FETCH_ENDING ".fetch"

/** The user of nta-lists.service: files of lists that have a url may be its. */
#define NTA_FETCH_USER "nta-lists"

/** Where the compiled lists are; false: they are not kept. */
bool nta_policy_compiled_path(const struct nta_config *config, const char *keep_dir,
                              char buf[NTA_KEPT_PATH_SIZE]);

/** Fill lists, shared, trouble.  0, or negative errno with a sentence. */
int nta_policy_load_lists(const struct nta_policy_inputs *inputs, struct nta_policy *policy,
                          struct nta_buf *complaints, struct nta_err *err);

/**
 * Keep copies of the policy's lists, as they were accepted.  Complaints about what could not be
 * kept.
 */
void nta_policy_keep_lists(const struct nta_policy *policy, const char *keep_dir,
                           struct nta_buf *complaints);

/**
 * Keep the lists compiled for the next policy (blacklist.compiled), unless they came compiled, one
 * of them is a copy in another's place, or one was changed a moment ago (-EAGAIN).  0, or negative
 * errno, which the complaints say then.
 */
int nta_policy_compile_lists(const struct nta_policy *policy, const struct nta_config *config,
                             const char *keep_dir, struct nta_buf *complaints);

/** What the builder is told of the configuration's list number `i`.  Borrows from `config`. */
struct nta_list_source nta_policy_list_source(const struct nta_config *config, size_t i);

/**
 * The first of the configuration's lists that are read from the same file as its list number `i`:
 * that one is held against what was kept, for all of them (one may take another column).
 */
size_t nta_policy_first_of_file(const struct nta_config *config, size_t i);

/**
 * Refuse a list that had `n_then` entries and lost more than the share `limit` of them.  0, or
 * -EINVAL with a sentence.
 */
int nta_policy_check_shrinking(const struct nta_list_report *now, uint64_t n_then,
                               const uint8_t sha256_then[32], double limit, struct nta_err *err);
