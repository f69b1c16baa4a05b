/* SPDX-License-Identifier: Apache-2.0 */
#include "search/stores.h"

#include "base/file/path.h"
#include "base/hash.h"
#include "base/own.h"
#include "config/config.h"
#include "config/secret.h"
#include "store/headfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int join(const char *dir, const char *name, char buf[NTA_PATH_SIZE], struct nta_err *err)
{
    return nta_path_join(dir, name, buf, NTA_PATH_SIZE)
               ? 0
               : nta_err_sys(err, -ENAMETOOLONG, "%.200s", dir);
}

int nta_stores_paths(const char *dir, char ret_store[NTA_PATH_SIZE], char ret_keys[NTA_PATH_SIZE],
                     struct nta_err *err)
{
    int r = join(dir, "journal.db", ret_store, err);

    return r < 0 ? r : join(dir, "keys", ret_keys, err);
}

int nta_stores_mysql(const struct nta_config *config, char password[NTA_SECRET_SIZE],
                     struct nta_mysql_options *ret_options, struct nta_err *err)
{
    int r = nta_config_password(config, password, err);

    if (r < 0)
        return r;
    *ret_options = (struct nta_mysql_options){
        .hosts = config->mysql.hosts,
        .user = config->mysql.user,
        .password = password,
        .database = config->mysql.database,
        .tls_ca = config->mysql.tls_ca && config->mysql.tls_ca[0] ? config->mysql.tls_ca : NULL,
        .in_clear = strcmp(config->mysql.tls, "off") == 0,
        .password_now = nta_config_password_now,
        .password_owner = config,
    };
    return 0;
}

int nta_stores_retention(const struct nta_config *config, const struct nta_mysql_options *mysql,
                         char password[NTA_SECRET_SIZE], struct nta_mysql_options *ret_options,
                         struct nta_err *err)
{
    *ret_options = *mysql;
    if (!nta_config_has_retention_user(config))
        return 0;
    ret_options->user = config->mysql.retention_user;
    ret_options->password = password;
    ret_options->password_now = nta_config_retention_password_now;
    return nta_config_retention_password(config, password, err);
}

static int open_mysql(const struct nta_config *config, struct nta_stores *stores,
                      struct nta_err *err)
{
    char password[NTA_SECRET_SIZE];
    struct nta_mysql_options mysql;
    int r = nta_stores_mysql(config, password, &mysql, err);

    if (r == 0) {
        mysql.read_only = true;
        r = nta_store_open_mysql(&mysql, &stores->mysql, err);
    }
    explicit_bzero(password, sizeof(password));
    return r;
}

/** Without a chain nobody's key is known. */
static const uint8_t *find_none(const void *owner, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    (void)owner;
    (void)sensor;
    return NULL;
}

/**
 * There are no records at `path`; where its sensor's state file lies beside it, there were.
 * -ENOENT with what `err` says already; -ENODATA.
 */
static int tell_lost(const char *path, struct nta_err *err)
{
    struct nta_headfile_seen seen;

    if (nta_headfile_check(path, find_none, NULL, &seen, NULL) == -ENOENT)
        return -ENOENT;
    return nta_err_set(err, -ENODATA,
                       "%.300s holds nothing, but the state file beside it tells of records: the "
                       "journal was removed or emptied",
                       path);
}

/** "Permission denied" is not "no records". */
static int open_journal(const char *path, struct nta_stores *stores, struct nta_err *err)
{
    int r;

    if (access(path, F_OK) < 0 && errno == ENOENT)
        r = nta_err_set(err, -ENOENT, "%.300s: no records there; another folder? (--store DIR)",
                        path);
    else if (access(path, R_OK) < 0)
        r = nta_err_sys(err, -errno, "%.300s", path);
    else
        r = nta_store_open_sqlite(path, false, &stores->journal, err);
    return r == -ENOENT ? tell_lost(path, err) : r;
}

/**
 * A server that cannot be asked, or lets us not in, leaves the journal; one that is not ours is a
 * fault.
 */
static int try_mysql(const struct nta_config *config, struct nta_stores *stores,
                     struct nta_err *err)
{
    int r = open_mysql(config, stores, err);

    if (r < 0 && r != -EPROTO && r != -ENOMEM) {
        stores->is_partial = true;
        stores->is_refused = r != -ENOTCONN;
        (void)snprintf(stores->unseen, sizeof(stores->unseen), "%s", err->text);
        return 0;
    }
    return r;
}

/** One of two stores has no tables of ours: that is a finding, and the other one is read. */
static void pass_refused(struct nta_stores *stores, const struct nta_err *err)
{
    const struct nta_finding_at nowhere = {.number = 0};

    nta_findings_add(stores->findings, NTA_FINDING_TABLE, &nowhere, err->text);
}

static int open_both(const struct nta_config *config, const char *path, struct nta_stores *stores,
                     struct nta_err *err)
{
    struct nta_err mysql_err = {0};
    int mysql_r = config && config->mysql.enabled ? try_mysql(config, stores, &mysql_err) : 0;
    int r = mysql_r == 0 || mysql_r == -EPROTO ? open_journal(path, stores, err) : mysql_r;

    if (mysql_r < 0 && (mysql_r != -EPROTO || r < 0))
        return nta_err_set(err, mysql_r, "%s", mysql_err.text);
    if (mysql_r == -EPROTO)
        pass_refused(stores, &mysql_err);
    if (r == -EPROTO && stores->mysql) {
        pass_refused(stores, err);
        return 0;
    }
    if ((r == -ENOENT || r == -ENODATA) && stores->mysql)
        return 0; /* beside MySQL a journal may be missing: another machine */
    if (r == -ENOENT && stores->is_partial)
        return nta_err_set(err, -ENOTCONN, "%s", stores->unseen);
    return r;
}

/* ---- whose signatures count ---- */

static int trust_given(struct nta_stores *stores, const struct nta_stores_options *options,
                       struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < options->n_keys && r == 0; i++) {
        struct nta_trusted trusted = {.is_given = true};

        r = nta_keys_parse_sensor(options->keys[i], trusted.public_key, err);
        if (r == 0)
            r = nta_trust_add(&stores->trust, &trusted, err);
        if (r == -EEXIST) /* said twice */
            r = 0;
        if (r < 0)
            return nta_err_prefix(err, r, "--key");
    }
    return r;
}

/**
 * sensors.pub, or where there is none, the sensor of this machine; without either nobody is
 * trusted.
 */
static int trust_folder(struct nta_stores *stores, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_trusted local = {.name = "local"};
    int r = nta_keys_sensors(stores->keys_dir, &text, err);

    if (r == 0)
        return nta_trust_parse(&stores->trust, nta_buf_span(&text), "sensors.pub", err);
    if (r == -ENOENT)
        r = nta_keys_sensor_public(stores->keys_dir, local.public_key, err);
    if (r == 0)
        return nta_trust_add(&stores->trust, &local, err);
    return r == -ENOENT ? 0 : r;
}

/** What is refused here was written into files, and not said on the command line. */
static int of_file(int r)
{
    return r == -EINVAL ? -EUCLEAN : r;
}

static int find_places(const struct nta_stores_options *options, struct nta_config **ret_config,
                       char path[NTA_PATH_SIZE], char keys[NTA_PATH_SIZE], struct nta_err *err)
{
    struct stat st;
    int r = 0;

    if (options->dir && stat(options->dir, &st) == 0 && !S_ISDIR(st.st_mode))
        return nta_err_set(err, -ENOTDIR, "--store %.300s: not a folder; name the one it lies in",
                           options->dir);
    if (!options->dir)
        r = of_file(nta_config_load(options->config ? options->config : NTA_DEFAULT_CONFIG,
                                    ret_config, err));
    if (r == -ENOENT && !options->config) {
        char previous[NTA_ERR_SIZE];

        (void)snprintf(previous, sizeof(previous), "%s", err->text);
        return nta_err_set(err, r, "%.400s: no ntad is set up here; --store DIR names a store",
                           previous);
    }
    if (r == 0)
        r = nta_stores_paths(options->dir ? options->dir : (*ret_config)->store.dir, path, keys,
                             err);
    return r == 0 && *ret_config ? nta_config_keys_dir(*ret_config, keys, NTA_PATH_SIZE, err) : r;
}

static int find(const struct nta_stores_options *options, struct nta_config **ret_config,
                struct nta_stores *stores, struct nta_err *err)
{
    *stores = (struct nta_stores){
        .findings = nta_findings_new(),
        .wrapped = nta_wrapped_keys_new(),
        .unverified = options->unverified,
    };
    int r = find_places(options, ret_config, stores->path, stores->keys_dir, err);

    stores->has_mysql = *ret_config && (*ret_config)->mysql.enabled;
    if (r == 0 && (!stores->findings || !stores->wrapped))
        r = nta_err_sys(err, -ENOMEM, "search");
    if (r == 0)
        r = options->n_keys ? trust_given(stores, options, err)
                            : of_file(trust_folder(stores, err));
    return r;
}

int nta_stores_find(const struct nta_stores_options *options, struct nta_stores *ret_stores,
                    struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    int r = find(options, &config, &stores, err);

    if (r < 0)
        return r;
    *ret_stores = stores;
    stores = (struct nta_stores){.journal = NULL};
    return 0;
}

/** A copy is another store, and so is one that was put back. */
static int identify(const struct nta_config *config, struct nta_stores *stores, struct nta_err *err)
{
    static const struct nta_hash_key plain; /* nobody gains by two that are alike */
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct statx st;

    /* with the time when it was made, since numbers of files are used again */
    if (statx(AT_FDCWD, stores->path, 0, STATX_INO | STATX_BTIME, &st) == 0)
        nta_buf_printf(&text, "%u:%u:%llu:%lld.%u", st.stx_dev_major, st.stx_dev_minor,
                       (unsigned long long)st.stx_ino, (long long)st.stx_btime.tv_sec,
                       st.stx_btime.tv_nsec);
    if (config && config->mysql.enabled)
        nta_buf_printf(&text, " %s %s", config->mysql.hosts, config->mysql.database);
    stores->id = nta_hash_bytes(&plain, text.ptr, text.len);
    return text.failed ? nta_err_sys(err, -ENOMEM, "search") : 0;
}

int nta_stores_open(const struct nta_stores_options *options, struct nta_stores *ret_stores,
                    struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    int r = find(options, &config, &stores, err);

    if (r == 0)
        r = of_file(open_both(config, stores.path, &stores, err));
    if (r == 0)
        r = identify(config, &stores, err);
    if (r < 0)
        return r;
    *ret_stores = stores;
    stores = (struct nta_stores){.journal = NULL};
    return 0;
}

void nta_stores_close(struct nta_stores *stores)
{
    nta_store_close(&stores->journal);
    nta_store_close(&stores->mysql);
    nta_trust_done(&stores->trust);
    nta_findings_free(&stores->findings);
    nta_wrapped_keys_free(&stores->wrapped);
}

static const uint8_t *find_key(const void *owner, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    return nta_chain_checkpoint_key(owner, sensor);
}

int nta_stores_check_state(struct nta_stores *stores, struct nta_chain *chain, struct nta_err *err)
{
    const struct nta_finding_at nowhere = {.number = 0};
    struct nta_headfile_seen seen;
    struct nta_err trouble = {0};

    if (!stores->journal || nta_store_format(stores->journal) == 1)
        return 0;
    int r = nta_headfile_check(stores->path, find_key, chain, &seen, &trouble);

    stores->lacks_state = r == -ENOENT;
    if (r == -ENOENT)
        return 0;
    if (r < 0) {
        nta_findings_add(stores->findings, NTA_FINDING_STATE, &nowhere, trouble.text);
        return 0;
    }
    const struct nta_store_head *head = &seen.file.place.head;

    r = nta_chain_expect(chain, NTA_FINDING_STATE, seen.sensor,
                         &(struct nta_expected){head->number, head->hash, seen.root});
    return r < 0 ? nta_err_sys(err, r, "chain") : 0;
}

int nta_stores_count(struct nta_stores *stores, const struct nta_store_query *query,
                     uint64_t *ret_n_batches, struct nta_err *err)
{
    struct nta_store *all[] = {stores->mysql, stores->journal};
    uint64_t sum = 0, n = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(all); i++) {
        int r = all[i] ? nta_store_count(all[i], query, &n, err) : 0;

        if (r < 0 && r != -EAGAIN && r != -EIO) /* of those the walk says what is the matter */
            return r;
        sum += all[i] && r == 0 ? n : 0;
    }
    *ret_n_batches = sum;
    return 0;
}
