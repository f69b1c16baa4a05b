/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include "base/own.h"
#include "policy/lists.h"
#include "policy/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void nta_policy_free(struct nta_policy **policy)
{
    if (!*policy)
        return;
    nta_blacklist_free(&(*policy)->lists);
    nta_blacklist_free(&(*policy)->shared);
    nta_geo_free(&(*policy)->geo);
    nta_people_free(&(*policy)->people);
    nta_whom_set_done(&(*policy)->never);
    nta_scopes_free(*policy);
    free((*policy)->facts);
    free(*policy);
    *policy = NULL;
}

static enum nta_url_detail url_detail(const char *word)
{
    if (word && strcmp(word, "site") == 0)
        return NTA_URL_SITE;
    if (word && strcmp(word, "path") == 0)
        return NTA_URL_PATH;
    return NTA_URL_FULL;
}

static enum nta_hash_files hash_files(const char *word)
{
    if (strcmp(word, "all") == 0)
        return NTA_HASH_ALL;
    return strcmp(word, "none") == 0 ? NTA_HASH_NONE : NTA_HASH_MATCHES;
}

static enum nta_naming naming(const char *word)
{
    if (word && strcmp(word, "none") == 0)
        return NTA_NAMING_NONE;
    return word && strcmp(word, "pseudonym") == 0 ? NTA_NAMING_PSEUDONYM : NTA_NAMING_FULL;
}

static void take_naming(const struct nta_config *config, struct nta_policy *policy)
{
    policy->record_naming = naming(config->record.who);
    policy->alert_naming = naming(config->alert.who);
    if (policy->alert_naming < policy->record_naming)
        policy->alert_naming = policy->record_naming; /* they are made of records */
}

static enum nta_weak_alerts weak_alerts(const char *word)
{
    if (word && strcmp(word, "none") == 0)
        return NTA_WEAK_NONE;
    return word && strcmp(word, "unshared") == 0 ? NTA_WEAK_UNSHARED : NTA_WEAK_ALL;
}

static int take_never(const struct nta_config *config, struct nta_policy *policy,
                      struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < config->record.n_never && r == 0; i++)
        r = nta_whom_set_add(&policy->never, config->record.never[i], err);
    return r < 0 ? nta_err_prefix(err, r, "record.never") : 0;
}

int nta_policy_make(const struct nta_policy_inputs *inputs, struct nta_policy **ret_policy,
                    struct nta_buf *complaints, struct nta_err *err)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = calloc(1, sizeof(*policy));
    const struct nta_config *config = inputs->config;

    if (!policy)
        return nta_err_sys(err, -ENOMEM, "policy");
    policy->generation = inputs->old ? inputs->old->generation + 1 : 1;
    policy->n_home = config->network.n_home;
    memcpy(policy->home, config->network.home, sizeof(policy->home));
    policy->url_detail = url_detail(config->record.url);
    policy->max_age_ns = config->blacklist.max_age_ns;
    policy->weak_alerts = weak_alerts(config->alert.weak);
    policy->hash_files = hash_files(config->record.hash);
    take_naming(config, policy);
    policy->lookups = config->record.lookups;
    policy->flows = config->record.flows;
    policy->outer_flows = config->record.carriers;
    policy->requests = config->record.requests;
    policy->downloads = config->record.downloads;
    policy->user_rate = config->record.user_rate;
    policy->download_bytes = config->alert.download_bytes;
    int r = take_never(config, policy, err);

    if (r == 0)
        r = nta_policy_load_lists(inputs, policy, complaints, err);

    if (r < 0)
        return r;
    r = nta_geo_open((const char *const *)config->geo.databases, config->geo.n_databases,
                     config->network.sites, &policy->geo, err);
    if (r == 0 && config->who.users && config->who.users[0])
        r = nta_people_load(config->who.users, &policy->people, err);
    if (r < 0)
        return r;
    *ret_policy = NTA_TAKE(policy);
    return 0;
}

int nta_policy_new(const struct nta_config *config, const struct nta_policy *old,
                   struct nta_policy **ret_policy, struct nta_buf *complaints, struct nta_err *err)
{
    const struct nta_policy_inputs inputs = {.config = config, .old = old};

    return nta_policy_make(&inputs, ret_policy, complaints, err);
}

bool nta_policy_is_home(const struct nta_policy *policy, const struct nta_addr *addr)
{
    return nta_prefix_any(policy->home, policy->n_home, addr);
}

struct nta_ends nta_policy_ends(const struct nta_policy *policy, const struct nta_addr *client,
                                const struct nta_addr *server)
{
    bool client_is_user = nta_policy_is_home(policy, client) || !nta_policy_is_home(policy, server);

    return nta_ends_of(client, server, client_is_user);
}
