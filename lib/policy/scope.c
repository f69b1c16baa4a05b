/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/scope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool records(const struct nta_config_list *list)
{
    return list->action && strcmp(list->action, "record") == 0;
}

bool nta_scope_is_narrow(const struct nta_config_list *list)
{
    return list->only_for.n || list->not_for.n || list->hours.hours.n || records(list);
}

int nta_scopes_make(const struct nta_config *config, struct nta_policy *policy)
{
    const size_t n = config->blacklist.n_files;
    int r = 0;

    tzset(); /* the machine may have another zone since the last policy; glibc locks it */
    policy->scopes = n ? calloc(n, sizeof(*policy->scopes)) : NULL;
    if (n && !policy->scopes)
        return -ENOMEM;
    policy->n_scopes = n;
    for (size_t i = 0; i < n && r == 0; i++) {
        const struct nta_config_list *list = &config->blacklist.files[i];
        struct nta_scope *scope = &policy->scopes[i];

        scope->hours = list->hours.hours;
        scope->records = records(list);
        r = nta_whom_set_copy(&list->only_for, &scope->only_for);
        if (r == 0)
            r = nta_whom_set_copy(&list->not_for, &scope->not_for);
    }
    return r;
}

void nta_scopes_free(struct nta_policy *policy)
{
    for (size_t i = 0; i < policy->n_scopes; i++) {
        nta_whom_set_done(&policy->scopes[i].only_for);
        nta_whom_set_done(&policy->scopes[i].not_for);
    }
    free(policy->scopes);
    policy->scopes = NULL;
    policy->n_scopes = 0;
}

const struct nta_scope *nta_scope_of(const struct nta_policy *policy,
                                     const struct nta_list_report *list)
{
    return list->narrowed && list->number < policy->n_scopes ? &policy->scopes[list->number] : NULL;
}

static bool has_vlan(const struct nta_who *who, uint16_t vlan)
{
    for (size_t i = 0; i < who->n_vlans; i++) {
        if (who->vlans[i] == vlan)
            return true;
    }
    return false;
}

static bool is_named(struct nta_span name, const char *wanted)
{
    return name.len > 0 && nta_span_is(name, wanted);
}

static bool is_meant(const struct nta_whom *whom, const struct nta_who *who)
{
    switch (whom->kind) {
    case NTA_WHOM_PREFIX: return who->addr && nta_prefix_has(&whom->prefix, who->addr);
    case NTA_WHOM_VLAN: return has_vlan(who, whom->vlan);
    case NTA_WHOM_DEPARTMENT: return is_named(who->department, whom->name);
    case NTA_WHOM_LOGIN: return is_named(who->login, whom->name);
    case NTA_WHOM_PERSON: return is_named(who->person, whom->name);
    case NTA_WHOM_DEVICE: return is_named(who->device, whom->name);
    }
    return false;
}

/** The first of the set that means this user, or NULL. */
static const struct nta_whom *find(const struct nta_whom_set *set, const struct nta_who *who)
{
    for (size_t i = 0; i < set->n; i++) {
        if (is_meant(&set->items[i], who))
            return &set->items[i];
    }
    return NULL;
}

bool nta_scope_means(const struct nta_whom_set *set, const struct nta_who *who)
{
    return find(set, who) != NULL;
}

enum nta_scope_answer nta_scope_ask(const struct nta_scope *scope, const struct nta_who *who,
                                    const struct nta_whom **ret_whom)
{
    *ret_whom = NULL;
    if (!scope)
        return NTA_SCOPE_COUNTS;
    *ret_whom = find(&scope->not_for, who);
    if (*ret_whom)
        return NTA_SCOPE_NOT_FOR;
    if (scope->only_for.n && !find(&scope->only_for, who))
        return NTA_SCOPE_FOR_OTHERS;
    return nta_hours_at(&scope->hours, who->wall_ns) ? NTA_SCOPE_COUNTS : NTA_SCOPE_OUT_OF_HOURS;
}

enum nta_list_weight nta_scope_weigh(const struct nta_policy *policy,
                                     const struct nta_list_report *list, const struct nta_who *who)
{
    const struct nta_scope *scope = nta_scope_of(policy, list);
    const struct nta_whom *whom;

    if (nta_scope_ask(scope, who, &whom) != NTA_SCOPE_COUNTS)
        return NTA_LIST_OUT;
    return scope && scope->records ? NTA_LIST_YIELDS : NTA_LIST_COUNTS;
}

bool nta_scope_only_records(const struct nta_policy *policy, const struct nta_list_report *list)
{
    const struct nta_scope *scope = nta_scope_of(policy, list);

    return scope && scope->records;
}
