/* SPDX-License-Identifier: Apache-2.0 */
#include "search/stores.h"

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

/**
 * MySQL, then the journal.  While that is done, the shipper copies batches from one to the other and makes the journal
 * forget them: so the journal is frozen, and MySQL looked at again, before the journal's turn.  Whatever was forgotten
 * before the freeze is in MySQL then; whatever was not is in what was frozen.  The marks keep either from being told
 * twice.
 */
static int each_of_both(struct nta_stores *stores, const struct nta_store_query *query,
                        nta_store_each_fn *each, void *owner, struct nta_err *err)
{
    int r = nta_store_each(stores->mysql, query, each, owner, err);

    if (r != 0 || !stores->journal)
        return r;
    r = nta_store_freeze(stores->journal, err);
    if (r < 0)
        return r;
    r = nta_store_each(stores->mysql, query, each, owner, err);
    if (r == 0)
        r = nta_store_each(stores->journal, query, each, owner, err);
    nta_store_thaw(stores->journal);
    return r;
}

int nta_stores_each(struct nta_stores *stores, const struct nta_store_query *query,
                    nta_store_each_fn *each, void *owner, struct nta_err *err)
{
    NTA_AUTO(nta_store_marks_done) struct nta_store_marks marks = {0};
    struct nta_store_query marked = *query;

    if (!stores->mysql)
        return nta_store_each(stores->journal, query, each, owner, err);
    if (!marked.marks)
        marked.marks = &marks;
    return each_of_both(stores, &marked, each, owner, err);
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

static int unlock_one(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct unlocking *unlocking = owner;
    int r = key->faults ? -ENOKEY : nta_opener_add_key(unlocking->opener, &key->key, err);

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
