/* SPDX-License-Identifier: Apache-2.0 */
/* What a start and --check have in common: paths, sources and MySQL out of the configuration. */
#include "base/file/path.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "config/secret.h"
#include "ntad.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum
{
    CA_MAX_BYTES = 16 << 20
};

/** A library reads it, which would wait for a FIFO. */
static int check_ca(const char *path, struct nta_err *err)
{
    int fd = nta_plainfile_open(path, CA_MAX_BYTES, 0, err);

    if (fd < 0)
        return nta_err_prefix(err, fd, "mysql.tls_ca");
    (void)close(fd);
    return 0;
}

int nta_daemon_prepare_server(struct nta_daemon *daemon, struct nta_err *err)
{
    const struct nta_config *config = daemon->config;
    bool has_ca = config->mysql.tls_ca && config->mysql.tls_ca[0];

    static_assert(sizeof(daemon->password) >= NTA_SECRET_SIZE, "space for the password");
    int r = nta_config_password(config, daemon->password, err);

    if (r == 0 && has_ca)
        r = check_ca(config->mysql.tls_ca, err);
    if (r < 0)
        return r;
    daemon->mysql.mysql = (struct nta_mysql_options){
        .hosts = config->mysql.hosts,
        .user = config->mysql.user,
        .password = daemon->password,
        .database = config->mysql.database,
        .tls_ca = has_ca ? config->mysql.tls_ca : NULL,
        .in_clear = strcmp(config->mysql.tls, "off") == 0,
        .password_now = nta_config_password_now,
        .password_owner = config,
    };
    daemon->retention = daemon->mysql.mysql;
    if (!nta_config_has_retention_user(config))
        return 0;
    daemon->retention.user = config->mysql.retention_user;
    daemon->retention.password = daemon->retention_password;
    daemon->retention.password_now = nta_config_retention_password_now;
    return nta_config_retention_password(config, daemon->retention_password, err);
}

static int prepare_mysql(struct nta_daemon *daemon, struct nta_err *err)
{
    daemon->mysql.journal_path = daemon->store_path; /* whose it is the pipeline knows */
    return nta_daemon_prepare_server(daemon, err);
}

const char *nta_daemon_find_identity(const struct nta_daemon *daemon, char buf[NTAD_PATH_SIZE])
{
    const char *dir = daemon->config->store.dir;
    size_t len_dir = strlen(dir);

    while (len_dir > 1 && dir[len_dir - 1] == '/') /* else "-identity" would be in it, not beside */
        len_dir--;

    const struct
    {
        const char *base;
        size_t len;
        const char *rest;
    } places[] = {
        {daemon->keys_dir, strlen(daemon->keys_dir), "/sensor.key"},
        {dir, len_dir, "/keys/sensor.key"},     /* of which systemd hands over copies */
        {dir, len_dir, "-identity/sensor.key"}, /* where ntad-keys.service puts it to be taken */
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(places); i++) {
        int len = snprintf(buf, NTAD_PATH_SIZE, "%.*s%s", (int)places[i].len, places[i].base,
                           places[i].rest);

        if (len > 0 && len < NTAD_PATH_SIZE && access(buf, F_OK) == 0)
            return buf;
    }
    return NULL;
}

static int prepare_sources(struct nta_daemon *daemon, struct nta_err *err)
{
    const struct nta_config *config = daemon->config;

    for (size_t i = 0; i < config->capture.n_interfaces; i++) {
        const char *filter;
        int r = nta_config_get_interface(config, i, daemon->interfaces[i], &filter, err);

        if (r < 0)
            return r;
        daemon->sources[i] = (struct nta_capture_options){
            .interface = daemon->interfaces[i],
            .filter = filter,
            .snap_len = (uint32_t)config->capture.snap_len,
            .buffer_bytes = config->capture.buffer_bytes,
            .promiscuous = config->capture.promiscuous,
            .waits = true,
        };
    }
    return 0;
}

int nta_daemon_prepare_paths(struct nta_daemon *daemon, struct nta_err *err)
{
    const char *dir = daemon->config->store.dir;

    if (!nta_path_join(dir, "journal.db", daemon->store_path, sizeof(daemon->store_path)) ||
        !nta_path_join(dir, "state", daemon->state_dir, sizeof(daemon->state_dir)) ||
        !nta_path_join(dir, "lists", daemon->keep_dir, sizeof(daemon->keep_dir)) ||
        !nta_path_join(dir, "lists/history", daemon->history_dir, sizeof(daemon->history_dir)))
        return nta_err_sys(err, -ENAMETOOLONG, "store.directory");
    int r = nta_config_keys_dir(daemon->config, daemon->keys_dir, sizeof(daemon->keys_dir), err);

    return r == 0 ? prepare_sources(daemon, err) : r;
}

int nta_daemon_prepare(struct nta_daemon *daemon, struct nta_err *err)
{
    int r = nta_daemon_prepare_paths(daemon, err);

    return r == 0 && daemon->config->mysql.enabled ? prepare_mysql(daemon, err) : r;
}
