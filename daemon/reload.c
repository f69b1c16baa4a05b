/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/log.h"
#include "base/own.h"
#include "base/text.h"
#include "ntad.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void log_list(const struct nta_list_report *list)
{
    char name[128], hash[65];

    for (size_t i = 0; i < 32; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", list->sha256[i]);
    nta_log_info("list %s%s: %" PRIu64 " entries, %" PRIu64 " duplicates, %" PRIu64
                 " lines skipped, %" PRIu64 " not understood, sha256 %s",
                 nta_text_escape_to(name, sizeof(name), nta_span_of(list->name)),
                 list->allow ? " (allow)" : "", nta_list_report_entries(list) - list->n_duplicates,
                 list->n_duplicates, list->n_skipped, list->n_bad, hash);
}

/** How many lists there are of the admin's own. */
static size_t n_listed(const struct nta_blacklist *lists)
{
    size_t n = 0;

    for (size_t i = 0; i < nta_blacklist_n_lists(lists); i++)
        n += !nta_blacklist_get_list(lists, i)->internal;
    return n;
}

void nta_daemon_log_policy(const struct nta_policy *policy)
{
    for (size_t i = 0; i < nta_blacklist_n_lists(policy->lists); i++)
        if (!nta_blacklist_get_list(policy->lists, i)->internal)
            log_list(nta_blacklist_get_list(policy->lists, i));
    for (size_t i = 0; i < nta_geo_n_files(policy->geo); i++) {
        struct nta_geo_info info;
        char path[256], type[64], built[NTA_TIME_TEXT_SIZE];

        nta_geo_get_info(policy->geo, i, &info);
        nta_log_info("geo %s: %s of %.10s, %" PRIu64 " bytes",
                     nta_text_escape_to(path, sizeof(path), nta_span_of(info.path)),
                     nta_text_escape_to(type, sizeof(type), nta_span_of(info.type)),
                     nta_clock_text(info.built_wall_ns, built), info.bytes);
    }
    if (n_listed(policy->lists) == 0)
        nta_log_warning("no blacklist is configured: nothing can be found");
}

/** Each line of it is a line of the log. */
static void log_complaints(const struct nta_buf *complaints)
{
    struct nta_span rest = nta_buf_span(complaints);

    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        size_t n = end ? (size_t)(end - rest.ptr) : rest.len;

        nta_log_warning("%.*s", (int)n, (const char *)rest.ptr);
        rest.ptr += n + (end != NULL);
        rest.len -= n + (end != NULL);
    }
}

int nta_daemon_make_policy(const struct nta_daemon *daemon, const struct nta_config *config,
                           const struct nta_policy *old, struct nta_policy **ret_policy,
                           struct nta_err *err)
{
    const struct nta_policy_inputs inputs = {
        .config = config, .old = old, .keep_dir = daemon->keep_dir};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_policy *policy = NULL;
    int r = nta_policy_make(&inputs, &policy, &complaints, err);

    if (r == 0)
        nta_policy_keep_lists(policy, daemon->keep_dir, &complaints);
    log_complaints(&complaints);
    if (r < 0)
        return r;
    nta_daemon_log_policy(policy);
    *ret_policy = policy;
    return 0;
}

static void note_change(void *owner, const char *name, bool live)
{
    (void)owner;
    if (!live)
        nta_log_warning("%s was changed and needs a restart", name);
}

void nta_daemon_reload(struct nta_daemon *daemon)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    struct nta_policy *policy = NULL;
    const struct nta_policy *old = nta_pipeline_policy(daemon->pipeline);
    struct nta_err err = {0};

    nta_alerter_reopen(daemon->alerter);
    int r = nta_config_load(daemon->config_path, &config, &err);

    if (r == 0)
        r = nta_daemon_make_policy(daemon, config, old, &policy, &err);
    if (r < 0 || !policy) {
        daemon->n_reloads_refused++;
        daemon->reload_err = err;
        nta_log_error("reload refused, policy %" PRIu64 " stays: %s", old->generation, err.text);
        return;
    }
    nta_config_diff(daemon->config, config, note_change, NULL);
    uint64_t generation = policy->generation;

    nta_pipeline_set_policy(daemon->pipeline, policy);
    daemon->n_reloads++;
    daemon->policy_wall_ns = nta_clock_wall_ns();
    daemon->reload_err = (struct nta_err){0};
    nta_log_notice("reloaded: policy %" PRIu64 " is in force", generation);
}
