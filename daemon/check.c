/* SPDX-License-Identifier: Apache-2.0 */
/* ntad --check: everything a start needs is tried, nothing is run; and the preparation that both share. */
#include "base/own.h"
#include "base/text.h"
#include "config/secret.h"
#include "ntad.h"
#include "vault/vault.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int prepare_mysql(struct nta_daemon *daemon, struct nta_err *err)
{
    const struct nta_config *config = daemon->config;
    uint8_t public_key[NTA_KEY_LEN];
    int r;

    static_assert(sizeof(daemon->password) >= NTA_SECRET_SIZE, "room for the password");
    if (!config->mysql.enabled)
        return 0;
    r = nta_config_password(config, daemon->password, err);
    if (r < 0)
        return r;
    r = nta_keys_sensor_public(daemon->keys_dir, public_key, err);
    if (r < 0)
        return r;
    nta_sensor_id(public_key, daemon->mysql.sensor);
    daemon->mysql.journal_path = daemon->store_path;
    daemon->mysql.mysql = (struct nta_mysql_options){
        .hosts = config->mysql.hosts,
        .user = config->mysql.user,
        .password = daemon->password,
        .database = config->mysql.database,
        .tls_ca = config->mysql.tls_ca && config->mysql.tls_ca[0] ? config->mysql.tls_ca : NULL,
    };
    return 0;
}

static void prepare_sources(struct nta_daemon *daemon)
{
    const struct nta_config *config = daemon->config;

    for (size_t i = 0; i < config->capture.n_interfaces; i++) {
        daemon->sources[i] = (struct nta_capture_options){
            .interface = config->capture.interfaces[i],
            .filter =
                config->capture.filter && config->capture.filter[0] ? config->capture.filter : NULL,
            .snap_len = (uint32_t)config->capture.snap_len,
            .buffer_bytes = config->capture.buffer_bytes,
            .promiscuous = config->capture.promiscuous,
        };
    }
}

int nta_daemon_prepare(struct nta_daemon *daemon, struct nta_err *err)
{
    const char *dir = daemon->config->store.dir;
    int len = snprintf(daemon->store_path, sizeof(daemon->store_path), "%s/journal.db", dir);

    if (len < 0 || (size_t)len >= sizeof(daemon->store_path))
        return nta_err_sys(err, -ENAMETOOLONG, "store.directory");
    len = snprintf(daemon->keep_dir, sizeof(daemon->keep_dir), "%s/lists", dir);
    if (len < 0 || (size_t)len >= sizeof(daemon->keep_dir))
        return nta_err_sys(err, -ENAMETOOLONG, "store.directory");
    int r = nta_config_keys_dir(daemon->config, daemon->keys_dir, sizeof(daemon->keys_dir), err);

    if (r < 0)
        return r;
    prepare_sources(daemon);
    return prepare_mysql(daemon, err);
}

/* ---- the checks, a row each ---- */

static int check_interfaces(struct nta_daemon *daemon, struct nta_err *err)
{
    char path[128];

    if (daemon->config->capture.n_interfaces == 0)
        return nta_err_set(err, -EINVAL, "capture.interfaces names no interface");
    for (size_t i = 0; i < daemon->config->capture.n_interfaces; i++) {
        const char *name = daemon->config->capture.interfaces[i];

        (void)snprintf(path, sizeof(path), "/sys/class/net/%.64s", name);
        if (strcmp(name, "any") != 0 && (strchr(name, '/') || access(path, F_OK) < 0))
            return nta_err_set(err, -ENODEV, "there is no interface \"%.64s\"", name);
    }
    return 0;
}

static int check_filter(struct nta_daemon *daemon, struct nta_err *err)
{
    const char *filter = daemon->config->capture.filter;

    return filter && filter[0] ? nta_capture_check_filter(filter, err) : 0;
}

static int check_policy(struct nta_daemon *daemon, struct nta_err *err)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    const struct nta_policy_inputs inputs = {.config = daemon->config,
                                             .keep_dir = daemon->keep_dir};
    int r = nta_policy_make(&inputs, &policy, &complaints, err);

    if (complaints.len)
        (void)fwrite(complaints.ptr, 1, complaints.len, stdout);
    if (r == 0)
        nta_daemon_log_policy(policy);
    if (r == 0 && policy->trouble.text[0]) /* a start would go on with the copy, and say so */
        return nta_err_set(err, -EINVAL, "%s", policy->trouble.text);
    return r;
}

static int check_keys(struct nta_daemon *daemon, struct nta_err *err)
{
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = NULL;
    int r = nta_sealer_new(daemon->keys_dir, &sealer, err);

    return r < 0 ? nta_err_prefix(err, r, "keys (nta keys init makes them)") : 0;
}

static int check_store(struct nta_daemon *daemon, struct nta_err *err)
{
    if (access(daemon->config->store.dir, W_OK | X_OK) < 0)
        return nta_err_sys(err, -errno, "store.directory %.200s", daemon->config->store.dir);
    return 0;
}

static int check_mysql(struct nta_daemon *daemon, struct nta_err *err)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;

    return daemon->config->mysql.enabled ? nta_store_open_mysql(&daemon->mysql.mysql, &store, err)
                                         : 0;
}

static const struct
{
    const char *name;
    int (*check)(struct nta_daemon *daemon, struct nta_err *err);
} checks[] = {
    {"interfaces", check_interfaces}, {"filter", check_filter},
    {"lists and geo", check_policy},  {"keys", check_keys},
    {"store", check_store},           {"mysql", check_mysql},
};

int nta_daemon_check(struct nta_daemon *daemon)
{
    struct nta_err err = {0};
    int n_wrong = 0;

    (void)printf("%-14s %s\n", "configuration", daemon->config_path);
    if (nta_daemon_prepare(daemon, &err) < 0) {
        (void)printf("%-14s WRONG: %s\n", "preparation", err.text);
        n_wrong++;
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(checks); i++) {
        err.text[0] = '\0';
        bool fine = checks[i].check(daemon, &err) == 0;

        n_wrong += !fine;
        (void)printf("%-14s %s%s\n", checks[i].name, fine ? "fine" : "WRONG: ", err.text);
    }
    return n_wrong ? 1 : 0;
}
