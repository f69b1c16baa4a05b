/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The policy: everything a reload replaces, built beside the running one, immutable, published by one pointer.
 */

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/url.h"
#include "blacklist/blacklist.h"
#include "config/config.h"
#include "geo/geo.h"

#include <stddef.h>
#include <stdint.h>

/** Which matches by address alone are alerts. */
enum nta_weak_alerts
{
    NTA_WEAK_ALL,
    NTA_WEAK_UNSHARED, ///< Not those in ranges of CDNs and clouds.
    NTA_WEAK_NONE
};

struct nta_policy
{
    uint64_t generation;          ///< From 1, in log lines and status.
    struct nta_blacklist *lists;  ///< Owned.
    struct nta_blacklist *shared; ///< Owned; ranges of CDNs and clouds, a list each; NULL: none.
    struct nta_geo *geo;          ///< Owned.
    struct nta_prefix home[NTA_CONFIG_MAX];
    size_t n_home;
    enum nta_url_detail url_detail;
    enum nta_weak_alerts weak_alerts;
    int64_t max_age_ns; ///< A list whose file is older is a trouble; 0: none is.
    bool lookups, flows, requests, outer_flows; ///< Which records are kept beside alerts.
    bool compiled;              ///< Its lists were not read but taken as they were compiled.
    char canary[NTA_NAME_SIZE]; ///< A name that only this process knows; empty: none.
    struct nta_err trouble; ///< Which list was refused at the start and replaced by its kept copy.
};

/** What a policy is made from. */
struct nta_policy_inputs
{
    const struct nta_config *config;
    const struct nta_policy *old; ///< A reload: what is in force; a list that shrank is refused.
    const char *keep_dir; ///< Folder of lists as last accepted (blacklist/file/keep.h); NULL: none.
    const char *canary;   ///< Name to be found by workers; NULL: none.
    bool adopts; ///< The caller goes by the policy's canary: compiled lists may bring theirs.
};

/**
 * Build.  0, or negative errno with a sentence; `complaints` gets "file:line: reason" lines.  At a start (without
 * `old`), a list that is refused is replaced by its kept copy, which `trouble` then says.
 */
int nta_policy_make(const struct nta_policy_inputs *inputs, struct nta_policy **ret_policy,
                    struct nta_buf *complaints, struct nta_err *err);

/** The same without anything kept and without a canary. */
int nta_policy_new(const struct nta_config *config, const struct nta_policy *old,
                   struct nta_policy **ret_policy, struct nta_buf *complaints, struct nta_err *err);
/** Takes NULL too.  No worker may hold it any more. */
void nta_policy_free(struct nta_policy **policy);

/** Keep copies of the policy's lists, as they were accepted.  Complaints about what could not be kept. */
void nta_policy_keep_lists(const struct nta_policy *policy, const char *keep_dir,
                           struct nta_buf *complaints);

/**
 * Keep the lists compiled for the next policy (blacklist.compiled), unless they came compiled, one of them is a copy in
 * another's place, or one was changed a moment ago (-EAGAIN).  0, or negative errno, which the complaints say then.
 */
int nta_policy_compile_lists(const struct nta_policy *policy, const struct nta_config *config,
                             const char *keep_dir, struct nta_buf *complaints);

/** True if the address is on the users' side. */
bool nta_policy_is_home(const struct nta_policy *policy, const struct nta_addr *addr);

/** Who is the user of a connection, and who the peer; borrows the addresses. */
struct nta_ends
{
    const struct nta_addr *user, *peer;
    bool user_is_client;
};

/** The user is the side at home; if both are or neither is, the client. */
struct nta_ends nta_policy_ends(const struct nta_policy *policy, const struct nta_addr *client,
                                const struct nta_addr *server);
