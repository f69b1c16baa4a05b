/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/policy.h"

#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Lists shorter than this may shrink as they like. */
enum
{
    SHRINK_LEAST = 100
};

void nta_policy_free(struct nta_policy **policy)
{
    if (!*policy)
        return;
    nta_blacklist_free(&(*policy)->lists);
    nta_geo_free(&(*policy)->geo);
    free(*policy);
    *policy = NULL;
}

static uint64_t n_entries(const struct nta_list_report *list)
{
    return list->n_domains + list->n_addresses + list->n_cidrs + list->n_urls + list->n_duplicates;
}

static const struct nta_list_report *find_list(const struct nta_blacklist *set, const char *path)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(set, i);

        if (strcmp(list->path, path) == 0)
            return list;
    }
    return NULL;
}

/** A list that lost more than the configured share of its entries is a broken download, not an update. */
static int check_shrinking(const struct nta_config *config, const struct nta_policy *old,
                           const struct nta_policy *new_policy, struct nta_err *err)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(new_policy->lists); i++) {
        const struct nta_list_report *now = nta_blacklist_get_list(new_policy->lists, i);
        const struct nta_list_report *then = find_list(old->lists, now->path);
        char shown[256];

        if (!then || n_entries(then) < SHRINK_LEAST)
            continue;
        double least = (double)n_entries(then) * (1.0 - config->blacklist.shrink_limit);

        if ((double)n_entries(now) < least)
            return nta_err_set(
                err, -EINVAL, "%s: shrank from %llu to %llu entries (blacklist.shrink_limit is %g)",
                nta_text_escape_to(shown, sizeof(shown), nta_span_of(now->path)),
                (unsigned long long)n_entries(then), (unsigned long long)n_entries(now),
                config->blacklist.shrink_limit);
    }
    return 0;
}

static int load_lists(const struct nta_config *config, struct nta_policy *policy,
                      struct nta_buf *complaints, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    int r = nta_blacklist_builder_new(&builder, err);

    if (r < 0)
        return r;
    for (size_t i = 0; i < config->blacklist.n_files; i++) {
        const struct nta_config_list *file = &config->blacklist.files[i];
        const struct nta_list_source source = {
            .path = file->path,
            .name = file->name,
            .category = file->category,
            .allow = file->allow,
            .any_owner = file->any_owner,
        };

        r = nta_blacklist_builder_add(builder, &source, complaints, err);
        if (r < 0)
            return r;
    }
    return nta_blacklist_builder_build(builder, &policy->lists, err);
}

static enum nta_url_detail url_detail(const char *word)
{
    if (word && strcmp(word, "site") == 0)
        return NTA_URL_SITE;
    if (word && strcmp(word, "path") == 0)
        return NTA_URL_PATH;
    return NTA_URL_FULL;
}

int nta_policy_new(const struct nta_config *config, const struct nta_policy *old,
                   struct nta_policy **ret_policy, struct nta_buf *complaints, struct nta_err *err)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = calloc(1, sizeof(*policy));

    if (!policy)
        return nta_err_sys(err, -ENOMEM, "policy");
    policy->generation = old ? old->generation + 1 : 1;
    policy->n_home = config->network.n_home;
    memcpy(policy->home, config->network.home, sizeof(policy->home));
    policy->url_detail = url_detail(config->record.url);
    policy->lookups = config->record.lookups;
    policy->flows = config->record.flows;
    policy->requests = config->record.requests;
    int r = load_lists(config, policy, complaints, err);

    if (r < 0)
        return r;
    if (old) {
        r = check_shrinking(config, old, policy, err);
        if (r < 0)
            return r;
    }
    r = nta_geo_open((const char *const *)config->geo.databases, config->geo.n_databases,
                     config->network.sites, &policy->geo, err);
    if (r < 0)
        return r;
    *ret_policy = NTA_TAKE(policy);
    return 0;
}

bool nta_policy_is_home(const struct nta_policy *policy, const struct nta_addr *addr)
{
    return nta_prefix_any(policy->home, policy->n_home, addr);
}
