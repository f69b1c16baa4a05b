/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a policy is, and what one is made from; who makes it is policy.h's. */

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/url.h"
#include "blacklist/blacklist.h"
#include "config/config.h"
#include "geo/geo.h"
#include "who/people.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Which matches by address alone are alerts. */
enum nta_weak_alerts
{
    NTA_WEAK_ALL,
    NTA_WEAK_UNSHARED, ///< Not those in ranges of CDNs and clouds.
    NTA_WEAK_NONE
};

/** For whom and when one list counts (scope.h). */
struct nta_scope
{
    struct nta_whom_set only_for, not_for; ///< Owns.
    struct nta_hours hours;
    bool records; ///< It raises no alert.
};
struct nta_policy_facts; ///< Opaque.

/** Which files that are seen in clear are hashed. */
enum nta_hash_files
{
    NTA_HASH_MATCHES, ///< Those that a list may be about.
    NTA_HASH_ALL,
    NTA_HASH_NONE,
};

/** How users are named; more is less. */
enum nta_naming
{
    NTA_NAMING_FULL,
    NTA_NAMING_PSEUDONYM, ///< By a number that an auditor can open.
    NTA_NAMING_NONE,
};

struct nta_policy
{
    uint64_t generation; ///< From 1, in log lines and status.
    /** First 8 bytes of the SHA-256 of its record, which all under it have; 0: it has none. */
    uint64_t stamp;
    struct nta_blacklist *lists;  ///< Owned.
    struct nta_blacklist *shared; ///< Owned; ranges of CDNs and clouds, a list each; NULL: none.
    struct nta_geo *geo;          ///< Owned.
    struct nta_people *people;    ///< Owned; NULL: none.
    struct nta_whom_set never;    ///< Owned; of whom nothing is recorded.
    struct nta_scope *scopes;     ///< Owned; of the configuration's lists, by their numbers.
    size_t n_scopes;
    /** Owned; what its record says of it (facts.h); NULL: it has none. */
    struct nta_policy_facts *facts;
    struct nta_prefix home[NTA_CONFIG_MAX];
    size_t n_home;
    enum nta_url_detail url_detail;
    enum nta_weak_alerts weak_alerts;
    enum nta_hash_files hash_files;
    enum nta_naming record_naming, alert_naming; ///< Alerts name nobody whom records do not.
    int64_t max_age_ns; ///< A list whose file is older is a trouble; 0: none is.
    /** Which records are kept beside alerts. */
    bool lookups, flows, requests, outer_flows, downloads;
    uint64_t user_rate;         ///< Records a second of one user; 0: as many as there are.
    uint64_t download_bytes;    ///< So much content of any kind is a download.
    bool hashes;                ///< Some list holds hashes of files, so they are made.
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
