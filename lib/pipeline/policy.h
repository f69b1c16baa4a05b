/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The policy: everything a reload replaces, built beside the running one, immutable, published by one pointer.
 */

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "blacklist/blacklist.h"
#include "config/config.h"
#include "geo/geo.h"

#include <stddef.h>
#include <stdint.h>

/** How much of a URL is kept. */
enum nta_url_detail
{
    NTA_URL_FULL,
    NTA_URL_PATH,
    NTA_URL_SITE
};

struct nta_policy
{
    uint64_t generation;         ///< From 1, in log lines and status.
    struct nta_blacklist *lists; ///< Owned.
    struct nta_geo *geo;         ///< Owned.
    struct nta_prefix home[NTA_CONFIG_MAX];
    size_t n_home;
    enum nta_url_detail url_detail;
    bool lookups, flows, requests; ///< Which records are kept beside alerts.
};

/**
 * Build from the configuration.  0, or negative errno with a sentence; `complaints` gets "file:line: reason" lines.
 * `old` (may be NULL) is compared with: a list that shrank too much is refused.
 */
int nta_policy_new(const struct nta_config *config, const struct nta_policy *old,
                   struct nta_policy **ret_policy, struct nta_buf *complaints, struct nta_err *err);
void nta_policy_free(struct nta_policy **policy);

/** True if the address is on the users' side. */
bool nta_policy_is_home(const struct nta_policy *policy, const struct nta_addr *addr);
