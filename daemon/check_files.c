/* SPDX-License-Identifier: Apache-2.0 */
/* --check of what is read: interfaces, filter, lists, geo databases, keys. */
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "check.h"
#include "memory.h"
#include "pipeline/commit/key_state.h"
#include "vault/keycheck.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static bool is_set(const char *text)
{
    return text && text[0];
}

/* ---- interfaces and filter ---- */

static void report_no_interface(struct nta_checking *checking)
{
    struct if_nameindex *names = if_nameindex();
    struct nta_err err = {0};
    char there[256] = "";

    for (struct if_nameindex *n = names; n && n->if_index; n++)
        (void)snprintf(there + strlen(there), sizeof(there) - strlen(there), "%s, ", n->if_name);
    if (names)
        if_freenameindex(names);
    (void)nta_err_set(&err, -EINVAL, "capture.interfaces names no interface; there are: %sany",
                      there);
    nta_check_fault(checking, "interfaces", -EINVAL, err.text);
}

/** For the kind of link that its interface has; for Ethernet if that cannot be opened. */
static void check_filter(struct nta_checking *checking, const char *filter, int link_type)
{
    struct nta_err err = {0};
    char shown[256];
    int r = nta_capture_check_filter(filter, link_type, &err);

    if (r < 0)
        nta_check_fault(checking, "filter", r, err.text);
    else
        nta_check_fine("filter", "%s",
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(filter)));
}

/** The same filter on the same kind of link, or on any that could be opened if this one cannot. */
static bool is_repeat(const struct nta_daemon *daemon, const int *link_types, size_t i)
{
    for (size_t k = 0; k < daemon->config->capture.n_interfaces; k++) {
        if (daemon->sources[k].filter == daemon->sources[i].filter &&
            ((k < i && link_types[k] == link_types[i]) ||
             (link_types[i] < 0 && link_types[k] >= 0)))
            return true;
    }
    return false;
}

static void check_filters(struct nta_checking *checking, const int *link_types)
{
    const struct nta_daemon *daemon = checking->daemon;
    const struct nta_capture_options *sources = daemon->sources;
    const size_t n = daemon->config->capture.n_interfaces;
    const char *common = daemon->config->capture.filter;
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (sources[i].filter && !is_repeat(daemon, link_types, i))
            check_filter(checking, sources[i].filter, link_types[i]);
        any = any || sources[i].filter;
    }
    if (n == 0 && is_set(common))
        check_filter(checking, common, -1);
    else if (!any)
        nta_check_none("filter");
}

void nta_check_interfaces(struct nta_checking *checking)
{
    const struct nta_daemon *daemon = checking->daemon;
    int link_types[NTA_CONFIG_MAX] = {0};

    if (daemon->config->capture.n_interfaces == 0)
        report_no_interface(checking);
    for (size_t i = 0; i < daemon->config->capture.n_interfaces; i++) {
        struct nta_err err = {0};
        char shown[64];

        link_types[i] = -1;
        int r = nta_capture_try(&daemon->sources[i], &link_types[i], &err);

        if (r == -ENODEV) /* beyond doubt, even where the name is a blank */
            (void)nta_err_prefix(&err, r, "\"%s\"",
                                 nta_text_escape_to(shown, sizeof(shown),
                                                    nta_span_of(daemon->sources[i].interface)));
        if (r < 0) /* it was tried, whoever tried it */
            nta_check_fault(checking, "interfaces", -EINVAL, err.text);
        else
            nta_check_fine("interfaces", "%s", daemon->interfaces[i]);
    }
    check_filters(checking, link_types);
}

/* ---- lists and geo ---- */

/** Lists alone, of this configuration; complaints about single lines go to `complaints`. */
static int load_lists(const struct nta_checking *checking, const struct nta_config *config,
                      struct nta_policy **ret_policy, struct nta_buf *complaints,
                      struct nta_err *err)
{
    const struct nta_policy_inputs inputs = {.config = config,
                                             .keep_dir = checking->daemon->keep_dir};
    int r = nta_policy_make(&inputs, ret_policy, complaints, err);

    if (r == 0 &&
        (*ret_policy)->trouble.text[0]) /* a start would go on with the copy, and say so */
        r = nta_err_set(err, -EINVAL, "%s", (*ret_policy)->trouble.text);
    return r;
}

/** The first that fails ends the loading, so each is loaded alone.  True: a fault was found. */
static bool find_bad_lists(struct nta_checking *checking, const struct nta_config *config)
{
    NTA_AUTO_FREE struct nta_config *one = malloc(sizeof(*one));
    bool found = false;

    for (size_t i = 0; one && i < config->blacklist.n_files; i++) {
        NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
        NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
        struct nta_err err = {0};

        *one = *config; /* borrows all texts */
        one->blacklist.files[0] = config->blacklist.files[i];
        one->blacklist.n_files = 1;
        one->blacklist.shared = NULL;
        one->blacklist.compiled = false;
        int r = load_lists(checking, one, &policy, &complaints, &err);

        if (r < 0)
            nta_check_fault(checking, "lists", r, err.text);
        found = found || r < 0;
    }
    return found;
}

/**
 * Names that nobody has: without users.conf such a list is for nobody, or an exclusion excludes
 * nobody.
 */
static void note_names(const struct nta_config_list *list, const char *key,
                       const struct nta_whom_set *set)
{
    char path[256], text[NTA_WHOM_NAME_SIZE + 16], shown[256];

    for (size_t i = 0; i < set->n; i++) {
        if (set->items[i].kind != NTA_WHOM_DEPARTMENT && set->items[i].kind != NTA_WHOM_PERSON)
            continue;
        nta_prose_print(stdout,
                        "%-14s %s: %s = \"%s\" has no effect: no file in who.users says who is of "
                        "which %s\n",
                        "lists", nta_text_escape_to(path, sizeof(path), nta_span_of(list->path)),
                        key,
                        nta_text_escape_to(shown, sizeof(shown),
                                           nta_span_of(nta_whom_text(&set->items[i], text))),
                        nta_whom_word(set->items[i].kind));
    }
}

static void note_whom(const struct nta_config *config)
{
    for (size_t i = 0; i < config->blacklist.n_files && !is_set(config->who.users); i++) {
        const struct nta_config_list *list = &config->blacklist.files[i];

        note_names(list, "for", &list->only_for);
        note_names(list, "not_for", &list->not_for);
    }
}

void nta_check_lists(struct nta_checking *checking)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO_FREE struct nta_config *config = malloc(sizeof(*config));
    struct nta_err err = {0};

    if (!config) {
        nta_check_fault(checking, "lists", -ENOMEM, "no memory");
        return;
    }
    *config = *checking->daemon->config; /* borrows all texts */
    config->geo.n_databases = 0;
    config->network.sites = NULL;
    int r = load_lists(checking, config, &policy, &complaints, &err);

    if (complaints.len)
        (void)nta_prose_write(stdout, nta_buf_span(&complaints));
    if (r == 0)
        nta_daemon_log_policy(policy);
    if (r < 0 && !find_bad_lists(checking, config))
        nta_check_fault(checking, "lists", r, err.text);
    note_whom(config);
    if (r == 0 && config->blacklist.n_files == 0)
        nta_check_none("lists");
    else if (r == 0)
        nta_check_fine("lists", "%zu of them", config->blacklist.n_files);
}

static unsigned check_geo_part(struct nta_checking *checking, const char *const *paths, size_t n,
                               const char *sites)
{
    NTA_AUTO(nta_geo_free) struct nta_geo *geo = NULL;
    struct nta_err err = {0};
    int r = nta_geo_open(paths, n, sites, &geo, &err);

    if (r < 0)
        nta_check_fault(checking, sites ? "sites" : "geo", r, err.text);
    return r < 0;
}

void nta_check_geo(struct nta_checking *checking)
{
    const struct nta_config *config = checking->daemon->config;
    unsigned n_bad = 0;

    for (size_t i = 0; i < config->geo.n_databases; i++)
        n_bad += check_geo_part(checking, (const char *const *)&config->geo.databases[i], 1, NULL);
    if (config->geo.n_databases == 0)
        nta_check_none("geo");
    else if (n_bad == 0)
        nta_check_fine("geo", "%zu databases", config->geo.n_databases);
    if (!is_set(config->network.sites))
        nta_check_none("sites");
    else if (check_geo_part(checking, NULL, 0, config->network.sites) == 0)
        nta_check_fine("sites", "%s", config->network.sites);
}

/* ---- memory ---- */

void nta_check_memory(struct nta_checking *checking)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_bounds bounds;
    struct nta_err err = {0};
    int r = nta_pipeline_bounds_for(checking->daemon->config, &bounds, &err);

    if (r < 0) {
        nta_check_fault(checking, "memory", r, err.text);
        return;
    }
    nta_memory_put_sum(&text, &bounds);
    for (unsigned i = 0; i < NTA_N_BOUNDS_ROWS; i++)
        nta_buf_printf(&text, "%s%s %llu", i ? ", " : ": ", nta_bounds_row_name(i),
                       (unsigned long long)bounds.bytes[i] >> 20);
    if (bounds.share < 1) {
        nta_buf_puts(&text, "; smaller than configured: ");
        nta_memory_put_smaller(&text, &bounds);
    }
    if (!text.failed)
        nta_check_fine("memory", "%.*s", (int)text.len, (const char *)text.ptr);
}

/* ---- keys ---- */

struct keys_found
{
    struct nta_checking *checking;
    unsigned n_faults;
    bool is_missing;
};

static void on_key_fault(void *owner, int fault, const char *sentence)
{
    struct keys_found *found = owner;

    found->n_faults++;
    found->is_missing = found->is_missing || fault == -ENOENT;
    nta_check_fault(found->checking, "keys", fault, sentence);
}

/** What a start would say of the key that signs. */
static void check_signing(struct nta_checking *checking, const struct nta_keys_place *place)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sentence = {0};
    struct nta_key_state state;
    struct nta_err err = {0};
    int r = nta_key_state_look(place, checking->daemon->store_path, &state, &err);

    if (r < 0) {
        nta_check_fault(checking, "signing key", r, err.text);
        return;
    }
    nta_key_state_put(&state, &sentence);
    nta_buf_put_u8(&sentence, '\0');
    if (nta_key_state_is_bad(&state) && !sentence.failed)
        nta_check_fault(checking, "signing key", -EKEYREVOKED, (const char *)sentence.ptr);
}

void nta_check_keys(struct nta_checking *checking)
{
    const struct nta_daemon *daemon = checking->daemon;
    const struct nta_keys_place place = {daemon->keys_dir, daemon->state_dir};
    struct keys_found found = {.checking = checking};
    char path[NTAD_PATH_SIZE], shown[256];

    const bool is_open = nta_keys_check(&place, on_key_fault, &found);

    if (found.n_faults == 0)
        nta_check_fine("keys", "%s, %s", daemon->keys_dir, daemon->state_dir);
    if (!is_open)
        nta_prose_print(stdout,
                        "%-14s state.key is sealed for the service (state.cred): it, and what is "
                        "sealed under it, can be read by the service only, and was not looked at\n",
                        "");
    if (found.n_faults == 0)
        check_signing(checking, &place);
    if (nta_daemon_find_identity(daemon, path))
        nta_prose_print(stdout,
                        "%-14s the identity's secret is on this machine, keep it elsewhere: %s\n",
                        "", nta_text_escape_to(shown, sizeof(shown), nta_span_of(path)));
    if (found.is_missing)
        nta_prose_print(stdout, "%-14s nta keys init makes what is missing\n", "");
}
