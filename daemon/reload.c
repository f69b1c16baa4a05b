/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"
#include "base/text.h"
#include "inside.h"
#include "policy/facts.h"
#include "policy/lists.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum
{
    LOAD_NICENESS = 10 ///< Behind all others, but not so far that a busy machine never reloads.
};

static void log_list(const struct nta_list_report *list)
{
    char name[128], hash[NTA_HEX_SIZE(sizeof(list->sha256))];

    nta_log_info("list %s%s: %" PRIu64 " entries, %" PRIu64 " duplicates, %" PRIu64
                 " lines skipped, %" PRIu64 " not understood, sha256 %s",
                 nta_text_escape_to(name, sizeof(name), nta_span_of(list->name)),
                 list->allow ? " (allow)" : "", nta_list_report_entries(list) - list->n_duplicates,
                 list->n_duplicates, list->n_skipped, list->n_bad,
                 nta_hex_text(list->sha256, sizeof(list->sha256), hash));
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
    if (policy->compiled)
        nta_log_info("no list has changed: they are taken as they were compiled");
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
        nta_log_warning("no blacklist is configured: no listed site can be found");
}

/** Each line of it is a line of the log. */
static void log_complaints(const struct nta_buf *complaints)
{
    struct nta_span rest = nta_buf_span(complaints);

    while (rest.len > 0) {
        const struct nta_span line = nta_span_take(&rest, '\n');

        nta_log_warning("%.*s", (int)line.len, (const char *)line.ptr);
    }
}

int nta_daemon_make_policy(const struct nta_daemon *daemon, const struct nta_config *config,
                           const struct nta_policy *old, struct nta_policy **ret_policy,
                           struct nta_err *err)
{
    const struct nta_policy_inputs inputs = {.config = config,
                                             .old = old,
                                             .keep_dir = daemon->keep_dir,
                                             .canary = daemon->canary.name[0] ? daemon->canary.name
                                                                              : NULL,
                                             .adopts = true};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    struct nta_policy *policy = NULL;
    int r = nta_policy_make(&inputs, &policy, &complaints, err);

    if (r == 0)
        nta_policy_keep_lists(policy, daemon->keep_dir, &complaints);
    if (r == 0)
        (void)nta_policy_compile_lists(policy, config, daemon->keep_dir, &complaints);
    if (r == 0 && nta_policy_gather(policy, config, daemon->history_dir, &complaints) < 0)
        nta_log_error("what the policy consists of cannot be recorded: out of memory");
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

int nta_daemon_start_loading(struct nta_daemon *daemon, struct nta_err *err)
{
    daemon->loading.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (daemon->loading.done_fd < 0)
        return nta_err_sys(err, -errno, "reloads");
    nta_daemon_watch(daemon, daemon->config);
    return 0;
}

void nta_daemon_stop_loading(struct nta_daemon *daemon)
{
    struct nta_loading *loading = &daemon->loading;

    nta_thread_join(&loading->thread);
    nta_policy_free(&loading->policy);
    nta_config_free(&loading->config);
    nta_own_close(&loading->done_fd);
    loading->done_fd = -1;
    nta_own_close(&daemon->watch.fd);
    daemon->watch.fd = -1;
}

/**
 * The thread.  What it reads of the daemon stays as it is meanwhile: only main, having joined it,
 * publishes.
 */
static void *load(void *arg)
{
    struct nta_daemon *daemon = arg;
    struct nta_loading *loading = &daemon->loading;
    const struct nta_policy *old = nta_pipeline_policy(daemon->pipeline);
    uint64_t one = 1;

    loading->result = nta_config_load(daemon->config_path, &loading->config, &loading->err);
    if (loading->result == 0)
        loading->result =
            nta_daemon_make_policy(daemon, loading->config, old, &loading->policy, &loading->err);
    nta_desk_find_readers(&daemon->desk);
    (void)!write(loading->done_fd, &one, sizeof(one));
    return NULL;
}

uint64_t nta_daemon_reload(struct nta_daemon *daemon)
{
    struct nta_loading *loading = &daemon->loading;
    /* packets come first; where that is not allowed, it goes on as it is */
    const struct nta_thread_options options = {.name = "nta-loader", .nice = LOAD_NICENESS};
    const uint64_t next = daemon->n_reloads + daemon->n_reloads_refused + 1;
    uint64_t one = 1;

    daemon->watch.due_mono_ns = 0; /* what has changed is read now */
    loading->again = loading->thread.is_started;
    if (loading->thread.is_started)
        return next + 1; /* the one at work may have read some of it before */
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, nta_clock_mono_ns() / 1000);
    nta_alerter_reopen(daemon->alerter);
    loading->err = (struct nta_err){0};
    int r = nta_thread_start(&options, load, daemon, &loading->thread);

    if (r == 0)
        return next; /* the result is the thread's from now on */
    loading->result = nta_err_sys(&loading->err, r, "cannot start a thread to load lists");
    (void)!write(loading->done_fd, &one, sizeof(one)); /* main says so when it sees it */
    return next;
}

static void refuse(struct nta_daemon *daemon)
{
    daemon->n_reloads_refused++;
    daemon->reload_err = daemon->loading.err;
    (void)nta_err_prefix(&daemon->loading.err, 0, "policy %" PRIu64 " stays",
                         nta_pipeline_policy(daemon->pipeline)->generation);
    nta_health_set(daemon->health, NTA_CAUSE_RELOAD, NULL); /* each one is told */
    nta_health_set(daemon->health, NTA_CAUSE_RELOAD, daemon->loading.err.text);
    nta_daemon_log_health(daemon);
}

static void take_over(struct nta_daemon *daemon)
{
    struct nta_loading *loading = &daemon->loading;
    uint64_t generation = loading->policy->generation;

    nta_config_diff(daemon->config, loading->config, note_change, NULL);
    nta_pipeline_set_policy(daemon->pipeline, NTA_TAKE(loading->policy));
    nta_daemon_watch(daemon, loading->config);
    daemon->n_reloads++;
    daemon->policy_wall_ns = nta_clock_wall_ns();
    daemon->reload_err = (struct nta_err){0};
    nta_health_set(daemon->health, NTA_CAUSE_RELOAD, NULL);
    nta_log_notice("reloaded: policy %" PRIu64 " is in force", generation);
}

void nta_daemon_loaded(struct nta_daemon *daemon)
{
    struct nta_loading *loading = &daemon->loading;
    uint64_t n;

    (void)!read(loading->done_fd, &n, sizeof(n));
    nta_thread_join(&loading->thread);
    if (loading->result == 0 && loading->policy)
        take_over(daemon);
    else
        refuse(daemon);
    nta_policy_free(&loading->policy);
    nta_config_free(&loading->config);
    (void)sd_notify(0, "READY=1");
    if (loading->again)
        (void)nta_daemon_reload(daemon);
}
