/* SPDX-License-Identifier: Apache-2.0 */
#include "search/stores.h"

#include "base/buf.h"
#include "base/own.h"
#include "config/config.h"
#include "config/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int join(const char *dir, const char *name, char room[NTA_PATH_SIZE], struct nta_err *err)
{
    int len = snprintf(room, NTA_PATH_SIZE, "%s/%s", dir, name);

    return len < 0 || len >= NTA_PATH_SIZE ? nta_err_sys(err, -ENAMETOOLONG, "%.200s", dir) : 0;
}

int nta_stores_paths(const char *dir, char ret_store[NTA_PATH_SIZE], char ret_keys[NTA_PATH_SIZE],
                     struct nta_err *err)
{
    int r = join(dir, "journal.db", ret_store, err);

    return r < 0 ? r : join(dir, "keys", ret_keys, err);
}

static int open_mysql(const struct nta_config *config, struct nta_stores *stores,
                      struct nta_err *err)
{
    char password[NTA_SECRET_SIZE];
    int r = nta_config_password(config, password, err);

    if (r < 0)
        return r;
    const struct nta_mysql_options mysql = {
        .hosts = config->mysql.hosts,
        .user = config->mysql.user,
        .password = password,
        .database = config->mysql.database,
        .tls_ca = config->mysql.tls_ca && config->mysql.tls_ca[0] ? config->mysql.tls_ca : NULL,
        .read_only = true,
    };

    r = nta_store_open_mysql(&mysql, &stores->mysql, err);
    explicit_bzero(password, sizeof(password));
    return r;
}

static int open_journal(const char *path, struct nta_stores *stores, struct nta_err *err)
{
    if (access(path, F_OK) < 0)
        return nta_err_set(err, -ENOENT, "%.300s: no records there", path);
    return nta_store_open_sqlite(path, false, &stores->journal, err);
}

int nta_stores_open(const char *dir, const char *config_path, struct nta_stores *ret_stores,
                    struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    struct nta_stores stores = {0};
    char path[NTA_PATH_SIZE], keys[NTA_PATH_SIZE];
    int r = 0;

    if (!dir)
        r = nta_config_load(config_path ? config_path : NTA_DEFAULT_CONFIG, &config, err);
    if (r == 0)
        r = nta_stores_paths(dir ? dir : config->store.dir, path, keys, err);
    if (r < 0)
        return r;
    if (config)
        r = nta_config_keys_dir(config, keys, sizeof(keys), err);
    if (r < 0)
        return r;
    memcpy(stores.keys_dir, keys, sizeof(keys));
    if (config && config->mysql.enabled)
        r = open_mysql(config, &stores, err);
    if (r == 0 && (!stores.mysql || access(path, F_OK) == 0))
        r = open_journal(path, &stores,
                         err); /* beside MySQL a journal may be missing: another machine */
    if (r < 0) {
        nta_stores_close(&stores);
        return r;
    }
    *ret_stores = stores;
    return 0;
}

void nta_stores_close(struct nta_stores *stores)
{
    nta_store_close(&stores->journal);
    nta_store_close(&stores->mysql);
}

/** The last batch of a sensor that MySQL gave. */
struct told
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number;
};

/** What was told from MySQL, so that the journal does not tell it again. */
struct relay
{
    nta_store_each_fn *each;
    void *owner;
    struct nta_buf
        told; ///< struct told each, in the order of the walk: the sensor at work stands last.
};

static struct told *find_told(const struct relay *relay, const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    struct told *told = (struct told *)(void *)relay->told.ptr;

    for (size_t i = relay->told.len / sizeof(*told); i > 0; i--) {
        if (memcmp(told[i - 1].sensor, sensor, sizeof(told->sensor)) == 0)
            return &told[i - 1];
    }
    return NULL;
}

static int note(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct relay *relay = owner;
    struct told *last = find_told(relay, batch->header.sensor);
    struct told fresh = {.number = batch->header.number};

    memcpy(fresh.sensor, batch->header.sensor, sizeof(fresh.sensor));
    if (last)
        *last = fresh;
    else
        nta_buf_put(&relay->told, &fresh, sizeof(fresh));
    if (relay->told.failed)
        return nta_err_sys(err, -ENOMEM, "list of sensors");
    return relay->each(relay->owner, batch, err);
}

/** A batch that was shipped but not yet forgotten is in both: it was told already. */
static int skip_told(void *owner, const struct nta_stored *batch, struct nta_err *err)
{
    struct relay *relay = owner;
    const struct told *last = find_told(relay, batch->header.sensor);

    if (last && batch->header.number <= last->number)
        return 0;
    return relay->each(relay->owner, batch, err);
}

int nta_stores_each(struct nta_stores *stores, const struct nta_store_query *query,
                    nta_store_each_fn *each, void *owner, struct nta_err *err)
{
    struct relay relay = {.each = each, .owner = owner};

    if (!stores->mysql)
        return nta_store_each(stores->journal, query, each, owner, err);
    int r = nta_store_each(stores->mysql, query, note, &relay, err);

    if (r == 0 && stores->journal)
        r = nta_store_each(stores->journal, query, skip_told, &relay, err);
    nta_buf_done(&relay.told);
    return r;
}

int nta_stores_count(struct nta_stores *stores, const struct nta_store_query *query,
                     uint64_t *ret_n_batches, struct nta_err *err)
{
    struct nta_store *all[] = {stores->mysql, stores->journal};
    uint64_t sum = 0, n = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(all); i++) {
        int r = all[i] ? nta_store_count(all[i], query, &n, err) : 0;

        if (r < 0)
            return r;
        sum += all[i] ? n : 0;
    }
    *ret_n_batches = sum;
    return 0;
}

struct unlocking
{
    struct nta_opener *opener;
    size_t n_foreign;
};

static int unlock_one(void *owner, const struct nta_wrapped_key *key, struct nta_err *err)
{
    struct unlocking *unlocking = owner;
    int r = nta_opener_add_key(unlocking->opener, key, err);

    if (r == -ENOKEY) {
        unlocking->n_foreign++;
        return 0;
    }
    return r;
}

int nta_stores_unlock(struct nta_stores *stores, struct nta_opener *opener, size_t *ret_n_foreign,
                      struct nta_err *err)
{
    struct unlocking unlocking = {.opener = opener};
    int r = stores->mysql ? nta_store_each_key(stores->mysql, unlock_one, &unlocking, err) : 0;

    if (r == 0 && stores->journal)
        r = nta_store_each_key(stores->journal, unlock_one, &unlocking, err);
    *ret_n_foreign = unlocking.n_foreign;
    return r;
}
